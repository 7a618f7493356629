// Addresses alone: what is read, and what is refused for its form or for what it is.

import { toBech32 } from '@cosmjs/encoding';

import { sha256 } from './bytes.mjs';
import { prefixes, wallet } from './wallets.mjs';

export async function addresses() {
  const hash = sha256('an account').subarray(0, 20);
  const { address } = await wallet('grace');
  const good = [];
  for (const reference of Object.keys(prefixes)) good.push([reference, (await wallet('grace', reference)).address]);
  const refused = (refusedFor) => ([id, text]) => ({ id, address: text, valid: false, refusedFor });
  return [
    ...good.map(([id, text]) => ({ id, address: text, valid: true, refusedFor: null })),
    ...[
      ['upper case', address.toUpperCase()], ['mixed case', `${address.slice(0, 12)}${address.slice(12).toUpperCase()}`],
      ['prefix in upper case', address.replace('cosmos', 'COSMOS')], ['91 characters', `${address}${'q'.repeat(91 - address.length)}`],
    ].map(refused('form')),
    ...[
      ['empty', ''], ['a blank after it', `${address} `], ['a character changed', address.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q'))],
      ['a character too many', `${address}q`], ['cut', address.slice(0, -1)], ['no prefix', address.slice(6)], ['a prefix alone', 'cosmos1'],
      ['hex', hash.toString('hex')], ['an Ethereum address', `0x${hash.toString('hex')}`], ['not ASCII', 'cosmos1\u20ac'],
      ['with its chain', `cosmos:${address}`], ['Bech32m of Bitcoin', 'bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr'],
      ['another prefix', toBech32('regen', hash)], ['a validator', toBech32('cosmosvaloper', hash)],
      ['a public key', toBech32('cosmospub', hash)], ['32 bytes', toBech32('cosmos', sha256('a contract'))],
      ['19 bytes', toBech32('cosmos', hash.subarray(1))], ['21 bytes', toBech32('cosmos', Buffer.alloc(21, 1))],
      ['no bytes', toBech32('cosmos', Buffer.alloc(0))],
      ...['evmos', 'inj', 'dym', 'canto'].map((prefix) => [`eth_secp256k1 of ${prefix}`, toBech32(prefix, hash)]),
    ].map(refused('check')),
  ];
}
