// Thousands of proofs made from a few good ones by small edits, with what three implementations say of each.

import { cast } from './accepts.mjs';
import { concat, flipBit, hex, littleEndian, stream, utf8, zeros } from './bytes.mjs';
import {
  addressOf, forge, halves, L, mixedKey, negated, negatedS, readS, secretScalar, smallOrderEncodings, torsion, withS,
} from './curve.mjs';
import { isProperPoint, isStrictSignature, judge } from './oracle.mjs';
import { signInText } from './texts.mjs';

const random = stream('countersign solana mutations');
const FIELDS = ['key', 'message', 'signature'];

export async function mutations() {
  const bases = await goodProofs();
  const made = [];
  for (const [mutate, count] of MUTATORS) {
    for (let round = 0; round < count; round += 1) {
      const at = random.below(bases.length);
      made.push({ at, changed: { ...bases[at], ...await mutate(bases[at], round, bases) } });
    }
  }
  const cases = [];
  for (const { at, changed } of made) cases.push(await line(at, bases[at], changed));
  return { bases, cases };
}

async function goodProofs() {
  const { alice, bob, leadingOne, oddX } = await cast();
  const messages = [
    [alice, utf8(signInText(alice))], [bob, utf8('hello')], [leadingOne, zeros(0)],
    [oddX, random.bytes(111)], [alice, random.bytes(65)],
  ];
  return Promise.all(messages.map(async ([signer, message]) => (
    { signer, key: signer.key, message, signature: await signer.sign(message) }
  )));
}

// How each kind changes a proof, and how many there are of it.
const MUTATORS = [
  [({ signature }, round) => ({ signature: flipBit(signature, round) }), 512],
  [({ signature }) => ({ signature: flipRandomBit(signature) }), 700],
  [({ message }) => ({ message: flipRandomBit(message) }), 500],
  [({ message }) => ({ message: edited(message) }), 300],
  [({ key }) => ({ key: flipRandomBit(key) }), 500],
  [({ key }) => ({ key: edited(key) }), 150],
  [({ signature }) => ({ signature: edited(signature) }), 400],
  [({ signature, key }) => ({ signature: flipRandomBit(signature), key: flipRandomBit(key) }), 100],
  [({ signature }, round) => ({ signature: withS(signature, readS(signature) + BigInt(1 + (round % 14)) * L) }), 100],
  [({ signature }) => ({ signature: withS(signature, random.pick(ODD_NUMBERS)) }), 60],
  [({ signature }) => ({ signature: concat(halves(signature)[0], random.bytes(32)) }), 60],
  [({ signature }) => ({ signature: concat(random.bytes(32), halves(signature)[1]) }), 60],
  [negatedParts, 20],
  [foreignParts, 120],
  [({ signature }, round) => ({ signature: signature.slice(0, round) }), 64],
  [({ signature }, round) => ({ signature: concat(signature, random.bytes(1 + round)) }), 30],
  [smallOrderParts, 500],
  [({ signer, message }) => ({ signature: signedWithoutNonce(signer, message) }), 60],
  [({ signer, message }) => ({ signature: signedWithPart(signer, signer.key, message) }), 100],
  [mixedKeyProof, 300],
  [signedAgain, 900],
  [signedByHand, 200],
];

const ODD_NUMBERS = [0n, 1n, 2n, L - 1n, L, L + 1n, 2n * L, 2n ** 252n, 2n ** 253n, 2n ** 255n - 19n, 2n ** 256n - 1n];

function flipRandomBit(bytes) {
  return bytes.length === 0 ? Uint8Array.of(random.below(256)) : flipBit(bytes, random.below(8 * bytes.length));
}

// Some bytes removed, and some put in their place.
function edited(bytes) {
  const at = random.below(bytes.length + 1);
  const removed = Math.min(random.below(4), bytes.length - at);
  return concat(bytes.slice(0, at), random.bytes(random.below(4)), bytes.slice(at + removed));
}

function negatedParts({ key, signature }, round) {
  const [r, s] = halves(signature);
  const kinds = [{ key: negated(key) }, { signature: concat(negated(r), s) }, { signature: negatedS(signature) },
    { signature: negatedS(concat(negated(r), s)) }, { key: negated(key), signature: negatedS(signature) }];
  return kinds[round % kinds.length];
}

function foreignParts({ signature }, round, bases) {
  const other = random.pick(bases);
  const [r, s] = halves(other.signature);
  const kinds = [{ signature: other.signature }, { signature: concat(r, halves(signature)[1]) },
    { signature: concat(halves(signature)[0], s) }, { key: other.key }, { message: other.message }];
  return kinds[round % kinds.length];
}

// The key, R or both are of small order; S is 0 for half of those that are both.
function smallOrderParts({ signature, message }, round) {
  const [r, s] = halves(signature);
  const [key, smallR] = [random.pick(smallOrderEncodings), random.pick(smallOrderEncodings)];
  const kinds = [{ key }, { signature: concat(smallR, s) }, { key, signature: concat(smallR, s) },
    { key, signature: concat(r, zeros(32)) }, { key, signature: concat(smallR, zeros(32)) },
    { key, signature: concat(smallR, zeros(32)), message: flipRandomBit(message) }];
  return kinds[round % kinds.length];
}

const someNonce = () => 1n + littleEndian.read(random.bytes(32)) % (L - 1n);

function signedWithoutNonce(signer, message) {
  const rBytes = random.pick(smallOrderEncodings);
  return forge({ scalar: secretScalar(signer), key: signer.key, nonce: 0n, message, rBytes });
}

function signedWithPart(signer, key, message) {
  return forge({ scalar: secretScalar(signer), key, nonce: someNonce(), rTorsion: random.pick(torsion), message });
}

// About an eighth to a half of these cancel the part of the key.
function mixedKeyProof({ signer, message }) {
  const key = mixedKey(signer, random.pick(torsion.slice(1)));
  return { key, signature: forge({ scalar: secretScalar(signer), key, nonce: someNonce(), message }) };
}

async function signedAgain({ signer, message }) {
  const other = edited(message);
  return { message: other, signature: await signer.sign(other) };
}

// Good, though no wallet would choose its nonce so.
function signedByHand({ signer, message }) {
  return { signature: forge({ scalar: secretScalar(signer), key: signer.key, nonce: someNonce(), message }) };
}

// What differs from the base, and who accepts. On points that are proper, tweetnacl and @solana/keys must agree.
async function line(at, base, { key, message, signature }) {
  const edits = FIELDS.flatMap((field) => difference(field, base[field], { key, message, signature }[field]));
  const valid = isStrictSignature(key, message, signature);
  const said = key.length === 32 ? await judge({ address: addressOf(key), message, signature }) : {};
  const isProper = isProperPoint(key) && isProperPoint(signature.slice(0, 32));
  if (valid !== (isProper && said.keys === true)) throw new Error(`two implementations differ: ${hex(signature)}`);
  const letters = [valid && 'v', said.keys === true && 'k', said.util === true && 'u'].filter(Boolean).join('');
  return [at, letters, ...edits];
}

// One edit: [field, where, how many bytes go, hex of those that come].
function difference(field, from, to) {
  if (hex(from) === hex(to)) return [];
  const shorter = Math.min(from.length, to.length);
  let [start, end] = [0, 0];
  while (start < shorter && from[start] === to[start]) start += 1;
  while (end < shorter - start && from.at(-1 - end) === to.at(-1 - end)) end += 1;
  return [[FIELDS.indexOf(field), start, from.length - start - end, hex(to.slice(start, to.length - end))]];
}
