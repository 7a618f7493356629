// Addresses alone: what is read, into which canonical form, and what is refused for its form or for what it is.

import { createRequire } from 'node:module';

import { concat, sha256 } from './bytes.mjs';
import { bitcoin, kinds, networks, wallet } from './wallets.mjs';

const { bech32, bech32m } = createRequire(import.meta.url)('bech32');

export function addresses() {
  const good = Object.keys(networks).slice(0, 2).flatMap((net) => kinds.map((kind) => wallet('frank', kind, net)));
  const script = sha256('a script');
  const p2wpkh = wallet('frank', 'p2wpkh').address;
  const p2tr = wallet('frank', 'p2tr').address;
  const p2pkh = wallet('frank', 'p2pkh').address;
  const hash = bitcoin.address.fromBase58Check(p2pkh).hash;
  const segwit = (prefix, version, program, code = version === 0 ? bech32 : bech32m) => (
    code.encode(prefix, [version, ...code.toWords(Buffer.from(program))], 200));
  const base58 = (version, bytes = hash) => bitcoin.address.toBase58Check(bytes, version);
  const refused = (refusedFor) => ([id, address]) => ({ id, address, valid: false, canonical: null, refusedFor });
  return [
    ...good.map(({ kind, net, address }) => (
      { id: `${kind} on ${net}`, address, valid: true, canonical: address, refusedFor: null })),
    ...[p2wpkh, p2tr].map((address) => (
      { id: `upper case ${address.slice(0, 4)}`, address: address.toUpperCase(), valid: true, canonical: address, refusedFor: null })),
    ...[
      ['empty', ''], ['a space after it', `${p2pkh} `], ['a space before it', ` ${p2pkh}`], ['0 in Base58', `${p2pkh.slice(0, -1)}0`],
      ['a character too many', `${p2pkh}1`], ['cut', p2pkh.slice(0, -2)], ['a 1 too many before it', `1${p2pkh}`],
      ['63 characters', `${p2tr}q`], ['regtest', segwit('bcrt', 0, hash)], ['Litecoin', segwit('ltc', 0, hash)],
      ['hex', hash.toString('hex')], ['an Ethereum address', `0x${hash.toString('hex')}`], ['with its chain', `bip122:${p2pkh}`],
      ['P2WSH is 62 characters, with one more', `${segwit('bc', 0, script)}q`], ['a key in hex', `02${script.toString('hex')}`],
      ['the prefix alone in two bytes', '\u00e9\u00e9'],
    ].map(refused('form')),
    ...[
      ['a letter of Base58 changed', p2pkh.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))],
      ['a letter of Bech32 changed', p2wpkh.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q'))],
      ['mixed case', p2wpkh.slice(0, 10) + p2wpkh.slice(10).toUpperCase()], ['prefix in another case', `BC1${p2wpkh.slice(3)}`],
      ['Bech32m of version 0', segwit('bc', 0, hash, bech32m)], ['Bech32 of version 1', segwit('bc', 1, script, bech32)],
      ['a prefix alone', 'bc1'], ['not ASCII', 'bc1\u20acq'], ['Bech32 cut', p2wpkh.slice(0, -1)], ['not of the alphabet', p2wpkh.replace(/.$/, 'b')],
      ['version 0 of 16 bytes', segwit('bc', 0, hash.subarray(0, 16))], ['version 17', segwit('bc', 17, hash, bech32m)],
      ['P2WSH', segwit('bc', 0, script)], ['P2WSH on testnet', segwit('tb', 0, script)],
      ['version 1 of 20 bytes', segwit('bc', 1, hash)], ['an anchor', segwit('bc', 1, [0x4e, 0x73])],
      ['version 2', segwit('bc', 2, script)], ['version 16', segwit('tb', 16, script.subarray(0, 2))],
      ['P2TR that is no point', segwit('bc', 1, Buffer.alloc(32, 5))], ['P2TR of zeros', segwit('bc', 1, Buffer.alloc(32))],
      ['P2TR of the field\'s size', segwit('bc', 1, concat(Buffer.alloc(27, 255), [0xfe, 0xff, 0xff, 0xfc, 0x2f]))],
      ['Litecoin in Base58', base58(0x30)], ['Dogecoin', base58(0x1e)], ['Dash', base58(0x4c)],
    ].map(refused('check')),
  ];
}
