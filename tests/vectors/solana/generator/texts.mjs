// Sign-in texts, line by line as core/src/message/render.rs writes them (CAIP-122).

import { addressOf } from './curve.mjs';

// CAIP-2 references: the first 32 characters of the genesis hash of each cluster.
export const chains = {
  mainnet: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  devnet: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
  testnet: 'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z',
};

export function render(fields) {
  const lines = [
    `${fields.scheme ? `${fields.scheme}://` : ''}${fields.domain} wants you to sign in with your Solana account:`,
    fields.address,
    '',
    ...fields.statement === undefined ? [] : [fields.statement],
    '',
    `URI: ${fields.uri}`,
    'Version: 1',
    `Chain ID: ${fields.chainId}`,
    `Nonce: ${fields.nonce}`,
    `Issued At: ${fields.issuedAt}`,
  ];
  const optional = [
    ['Expiration Time', fields.expirationTime], ['Not Before', fields.notBefore], ['Request ID', fields.requestId],
  ];
  for (const [label, value] of optional) if (value !== undefined) lines.push(`${label}: ${value}`);
  if (fields.resources) lines.push('Resources:', ...fields.resources.map((uri) => `- ${uri}`));
  return lines.join('\n');
}

// The text that the server builds for a sign-in; `changes` are fields of it.
export function signInText(account, changes) {
  return render({
    domain: 'example.com',
    address: account.address ?? addressOf(account),
    statement: 'Sign in to example.com.',
    uri: 'https://example.com',
    chainId: 'mainnet',
    nonce: 'vK7dQ2mTzX4pLr9nBw3YhC',
    issuedAt: '2026-03-01T12:00:00.000Z',
    expirationTime: '2026-03-01T12:05:00.000Z',
    ...changes,
  });
}
