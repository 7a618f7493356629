// Addresses alone: which texts are read, as what.

import { addressOracle, isCanonicalAddress } from './oracle.mjs';
import { cast } from './wallets.mjs';

export function addresses() {
  const people = cast();
  const groups = [valid(people), otherCase(people), misspelt(people), wrongLength(people), foreign(), system()];
  return groups.flat().map((made) => ({ ...made, oracle: addressOracle(made.address) }));
}

// `canonical` where it is read; else what refuses: `form`, or `key` where nobody can hold one.
function entries(group, refusedFor, texts) {
  return Object.entries(texts).map(([id, [reason, address]]) => {
    const canonical = refusedFor === null ? address.toLowerCase() : null;
    if (canonical !== null && !isCanonicalAddress(canonical)) throw new Error(`${id} is not canonical`);
    return { id: `${group.replaceAll(' ', '-')}-${id}`, class: group, address, canonical, refusedFor, reason };
  });
}

function valid(people) {
  const own = Object.entries(people).map(([name, { address }]) => [name, ['the address of a wallet', address]]);
  return entries('valid', null, {
    ...Object.fromEntries(own),
    'all-ones': ['the largest', `0x${'f'.repeat(64)}`],
    'fifteen-zero-bytes': ['fifteen zero bytes first', `0x${'0'.repeat(30)}01${'0'.repeat(32)}`],
  });
}

// The case of digits says nothing.
function otherCase({ alice, bob }) {
  return entries('other case', null, {
    upper: ['all digits in upper case', `0x${alice.address.slice(2).toUpperCase()}`],
    mixed: ['some digits in upper case', bob.address.replace(/[a-f]/, (digit) => digit.toUpperCase())],
  });
}

function misspelt({ alice: { address } }) {
  const replaced = (character) => address.slice(0, 9) + character + address.slice(10);
  return entries('misspelt', 'form', {
    'no-0x': ['0x missing', address.slice(2)],
    '0X': ['0X before it', `0X${address.slice(2)}`],
    'all-upper': ['all in upper case, 0X too', address.toUpperCase()],
    'x-alone': ['x without 0', address.slice(1)],
    '0x-twice': ['0x twice', `0x${address}`],
    '0x-inside': ['0x in place of its first two digits', `0x${address.slice(0, 64)}`],
    g: ['g is no hex digit', replaced('g')],
    cyrillic: ['a Cyrillic letter that looks like a Latin one', replaced('\u0430')],
    'full-width': ['a full-width digit', replaced('\uff11')],
    'space-before': ['a space before it', ` ${address}`],
    'space-after': ['a space after it', `${address} `],
    'space-inside': ['a space inside', replaced(' ')],
    plus: ['a plus sign', replaced('+')],
    minus: ['a minus sign after 0x', `0x-${address.slice(3)}`],
    underscore: ['an underscore', replaced('_')],
    tab: ['a tab after it', `${address}\t`],
    'line-feed': ['a line feed after it', `${address}\n`],
    'no-break-space': ['a space that does not break after it', `${address}\u00a0`],
    'zero-width-space': ['a space of no width after it', `${address}\u200b`],
    nul: ['a NUL after it', `${address}\0`],
    quoted: ['quotation marks around it', `"${address}"`],
    'caip-10': ['the whole CAIP-10 account id', `sui:mainnet:${address}`],
    'move-type': ['a Move type', `${address}::coin::Coin`],
    'two-of-them': ['two addresses', `${address}${address}`],
  });
}

function wrongLength({ alice: { address } }) {
  return entries('wrong length', 'form', {
    empty: ['nothing', ''],
    '0x': ['0x alone', '0x'],
    'one-digit': ['the short form of an address of the system', '0x2'],
    'digit-less': ['a digit less', address.slice(0, -1)],
    'byte-less': ['a byte less', address.slice(0, -2)],
    'digit-more': ['a digit more', `${address}0`],
    'byte-more': ['a byte more', `${address}00`],
    'twenty-bytes': ['20 bytes, as before 2023', address.slice(0, 42)],
    'thirty-three-bytes': ['a public key with its flag', `0x00${address.slice(2)}`],
    '1000-digits': ['1000 digits', `0x${'a'.repeat(1000)}`],
  });
}

function foreign() {
  return entries('foreign', 'form', {
    ethereum: ['an address of Ethereum', '0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb'],
    bitcoin: ['an address of Bitcoin', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
    solana: ['an address of Solana', 'HqxeUoZzhq5Qk8VZnAs171voaZMqLCpETeBK4GqQXQm8'],
    base64: ['a public key with its flag in Base64', 'AC68P56WCCTF0nUEX31/V5b1wqiD1pvfc8Fql8dPIPDA'],
    name: ['a name of SuiNS', 'example.sui'],
    'at-name': ['a name of SuiNS in its other form', '@example'],
    'private-key': ['the beginning of a private key', `suiprivkey1${'q'.repeat(59)}`],
  });
}

// Packages and objects of the system, which nobody has the key of.
function system() {
  const names = { 0: 'zero', 1: 'move-stdlib', 2: 'framework', 3: 'system', 5: 'system-state', 6: 'clock', 8: 'random',
    '403': 'deny-list', dee9: 'deepbook' };
  const known = Object.entries(names).map(([digits, name]) => (
    [name, [`of the system: 0x${digits}`, `0x${digits.padStart(64, '0')}`]]
  ));
  return entries('system', 'key', {
    ...Object.fromEntries(known),
    'sixteen-zero-bytes': ['sixteen zero bytes first', `0x${'0'.repeat(32)}${'f'.repeat(32)}`],
    'sixteen-zero-bytes-upper': ['the same in upper case', `0x${'0'.repeat(32)}${'F'.repeat(32)}`],
  });
}
