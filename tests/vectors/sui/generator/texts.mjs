// Sign-in texts, line by line as core/src/message/render.rs writes them (CAIP-122).

export const networks = ['mainnet', 'testnet', 'devnet', '35834a8a', '4c78adac'];

export function render(fields) {
  const lines = [
    `${fields.scheme ? `${fields.scheme}://` : ''}${fields.domain} wants you to sign in with your Sui account:`,
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
export function signInText({ address }, changes) {
  return render({
    domain: 'example.com',
    address,
    statement: 'Sign in to example.com.',
    uri: 'https://example.com',
    chainId: 'mainnet',
    nonce: 'vK7dQ2mTzX4pLr9nBw3YhC',
    issuedAt: '2026-03-01T12:00:00.000Z',
    expirationTime: '2026-03-01T12:05:00.000Z',
    ...changes,
  });
}
