// What no wallet makes: digests, points and signatures put together by hand, with @noble/curves.

import { createHash } from 'node:crypto';

import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519';
import { p256 } from '@noble/curves/p256';
import { secp256k1 } from '@noble/curves/secp256k1';
import { blake2b } from '@noble/hashes/blake2b';

import { bigEndian, concat, fromHex, hex, littleEndian, overwrite, sha256 } from './bytes.mjs';

const { Point } = ed25519;
const CURVES = { secp256k1, secp256r1: p256 };

export const flags = { ed25519: 0, secp256k1: 1, secp256r1: 2 };
export const P = 2n ** 255n - 19n;
// Orders of the groups.
export const orders = {
  ed25519: 2n ** 252n + 27742317777372353535851937790883648493n,
  secp256k1: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  secp256r1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
};

export const blake = (bytes) => blake2b(bytes, { dkLen: 32 });

// The length of a vector in BCS.
export function uleb128(length) {
  const bytes = [];
  let rest = length;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

export const inVector = (message) => concat(uleb128(message.length), message);
export const signedDigest = (message) => blake(concat([3, 0, 0], inVector(message)));
export const addressOf = (flag, key) => `0x${hex(blake(concat([flag], key)))}`;

// The parts of a serialized signature, and a signature with another part.
export const serialize = ({ scheme, key }, signature) => concat([flags[scheme]], signature, key);
export const inner = (serialized) => serialized.slice(1, 65);
export const withInner = (serialized, signature) => overwrite(serialized, 1, signature);
export const halves = (serialized) => [serialized.slice(1, 33), serialized.slice(33, 65)];
export const order = (scheme) => (scheme === 'ed25519' ? littleEndian : bigEndian);
export const readS = ({ scheme }, serialized) => order(scheme).read(halves(serialized)[1]);
export const withS = ({ scheme }, serialized, s) => overwrite(serialized, 33, order(scheme).write(s));
export const withR = ({ scheme }, serialized, r) => overwrite(serialized, 1, order(scheme).write(r));
export const negatedS = (signer, serialized) => (
  withS(signer, serialized, (orders[signer.scheme] - readS(signer, serialized)) % orders[signer.scheme])
);

// Signs a digest of one's own as the scheme does; `options` go to the ECDSA library.
export function signDigest({ scheme, seed, key }, digest, { hash = sha256, ...options } = {}) {
  const signature = scheme === 'ed25519'
    ? ed25519.sign(digest, seed)
    : CURVES[scheme].sign(hash(digest), seed, { lowS: true, ...options }).toCompactRawBytes();
  return serialize({ scheme, key }, signature);
}

export function uncompressed({ scheme, key }) {
  return CURVES[scheme].Point.fromHex(hex(key)).toBytes(false);
}

export function isOnCurve(scheme, key) {
  try {
    CURVES[scheme].Point.fromHex(hex(key)).assertValidity();
    return true;
  } catch {
    return false;
  }
}

export function der({ scheme }, serialized) {
  return CURVES[scheme].Signature.fromCompact(inner(serialized)).toDERRawBytes();
}

// Multiples 0 to 7 of a point of order 8, in Ed25519.
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

// The point of 32 bytes, canonical or not; undefined where there is none.
export function decode(bytes) {
  try {
    return Point.fromBytes(Uint8Array.from(bytes), true);
  } catch {
    return undefined;
  }
}

export function isProperPoint(bytes) {
  const point = decode(bytes);
  return point !== undefined && !point.isSmallOrder() && hex(point.toBytes()) === hex(bytes);
}

export const secretScalar = ({ seed }) => ed25519.utils.getExtendedPublicKey(seed).scalar;
export const negated = (encoded) => decode(encoded).negate().toBytes();
// The key of a wallet with a part of small order added to it: its holder still knows the scalar.
export const mixedKey = (signer, part) => decode(signer.key).add(part).toBytes();

// k of the verification equation S B = R + k A.
export function challengeScalar(r, key, digest) {
  return littleEndian.read(createHash('sha512').update(concat(r, key, digest)).digest()) % orders.ed25519;
}

// Signs with a nonce and parts of small order of one's own choice: R = nonce B + rTorsion, under the key A.
export function forge({ scalar, key, nonce, rTorsion = torsion[0], message, rBytes }) {
  const point = nonce === 0n ? rTorsion : Point.BASE.multiply(nonce).add(rTorsion);
  const r = rBytes ?? point.toBytes();
  const s = (nonce + challengeScalar(r, key, signedDigest(message)) * scalar) % orders.ed25519;
  return concat([0], r, littleEndian.write(s), key);
}
