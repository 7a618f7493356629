// Sign-in texts, line by line as core/src/message/render.rs writes them (CAIP-122).

export function signInText({ address, reference }, changes = {}) {
  const fields = { domain: 'example.com', nonce: 'vK7dQ2mTzX4pLr9nBw3YhC', ...changes };
  return [
    `${fields.domain} wants you to sign in with your Cosmos account:`,
    address,
    '',
    `Sign in to ${fields.domain}.`,
    '',
    `URI: https://${fields.domain}`,
    'Version: 1',
    `Chain ID: ${reference}`,
    `Nonce: ${fields.nonce}`,
    'Issued At: 2026-03-01T12:00:00.000Z',
    'Expiration Time: 2026-03-01T12:05:00.000Z',
  ].join('\n');
}
