// Sign-in texts, line by line as core/src/message/render.rs writes them (CAIP-122).

export function signInText({ address, chain }, changes = {}) {
  const fields = {
    domain: 'example.com', statement: 'Sign in to example.com.', uri: 'https://example.com',
    nonce: 'vK7dQ2mTzX4pLr9nBw3YhC', ...changes,
  };
  return [
    `${fields.domain} wants you to sign in with your Bitcoin account:`,
    address,
    '',
    fields.statement,
    '',
    `URI: ${fields.uri}`,
    'Version: 1',
    `Chain ID: ${chain.split(':')[1]}`,
    `Nonce: ${fields.nonce}`,
    'Issued At: 2026-03-01T12:00:00.000Z',
    'Expiration Time: 2026-03-01T12:05:00.000Z',
  ].join('\n');
}
