// What Sui's own library says, and beside it a strict verifier that is neither its nor ours: the one of Node (OpenSSL).

import { createPublicKey, verify } from 'node:crypto';

import { Ed25519PublicKey } from '@mysten/sui/keypairs/ed25519';
import { Secp256k1PublicKey } from '@mysten/sui/keypairs/secp256k1';
import { Secp256r1PublicKey } from '@mysten/sui/keypairs/secp256r1';
import { isValidSuiAddress, normalizeSuiAddress } from '@mysten/sui/utils';
import { publicKeyFromSuiBytes, verifyPersonalMessageSignature } from '@mysten/sui/verify';

import { base64, concat, fromHex, same } from './bytes.mjs';
import {
  addressOf, decode, flags, halves, inner, isProperPoint, order, orders, readS, signedDigest,
} from './curve.mjs';

const schemeOf = Object.fromEntries(Object.entries(flags).map(([scheme, flag]) => [flag, scheme]));

// `sui`: true, or what it threw; null where it would ask a node. `binding`: whether the public key sent is of the
// address.
export async function judge({ address, message, signature, publicKey, keyType }) {
  const sui = signature[0] === 5 ? null : await outcome(async () => {
    await verifyPersonalMessageSignature(message, base64(signature), { address });
    return true;
  });
  const binding = publicKey ? addressesOf(publicKey).includes(address) : null;
  const isNamed = keyType === undefined || keyType === schemeOf[signature[0]];
  return { sui, binding, accepts: sui === true && binding !== false && isNamed };
}

// The addresses of a public key with its flag or without, by the library's own classes.
function addressesOf(publicKey) {
  const readers = [publicKeyFromSuiBytes, ...[Ed25519PublicKey, Secp256k1PublicKey, Secp256r1PublicKey].map((Type) => (
    (bytes) => new Type(bytes)
  ))];
  return readers.flatMap((read) => {
    try {
      return [read(publicKey).toSuiAddress()];
    } catch {
      return [];
    }
  });
}

export function addressOracle(address) {
  return { isValid: isValidSuiAddress(address), normalized: normalizeSuiAddress(address) };
}

async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return `threw: ${error.message.split('\n')[0].slice(0, 80)}`;
  }
}

const SCHEMES_REFUSED = { 3: 'multisig', 4: 'bls', 5: 'zklogin', 6: 'passkey' };
const KEY_LENGTH = { ed25519: 32, secp256k1: 33, secp256r1: 33 };

// The first step that refuses, or null. The same steps in the same order as README.md has them.
export function refusal({ address, message, signature, publicKey, keyType }) {
  if (!isCanonicalAddress(address)) return 'address';
  if (signature.length === 0) return 'empty';
  const scheme = schemeOf[signature[0]];
  if (scheme === undefined) return SCHEMES_REFUSED[signature[0]] ?? 'flag';
  const key = signature.slice(65);
  if (key.length !== KEY_LENGTH[scheme]) return 'length';
  if (keyType !== undefined && keyType !== scheme) return 'key-type';
  const isOurs = (sent) => same(sent, key) || same(sent, concat([flags[scheme]], key));
  if (publicKey !== undefined && !isOurs(publicKey)) return 'public-key';
  if (addressOf(flags[scheme], key) !== address) return 'other-address';
  return refusalOfSignature({ scheme, key }, signedDigest(message), signature);
}

function refusalOfSignature(signer, digest, signature) {
  const spki = keyObject(signer);
  if (spki === undefined) return 'key';
  if (signer.scheme === 'ed25519') {
    const isStrict = isProperPoint(halves(signature)[0]) && readS(signer, signature) < orders.ed25519;
    return isStrict && verify(null, digest, spki, inner(signature)) ? null : 'mismatch';
  }
  const limit = orders[signer.scheme];
  const [r, s] = halves(signature).map(order(signer.scheme).read);
  if (r === 0n || s === 0n || r >= limit || s >= limit) return 'range';
  if (s > limit / 2n) return 'high-s';
  return verify('sha256', digest, { key: spki, dsaEncoding: 'ieee-p1363' }, inner(signature)) ? null : 'mismatch';
}

// SubjectPublicKeyInfo before the key's bytes.
const SPKI = {
  ed25519: fromHex('302a300506032b6570032100'),
  secp256k1: fromHex('3036301006072a8648ce3d020106052b8104000a032200'),
  secp256r1: fromHex('3039301306072a8648ce3d020106082a8648ce3d030107032200'),
};

function keyObject({ scheme, key }) {
  if (scheme === 'ed25519' && (decode(key) === undefined || !isProperPoint(key))) return undefined;
  try {
    return createPublicKey({ key: Buffer.from(concat(SPKI[scheme], key)), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

export function isCanonicalAddress(address) {
  return /^0x[0-9a-f]{64}$/.test(address) && !address.startsWith(`0x${'0'.repeat(32)}`);
}
