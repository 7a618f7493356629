// Signatures by the right key of other bytes than the digest of the personal message.

import { createHash } from 'node:crypto';

import { keccak_256, sha3_256 } from '@noble/hashes/sha3';

import { concat, fromBase64, hex, sha256, utf8 } from './bytes.mjs';
import { blake, inVector, signDigest, signedDigest, uleb128 } from './curve.mjs';
import { each } from './rejects.mjs';

export async function digests(three) {
  const made = await Promise.all(three.map(async (base) => {
    const { signer, message } = base;
    const { signature } = await signer.keypair.signTransaction(inVector(message));
    const byHand = Object.entries(others(message)).map(([id, [what, digest]]) => (
      [id, [what, signDigest(signer, digest)]]
    ));
    return each('other digest', base, {
      transaction: ['of the text as a transaction, by the library', fromBase64(signature)],
      ...Object.fromEntries(byHand),
      ...signer.scheme === 'ed25519' ? {} : ofEcdsa(signer, message),
    });
  }));
  return made.flat();
}

function others(message) {
  const scoped = (intent) => blake(concat(intent, inVector(message)));
  const counted = (length) => blake(concat([3, 0, 0], length, message));
  const ethereum = utf8(`\x19Ethereum Signed Message:\n${message.length}`);
  return {
    'no-vector': ['of the intent and the bare text', blake(concat([3, 0, 0], message))],
    'no-intent': ['of the text as a vector, without an intent', blake(inVector(message))],
    bare: ['of the digest of the bare text', blake(message)],
    'not-hashed': ['of the bare text itself', message],
    'intent-not-hashed': ['of the intent and the text, not hashed', concat([3, 0, 0], inVector(message))],
    'scope-0': ['of the scope of transactions', scoped([0, 0, 0])],
    'scope-1': ['of scope 1', scoped([1, 0, 0])],
    'scope-2': ['of scope 2', scoped([2, 0, 0])],
    'scope-4': ['of scope 4', scoped([4, 0, 0])],
    'version-1': ['of version 1 of the intent', scoped([3, 1, 0])],
    'app-1': ['of another app id', scoped([3, 0, 1])],
    'intent-reversed': ['of the intent in reverse', scoped([0, 0, 3])],
    'intent-of-2': ['of an intent of two bytes', scoped([3, 0])],
    'length-of-4-bytes': ['of a length of four bytes', counted(fourBytes(message.length))],
    'length-not-shortest': ['of a length with a byte too many', counted(longer(message.length))],
    'length-one-off': ['of a length that is one too large', counted(uleb128(message.length + 1))],
    'blake2b-512': ['of BLAKE2b-512 cut to 32 bytes', blake512(concat([3, 0, 0], inVector(message))).subarray(0, 32)],
    'sha3-256': ['of SHA3-256, as before mainnet', sha3_256(concat([3, 0, 0], inVector(message)))],
    'hex-of-digest': ['of the hex of the digest', utf8(hex(signedDigest(message)))],
    'digest-of-digest': ['of the digest of the digest', blake(signedDigest(message))],
    ethereum: ['of what wallets of Ethereum sign', keccak_256(concat(ethereum, message))],
    alephium: ['of what wallets of Alephium sign', blake(concat(utf8('Alephium Signed Message: '), message))],
    aptos: ['of what wallets of Aptos sign', concat(utf8('APTOS\nmessage: '), message)],
  };
}

// In place of the SHA-256 of the digest.
function ofEcdsa(signer, message) {
  const by = (hash) => signDigest(signer, signedDigest(message), { hash });
  return {
    'sha-256-missing': ['of the digest, without SHA-256', by((digest) => digest)],
    'sha-256-twice': ['of SHA-256 twice', by((digest) => sha256(sha256(digest)))],
    'keccak-256': ['of Keccak-256', by(keccak_256)],
    'blake2b-256': ['of BLAKE2b-256 again', by(blake)],
  };
}

const blake512 = (bytes) => createHash('blake2b512').update(bytes).digest();
const fourBytes = (length) => [length & 255, length >> 8, 0, 0];

function longer(length) {
  const bytes = uleb128(length);
  return [...bytes.slice(0, -1), bytes.at(-1) + 128, 0];
}
