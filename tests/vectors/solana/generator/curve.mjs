// What no wallet makes: points and signatures put together by hand, with @noble/curves.

import { createHash } from 'node:crypto';

import { getAddressCodec } from '@solana/addresses';
import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519';

import { concat, fromHex, littleEndian, overwrite } from './bytes.mjs';

const { Point } = ed25519;

export const P = 2n ** 255n - 19n;
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

// Multiples 0 to 7 of a point of order 8.
export const torsion = ED25519_TORSION_SUBGROUP.map((text) => Point.fromHex(text, true));

export const torsionOrder = [1, 8, 4, 8, 2, 8, 4, 8];

// All encodings of the points of small order that decoders take if they do not look: eight canonical ones, then
// those with y + p for y, or with the sign of an x that is 0.
export const smallOrderEncodings = [
  ...ED25519_TORSION_SUBGROUP.map(fromHex),
  encode(P, 0), encode(P, 1), encode(1n, 1), encode(P + 1n, 0), encode(P + 1n, 1), encode(P - 1n, 1),
];

// The bytes of y, little-endian, with the sign of x in the last bit. y may be too large to be canonical.
export function encode(y, sign) {
  return littleEndian.write(y | (BigInt(sign) << 255n));
}

export function addressBytes(address) {
  return Uint8Array.from(getAddressCodec().encode(address));
}

export function addressOf(key) {
  return getAddressCodec().decode(key);
}

// The point of 32 bytes, canonical or not; undefined where there is none.
export function decode(bytes) {
  try {
    return Point.fromBytes(Uint8Array.from(bytes), true);
  } catch {
    return undefined;
  }
}

export const secretScalar = ({ seed }) => ed25519.utils.getExtendedPublicKey(seed).scalar;

// Both halves of a signature.
export const halves = (signature) => [signature.slice(0, 32), signature.slice(32)];
export const readS = (signature) => littleEndian.read(signature.slice(32));
export const withS = (signature, s) => overwrite(signature, 32, littleEndian.write(s));
export const negated = (encoded) => decode(encoded).negate().toBytes();
export const negatedS = (signature) => withS(signature, (L - readS(signature)) % L);

// k of the verification equation S B = R + k A.
export function challengeScalar(r, key, message) {
  const digest = createHash('sha512').update(concat(r, key, message)).digest();
  return littleEndian.read(digest) % L;
}

// Signs with a nonce and parts of small order of one's own choice: R = nonce B + rTorsion, under the key A.
export function forge({ scalar, key, nonce, rTorsion = torsion[0], message, rBytes }) {
  const point = nonce === 0n ? rTorsion : Point.BASE.multiply(nonce).add(rTorsion);
  const r = rBytes ?? point.toBytes();
  const s = (nonce + challengeScalar(r, key, message) * scalar) % L;
  return concat(r, littleEndian.write(s));
}

// The key of a wallet with a part of small order added to it: its holder still knows the scalar.
export const mixedKey = (wallet, part) => decode(wallet.key).add(part).toBytes();
