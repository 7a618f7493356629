// Addresses alone: which texts are read, as what.

import { getBase58Decoder } from '@solana/codecs-strings';

import { cast, derivedAddresses } from './accepts.mjs';
import { concat, zeros } from './bytes.mjs';
import { addressOf, decode, encode, P, smallOrderEncodings } from './curve.mjs';
import { nameOfEncoding } from './forgeries.mjs';
import { addressOracle, isProperPoint } from './oracle.mjs';

const base58 = (bytes) => getBase58Decoder().decode(bytes);

export async function addresses() {
  const people = await cast();
  const groups = [await valid(people), misspelt(people), wrongLength(people), foreign(), await withoutKey()];
  return groups.flat().map((made) => ({ ...made, ...verdict(made), oracle: addressOracle(made.address) }));
}

function entries(group, texts) {
  return Object.entries(texts).map(([id, [reason, address]]) => (
    { id: `${group.replaceAll(' ', '-')}-${id}`, class: group, address, reason }
  ));
}

// `form`: it is not 32 bytes in Base58. `key`: it is, and they are no key.
function verdict({ class: group }) {
  if (group === 'valid') return { valid: true, refusedFor: null };
  const isForm = ['misspelt', 'wrong length', 'foreign'].includes(group);
  return { valid: false, refusedFor: isForm ? 'form' : 'key' };
}

async function valid(people) {
  const known = {
    'token-program': ['a program whose address is on the curve', 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'],
    // There is no checksum.
    cut: ['another address, if a character is forgotten', people.alice.address.slice(0, -1)],
  };
  const own = Object.entries(people).map(([name, { address }]) => [name, ['the address of a wallet', address]]);
  return entries('valid', { ...Object.fromEntries(own), ...known });
}

// In words of the alphabet, of space, and of what people paste around an address.
function misspelt({ alice: { address }, leadingOne }) {
  const replaced = (character) => address.slice(0, 9) + character + address.slice(10);
  return entries('misspelt', {
    zero: ['0 is not of the alphabet', replaced('0')],
    'capital-o': ['O is not of the alphabet', replaced('O')],
    'capital-i': ['I is not of the alphabet', replaced('I')],
    'small-l': ['l is not of the alphabet', replaced('l')],
    plus: ['+ is not of the alphabet', replaced('+')],
    cyrillic: ['a Cyrillic letter that looks like a Latin one', replaced('\u0430')],
    'full-width': ['a full-width digit', replaced('\uff11')],
    'space-before': ['a space before it', ` ${address}`],
    'space-after': ['a space after it', `${address} `],
    'space-inside': ['a space inside', replaced(' ')],
    tab: ['a tab after it', `${address}\t`],
    'line-feed': ['a line feed after it', `${address}\n`],
    'no-break-space': ['a space that does not break after it', `${address}\u00a0`],
    'zero-width-space': ['a space of no width after it', `${address}\u200b`],
    nul: ['a NUL after it', `${address}\0`],
    quoted: ['quotation marks around it', `"${address}"`],
    'caip-10': ['the whole CAIP-10 account id', `solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:${address}`],
    group: ['a group of Alephium after it', `${address}:0`],
    '0x': ['0x before it', `0x${address}`],
    'one-before': ['a 1 before it: another zero byte', `1${address}`],
    'one-less': ['the 1 before it missing: a zero byte less', leadingOne.address.slice(1)],
    'one-more': ['another 1 before the one it has', `1${leadingOne.address}`],
    'two-of-them': ['two addresses', `${address}${address}`],
  });
}

function wrongLength({ alice: { key, address } }) {
  return entries('wrong length', {
    empty: ['nothing', ''],
    'one-character': ['one character', '2'],
    'two-characters-missing': ['its last two characters are missing', address.slice(0, -2)],
    'character-more': ['a character more', `${address}2`],
    'bytes-31': ['31 bytes', base58(key.slice(0, 31))],
    'bytes-33': ['33 bytes', base58(concat(key, [1]))],
    'bytes-64': ['a key pair of 64 bytes', base58(concat(zeros(32).fill(1), key))],
    'ones-31': ['31 zero bytes', '1'.repeat(31)],
    'ones-33': ['33 zero bytes', '1'.repeat(33)],
    'ones-44': ['44 zero bytes', '1'.repeat(44)],
    'too-large': ['44 characters that are more than 2^256', 'z'.repeat(44)],
    'two-to-the-256': ['2^256, one too many', base58(concat([1], zeros(32)))],
    '1000-characters': ['1000 characters', '2'.repeat(1000)],
  });
}

function foreign() {
  return entries('foreign', {
    ethereum: ['an address of Ethereum', '0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb'],
    bitcoin: ['an address of Bitcoin', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
    alephium: ['an address of Alephium', '1DrDyTr9RpRsQnDnXo2YRiPzPW4ooHX5LLoqXrqfMrpQH'],
    hex: ['a key in hex', 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'],
    name: ['a name of the Solana Name Service', 'bonfida.sol'],
  });
}

// 32 bytes in the right form, for which nobody can hold a key, or everybody.
async function withoutKey() {
  const known = {
    'vote-program': 'Vote111111111111111111111111111111111111111',
    'compute-budget-program': 'ComputeBudget111111111111111111111111111111',
  };
  const derived = (await derivedAddresses()).map((address, at) => [`derived-${at}`, address]);
  const off = [...Object.entries(known), ...derived].map(([id, address]) => [id, ['it is off the curve', address]]);
  const small = smallOrderEncodings.map((key, at) => [`${at}`, [`it is ${nameOfEncoding(at)}`, addressOf(key)]]);
  return [
    ...entries('off curve', Object.fromEntries(off)),
    ...entries('small order', Object.fromEntries(small)),
    ...entries('not canonical', Object.fromEntries(nonCanonical())),
  ];
}

// Points that have a second encoding: y from 2 to 18, written as y + p.
function nonCanonical() {
  const encodings = [];
  for (let y = 2n; y <= 18n; y += 1n) {
    const [bytes, canonical] = [encode(P + y, 0), encode(y, 0)];
    if (decode(bytes) === undefined || !isProperPoint(canonical)) continue;
    encodings.push([`y-${y}`, [`its y is ${y}, written as p + ${y}`, addressOf(bytes)]]);
    encodings.push([`y-${y}-odd`, [`its y is ${y}, written as p + ${y}, its x is odd`, addressOf(encode(P + y, 1))]]);
  }
  return encodings;
}
