// Thousands of proofs made from a few good ones by small edits, with what two implementations say of each.

import { bigEndian, concat, flipBit, hex, littleEndian, overwrite, same, stream, utf8, zeros } from './bytes.mjs';
import {
  addressOf, flags, forge, halves, mixedKey, negated, negatedS, orders, readS, secretScalar, signDigest, signedDigest,
  smallOrderEncodings, torsion, withInner, withR, withS,
} from './curve.mjs';
import { judge, refusal } from './oracle.mjs';
import { flaggedAs, withKey } from './schemes.mjs';
import { signInText } from './texts.mjs';
import { cast } from './wallets.mjs';

const random = stream('countersign sui mutations');
const FIELDS = ['message', 'signature'];

export async function mutations() {
  const bases = await goodProofs();
  const cases = [];
  for (const [bound, mutate, count, fits] of MUTATORS) {
    const candidates = bases.filter(({ signer }) => fits === undefined || fits(signer));
    for (let round = 0; round < count; round += 1) {
      const base = candidates[round % candidates.length];
      const changed = { ...base, ...await mutate(base, Math.floor(round / candidates.length), bases) };
      cases.push(await line(bases.indexOf(base), bound, base, changed));
    }
  }
  return { bases, cases };
}

async function goodProofs() {
  const { alice, bob, carol, oddX, evenY, evenYr1 } = cast();
  const messages = [
    [alice, utf8(signInText(alice))], [bob, utf8(signInText(bob))], [carol, utf8(signInText(carol))],
    [oddX, random.bytes(127)], [evenY, zeros(0)], [evenYr1, random.bytes(128)],
  ];
  return Promise.all(messages.map(async ([signer, message]) => (
    { signer, address: signer.address, message, signature: await signer.sign(message) }
  )));
}

const isEd25519 = ({ scheme }) => scheme === 'ed25519';
const isEcdsa = ({ scheme }) => scheme !== 'ed25519';

// How each kind changes a proof, how many there are of it, and of which signers. With 1 before it, the address claimed
// is that of the flag and the key after the change.
const MUTATORS = [
  [0, ({ signature }, round) => ({ signature: flipBit(signature, round % (8 * signature.length)) }), 300],
  [0, ({ signature }) => ({ signature: flipRandomBit(signature) }), 700],
  [1, ({ signature }) => ({ signature: flipKeyBit(signature) }), 500],
  [0, ({ message }) => ({ message: flipRandomBit(message) }), 400],
  [0, ({ message }) => ({ message: edited(message) }), 250],
  [0, ({ signature }) => ({ signature: edited(signature) }), 300],
  [1, ({ signature }) => ({ signature: edited(signature) }), 200],
  [0, ({ signature }, round) => ({ signature: signature.slice(0, 2 * round) }), 280],
  [0, ({ signature }, round) => ({ signature: concat(signature, random.bytes(1 + round)) }), 60],
  [0, ({ signer, signature }, round) => ({ signature: negatedS(signer, flipSometimes(signature, round)) }), 120],
  [0, ({ signer, signature }, round) => ({ signature: withS(signer, signature, oddNumber(signer, round)) }), 72],
  [0, ({ signer, signature }, round) => ({ signature: withR(signer, signature, oddNumber(signer, round)) }), 72],
  [0, ({ signature }) => ({ signature: overwrite(signature, 33, random.bytes(32)) }), 60],
  [0, ({ signature }) => ({ signature: overwrite(signature, 1, random.bytes(32)) }), 60],
  [0, ({ signer, signature }, round) => ({ signature: flaggedAs(signer, round % 9, signature) }), 54],
  [1, ({ signer, signature }, round) => ({ signature: flaggedAs(signer, round % 9, signature) }), 54],
  [0, foreignParts, 120],
  [1, foreignParts, 120],
  [0, signedAgain, 700],
  [0, signedByHand, 300],
  [0, negatedAgain, 200, isEcdsa],
  [1, retagged, 32, isEcdsa],
  [0, plusOrders, 28, isEd25519],
  [0, negatedParts, 20, isEd25519],
  [1, smallOrderParts, 260, isEd25519],
  [0, ({ signer, message }) => ({ signature: signedWithoutNonce(signer, message) }), 40, isEd25519],
  [0, ({ signer, message }) => ({ signature: signedWithPart(signer, message) }), 100, isEd25519],
  [1, mixedKeyProof, 240, isEd25519],
];

// Some numbers that are out of range, or at its ends.
function oddNumber({ scheme }, round) {
  const n = orders[scheme];
  const powers = [2n ** 252n, 2n ** 253n, 2n ** 255n - 19n, 2n ** 256n - 1n];
  const numbers = [0n, 1n, 2n, n / 2n, n / 2n + 1n, n - 1n, n, n + 1n, ...powers];
  return numbers[round % numbers.length];
}

// The key with another tag before its x.
function retagged({ signer, signature }, round) {
  return { signature: withKey(signer, overwrite(signer.key, 0, [round % 8]), signature) };
}

function plusOrders({ signer, signature }, round) {
  const s = readS(signer, signature) + BigInt(1 + (round % 14)) * orders.ed25519;
  return { signature: withS(signer, signature, s) };
}

function flipRandomBit(bytes) {
  return bytes.length === 0 ? Uint8Array.of(random.below(256)) : flipBit(bytes, random.below(8 * bytes.length));
}

const flipKeyBit = (signature) => flipBit(signature, 65 * 8 + random.below(8 * (signature.length - 65)));
const flipSometimes = (signature, round) => (round % 2 === 0 ? signature : flipBit(signature, 8 + random.below(512)));

// Some bytes removed, and some put in their place.
function edited(bytes) {
  const at = random.below(bytes.length + 1);
  const removed = Math.min(random.below(4), bytes.length - at);
  return concat(bytes.slice(0, at), random.bytes(random.below(4)), bytes.slice(at + removed));
}

function negatedParts({ signer, signature }, round) {
  const [r, s] = halves(signature);
  const ofR = withInner(signature, concat(negated(r), s));
  const kinds = [ofR, negatedS(signer, signature), negatedS(signer, ofR)];
  return { signature: kinds[round % kinds.length] };
}

function foreignParts({ signer, signature }, round, bases) {
  const other = bases[(round + 1 + random.below(bases.length)) % bases.length];
  const [r, s] = halves(other.signature);
  const [ownR, ownS] = halves(signature);
  const kinds = [{ signature: other.signature }, { signature: withInner(signature, concat(r, ownS)) },
    { signature: withInner(signature, concat(ownR, s)) }, { signature: withKey(signer, other.signer.key, signature) },
    { message: other.message }];
  return kinds[round % kinds.length];
}

// The key, R or both are of small order; S is 0 for half of those that are both.
function smallOrderParts({ signer, signature, message }, round) {
  const [r, s] = halves(signature);
  const [key, smallR] = [random.pick(smallOrderEncodings), random.pick(smallOrderEncodings)];
  const by = (ofR, ofS, ofKey) => concat([0], ofR, ofS, ofKey);
  const kinds = [
    { signature: by(r, s, key) }, { signature: by(smallR, s, signer.key) }, { signature: by(smallR, s, key) },
    { signature: by(r, zeros(32), key) }, { signature: by(smallR, zeros(32), key) },
    { signature: by(smallR, zeros(32), key), message: flipRandomBit(message) },
  ];
  return kinds[round % kinds.length];
}

const someNonce = () => 1n + littleEndian.read(random.bytes(32)) % (orders.ed25519 - 1n);

function signedWithoutNonce(signer, message) {
  const rBytes = random.pick(smallOrderEncodings);
  return forge({ scalar: secretScalar(signer), key: signer.key, nonce: 0n, message, rBytes });
}

function signedWithPart(signer, message) {
  const rTorsion = random.pick(torsion);
  return forge({ scalar: secretScalar(signer), key: signer.key, nonce: someNonce(), rTorsion, message });
}

// About an eighth to a half of these cancel the part of the key.
function mixedKeyProof({ signer, message }) {
  const key = mixedKey(signer, random.pick(torsion.slice(1)));
  return { signature: forge({ scalar: secretScalar(signer), key, nonce: someNonce(), message }) };
}

async function signedAgain({ signer, message }) {
  const other = edited(message);
  return { message: other, signature: await signer.sign(other) };
}

// Good, though no wallet would choose its nonce so.
function signedByHand({ signer, message }) {
  const extraEntropy = random.bytes(32);
  if (isEcdsa(signer)) return { signature: signDigest(signer, signedDigest(message), { extraEntropy }) };
  return { signature: forge({ scalar: secretScalar(signer), key: signer.key, nonce: someNonce(), message }) };
}

// Another good signature, and its high s.
function negatedAgain(base) {
  return { signature: negatedS(base.signer, signedByHand(base).signature) };
}

// What differs from the base, and who accepts. What the strict verifier accepts, @mysten/sui must accept; the other way
// round, of secp256k1 all, of secp256r1 all with a low s.
async function line(at, bound, base, { message, signature }) {
  const bytes = signature.length > 0 ? signature : [0];
  const address = bound === 1 ? addressOf(bytes[0], signature.slice(65)) : base.address;
  const proof = { address, message, signature };
  const [why, { sui }] = [refusal(proof), await judge(proof)];
  const isExpected = why === null ? sui === true : sui !== true || signature[0] === flags.ed25519 || isHighS(signature);
  if (!isExpected) throw new Error(`two implementations differ: ${why}, ${sui}, ${hex(signature)}`);
  const edits = FIELDS.flatMap((field) => difference(field, base[field], { message, signature }[field]));
  return [at, bound, `${why === null ? 'v' : ''}${sui === true ? 's' : ''}`, ...edits];
}

const isHighS = (signature) => (
  signature[0] === flags.secp256r1 && bigEndian.read(halves(signature)[1]) > orders.secp256r1 / 2n
);

// One edit: [field, where, how many bytes go, hex of those that come].
function difference(field, from, to) {
  if (same(from, to)) return [];
  const shorter = Math.min(from.length, to.length);
  let [start, end] = [0, 0];
  while (start < shorter && from[start] === to[start]) start += 1;
  while (end < shorter - start && from.at(-1 - end) === to.at(-1 - end)) end += 1;
  return [[FIELDS.indexOf(field), start, from.length - start - end, hex(to.slice(start, to.length - end))]];
}
