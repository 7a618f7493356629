// What is refused in place of a signature or an address of Solana.

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

export const forgeries = [
  ['its S with the order of the group added', plusOrder],
  ['its first 63 bytes', (signature) => signature.slice(0, 126)],
  ['a byte after it', (signature) => `${signature}00`],
  ['R and S swapped', (signature) => signature.slice(64) + signature.slice(0, 64)],
  ['a bit of it flipped', flipped],
  ['zeros', () => '00'.repeat(64)],
  ['no byte', () => '0x'],
];

// Addresses that no wallet signs in with, and why.
export const keylessAddresses = [
  ['of the system program, which is of order 4', '11111111111111111111111111111111'],
  ['of the vote program, which is off the curve', 'Vote111111111111111111111111111111111111111'],
  ['in the second encoding of its point', 'JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG'],
];

export const badSpellings = [
  ['with 0, which is not of the alphabet', (address) => `${address.slice(0, 9)}0${address.slice(10)}`],
  ['with a space after it', (address) => `${address} `],
  ['with a 1 before it', (address) => `1${address}`],
  ['without its last two characters', (address) => address.slice(0, -2)],
  ['with its chain before it', (address) => `solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:${address}`],
];

function plusOrder(signature) {
  const bytes = Buffer.from(signature, 'hex');
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32).toReversed()).toString('hex')}`) + ORDER;
  const digits = s.toString(16).padStart(64, '0');
  return signature.slice(0, 64) + Buffer.from(Buffer.from(digits, 'hex').toReversed()).toString('hex');
}

function flipped(signature) {
  const bytes = Buffer.from(signature, 'hex');
  bytes[40] ^= 1;
  return bytes.toString('hex');
}
