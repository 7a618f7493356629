// Signatures of Ed25519 that satisfy the equation and prove nothing, because a point in them is of small order or has a
// part that is. Validators and @mysten/sui follow ZIP-215 and accept many.

import { concat, hex, utf8, zeros } from './bytes.mjs';
import {
  addressOf, challengeScalar, encode, decode, forge, isProperPoint, mixedKey, P, secretScalar, signedDigest,
  smallOrderEncodings, torsion, torsionOrder,
} from './curve.mjs';
import { refused } from './rejects.mjs';
import { signInText } from './texts.mjs';

export function forgeries(base) {
  const groups = [smallOrderKeys, smallOrderR, partsOfR, partsOfKey, secondEncodings];
  return groups.flatMap((group) => group(base));
}

// Anybody can make these: S is 0, and R is of small order, too. With a cofactor they hold for every message.
function smallOrderKeys(base) {
  return smallOrderEncodings.map((key, at) => {
    const address = addressOf(0, key);
    const message = utf8(signInText({ address }));
    const signature = concat([0], smallOrderEncodings[0], zeros(32), key);
    const reason = `the key is ${nameOfEncoding(at)}, S is 0`;
    return refused(`small-order-key-${at}`, 'small-order key', base, reason, { address, message, signature });
  });
}

// The holder of a good key used 0 as nonce, so that R is only what is added to it.
function smallOrderR(base) {
  return smallOrderEncodings.map((rBytes, at) => {
    const { message, signer } = base;
    const signature = forge({ scalar: secretScalar(signer), key: signer.key, nonce: 0n, message, rBytes });
    return refused(`small-order-r-${at}`, 'small-order R', base, `R is ${nameOfEncoding(at)}`, { signature });
  });
}

// R has a part of small order: verifiers with a cofactor accept.
function partsOfR(base) {
  return torsion.slice(1).map((part, at) => {
    const { message, signer } = base;
    const signature = forge({ scalar: secretScalar(signer), key: signer.key, nonce: NONCE, rTorsion: part, message });
    const reason = `R has a part of order ${torsionOrder[at + 1]}`;
    return refused(`part-of-r-${at + 1}`, 'part of small order', base, reason, { signature });
  });
}

// The key has such a part, and k is no multiple of its order: verifiers with a cofactor accept.
function partsOfKey(base) {
  return torsion.slice(1).map((part, at) => {
    const order = torsionOrder[at + 1];
    const changes = mixedProof(base.signer, part, (k) => k % BigInt(order) !== 0n);
    const reason = `the key has a part of order ${order}, which the signature does not cancel`;
    return refused(`part-of-key-${at + 1}`, 'part of small order', base, reason, changes);
  });
}

// Points that have a second encoding: y from 2 to 18, written as y + p. Nobody knows their scalars.
function secondEncodings(base) {
  const cases = [];
  for (let y = 2n; y <= 18n; y += 1n) {
    const key = encode(P + y, 0);
    if (decode(key) === undefined || !isProperPoint(encode(y, 0))) continue;
    const signature = concat(base.signature.slice(0, 65), key);
    cases.push(refused(`second-encoding-${y}`, 'second encoding', base, `y of the key is ${y}, written as p + ${y}`, {
      address: addressOf(0, key), signature,
    }));
  }
  return cases;
}

// A signature under a key with a part of small order, whose k fits.
export function mixedProof(signer, part, fits) {
  const key = mixedKey(signer, part);
  const address = addressOf(0, key);
  const message = utf8(signInText({ address }));
  for (let nonce = NONCE; ; nonce += 1n) {
    const signature = forge({ scalar: secretScalar(signer), key, nonce, message });
    const k = challengeScalar(signature.slice(1, 33), key, signedDigest(message));
    if (fits(k)) return { address, message, signature };
  }
}

function nameOfEncoding(at) {
  if (at < 8) return `of order ${torsionOrder[at]}`;
  const encoding = hex(smallOrderEncodings[at]);
  return `of small order in another encoding (${encoding.slice(0, 4)}..${encoding.slice(-2)})`;
}

// Any number that is not secret and not small.
const NONCE = 2n ** 200n + 12345n;
