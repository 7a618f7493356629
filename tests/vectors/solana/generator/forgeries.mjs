// Signatures that satisfy the equation and prove nothing, because a point in them is of small order or has a part
// that is.

import { concat, hex, utf8, zeros } from './bytes.mjs';
import {
  addressOf, challengeScalar, forge, mixedKey, secretScalar, smallOrderEncodings, torsion, torsionOrder,
} from './curve.mjs';
import { judge } from './oracle.mjs';
import { refused } from './rejects.mjs';
import { signInText } from './texts.mjs';

export async function forgeries([base]) {
  return [
    ...await smallOrderKeys(base),
    ...smallOrderR(base),
    ...partsOfR(base),
    ...partsOfKey(base),
  ];
}

// Anybody can make these: S is 0, and R is of small order, too.
function smallOrderKeys(base) {
  return Promise.all(smallOrderEncodings.map(async (key, at) => {
    const reason = `the key is ${nameOfEncoding(at)}, S is 0`;
    return refused(`small-order-key-${at}`, 'small-order key', base, reason, await acceptedForgery(key));
  }));
}

// Tries nonces until @solana/keys accepts one of the eight R.
async function acceptedForgery(key) {
  for (let count = 10_000_000; count < 10_000_040; count += 1) {
    const message = utf8(signInText(key, { nonce: String(count) }));
    for (const r of smallOrderEncodings.slice(0, 8)) {
      const proof = { address: addressOf(key), message, signature: concat(r, zeros(32)) };
      if ((await judge(proof)).keys === true) return proof;
    }
  }
  throw new Error(`no forgery under the key ${hex(key)}`);
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
    const scalar = secretScalar(signer);
    const signature = forge({ scalar, key: signer.key, nonce: NONCE, rTorsion: part, message });
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

// A signature under a key with a part of small order, whose k fits.
export function mixedProof(signer, part, fits) {
  const key = mixedKey(signer, part);
  const message = utf8(signInText(key));
  for (let nonce = NONCE; ; nonce += 1n) {
    const signature = forge({ scalar: secretScalar(signer), key, nonce, message });
    const k = challengeScalar(signature.slice(0, 32), key, message);
    if (fits(k)) return { address: addressOf(key), message, signature };
  }
}

export function nameOfEncoding(at) {
  if (at < 8) return `of order ${torsionOrder[at]}`;
  const encoding = hex(smallOrderEncodings[at]);
  return `of small order in another encoding (${encoding.slice(0, 4)}..${encoding.slice(-2)})`;
}

// Any number that is not secret and not small.
const NONCE = 2n ** 200n + 12345n;
