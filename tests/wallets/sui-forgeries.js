// What is refused in place of a signature or an address of Sui. A signature is flag, 64 bytes, public key, in hex.

const ORDERS = {
  ed25519: 2n ** 252n + 27742317777372353535851937790883648493n,
  secp256k1: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  secp256r1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
};

// Each makes another hex of the one it is given; of the scheme if it says so.
export function forgeriesOf(keyType) {
  return keyType === 'ed25519' ? [...forgeries, ...ofEd25519] : [...forgeries, ...ofEcdsa(keyType)];
}

const forgeries = [
  ['all but its last byte', (signature) => signature.slice(0, -2)],
  ['a byte after it', (signature) => `${signature}00`],
  ['its 64 bytes alone', (signature) => signature.slice(2, 130)],
  ['no key in it', (signature) => signature.slice(0, 130)],
  ['its flag missing', (signature) => signature.slice(2)],
  ['its halves swapped', swapped],
  ['a bit of it flipped', (signature) => flipped(signature, 40)],
  ['a bit of its key flipped', (signature) => flipped(signature, 80)],
  ['zeros', (signature) => '0'.repeat(signature.length)],
  ['zeros between its flag and its key', (signature) => signature.slice(0, 2) + '0'.repeat(128) + signature.slice(130)],
  ['no byte', () => '0x'],
  ['the hex of its Base64', (signature) => Buffer.from(toBase64(signature)).toString('hex')],
  ['more bytes than any', (signature) => signature + '00'.repeat(4097)],
  ...['03', '04', '05', '06', '07', 'ff'].map((flag) => [`flag 0x${flag}`, (signature) => flag + signature.slice(2)]),
];

const ofEd25519 = [
  ['its S with the order of the group added', plusOrder],
  ['the flag of secp256k1', (signature) => `01${signature.slice(2)}`],
];

function ofEcdsa(keyType) {
  const other = keyType === 'secp256k1' ? '02' : '01';
  return [
    ['its s high', (signature) => withS(signature, digits(ORDERS[keyType] - BigInt(`0x${signature.slice(66, 130)}`)))],
    ['the flag of the other curve', (signature) => other + signature.slice(2)],
    ['the other y of its key', (signature) => flipped(signature, 65)],
  ];
}

// Addresses that no wallet signs in with, and why.
export const keylessAddresses = [
  ['that is zero', `0x${'0'.repeat(64)}`],
  ['of the framework', `0x${'2'.padStart(64, '0')}`],
  ['of the clock', `0x${'6'.padStart(64, '0')}`],
];

export const badSpellings = [
  ['without 0x', (address) => address.slice(2)],
  ['with 0X', (address) => `0X${address.slice(2)}`],
  ['with g, which is no hex digit', (address) => `${address.slice(0, 9)}g${address.slice(10)}`],
  ['with a space after it', (address) => `${address} `],
  ['with a digit more', (address) => `${address}0`],
  ['without its last byte', (address) => address.slice(0, -2)],
  ['in its short form', () => '0x2'],
  ['with its chain before it', (address) => `sui:mainnet:${address}`],
];

function swapped(signature) {
  return signature.slice(0, 2) + signature.slice(66, 130) + signature.slice(2, 66) + signature.slice(130);
}

function plusOrder(signature) {
  return withS(signature, reversed(digits(readLittle(signature) + ORDERS.ed25519)));
}

const toBase64 = (hex) => Buffer.from(hex, 'hex').toString('base64');
const digits = (number) => number.toString(16).padStart(64, '0');
const reversed = (hex) => Buffer.from(Buffer.from(hex, 'hex').toReversed()).toString('hex');
const readLittle = (signature) => BigInt(`0x${reversed(signature.slice(66, 130))}`);
const withS = (signature, s) => signature.slice(0, 66) + s + signature.slice(130);

function flipped(signature, at) {
  const bytes = Buffer.from(signature, 'hex');
  bytes[at] ^= 1;
  return bytes.toString('hex');
}
