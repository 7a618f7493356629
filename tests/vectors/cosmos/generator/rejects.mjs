// What has to be refused, made from good proofs.

import { Secp256k1, sha256 as digest } from '@cosmjs/crypto';
import { fromBech32, toBech32 } from '@cosmjs/encoding';
import { encodeSecp256k1Pubkey, pubkeyToAddress, serializeSignDoc } from '@cosmjs/amino';

import { made } from './accepts.mjs';
import { base64, concat, flipBit, number, sha256, word } from './bytes.mjs';
import { signInText } from './texts.mjs';
import { document, prefixes, secretOf, wallet } from './wallets.mjs';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export async function rejects() {
  const cases = [];
  for (const reference of ['cosmoshub-4', 'osmosis-1']) {
    const signer = await wallet('alice', reference);
    const text = signInText(signer);
    const good = { signer, text, signature: await signer.sign(text) };
    for (const kind of [foreign, documents, cut, flipped, wrongKeys, scalars]) cases.push(...await kind(good));
  }
  return cases.map((one) => ({ ...one, valid: false }));
}

async function foreign({ signer, text, signature }) {
  const bob = await wallet('bob', signer.reference);
  const abroad = await wallet('alice', signer.reference === 'celestia' ? 'juno-1' : 'celestia');
  const others = Object.keys(prefixes).filter((reference) => reference !== signer.reference);
  const texts = {
    'line break after it': `${text}\n`, CRLF: text.replaceAll('\n', '\r\n'), 'another nonce': text.replace('vK7d', 'vK7e'),
    'another domain': signInText(signer, { domain: 'example.org' }), nothing: '', 'its Base64': base64(Buffer.from(text)),
  };
  return [
    ...Object.entries(texts).map(([detail, other]) => (
      made('other message', signer, other, signature, { detail, reason: 'the signature is of another text' }))),
    made('other key', bob, text, signature, { detail: 'her signature', reason: 'the signature is of another key' }),
    made('other key', signer, text, await bob.sign(text), { detail: 'his signature', reason: 'the signature is of another key' }),
    made('other key', signer, text, signature, { detail: 'his key', publicKey: bob.publicKey, reason: 'the key is not of the address' }),
    made('other key', bob, text, signature, { detail: 'his address', publicKey: signer.publicKey, reason: 'the key is not of the address' }),
    ...others.map((reference) => made('other chain', { ...signer, chain: `cosmos:${reference}`, reference }, text, signature,
      { detail: `with an address of ${signer.reference}`, reason: 'the address has the prefix of another chain' })),
    made('other chain', abroad, text, signature, { detail: `signed for ${signer.reference}`, reason: 'the signer is in the document' }),
    made('other chain', { ...signer, chain: 'cosmos:unknown-1' }, text, signature,
      { detail: `unknown, with an address of ${signer.reference}`, reason: 'nobody said what prefix the chain has' }),
  ];
}

// Documents that are not quite those of ADR-36.
async function documents({ signer, text }) {
  const { address } = signer;
  const value = { signer: address, data: base64(Buffer.from(text)) };
  const one = { type: 'sign/MsgSignData', value };
  const changes = {
    'another type': { type: 'sign/MsgSignText' }, 'gas of 1': { fee: { gas: '1', amount: [] } }, 'a memo': { memo: 'memo' },
    'a fee': { fee: { gas: '0', amount: [{ denom: 'uatom', amount: '1' }] } }, 'a chain id': { chainId: signer.reference },
    'an account number': { number: 1 }, 'a sequence': { sequence: 1 }, 'no messages': { messages: [] },
    'two messages': { messages: [one, one] }, 'the text as it is': { messages: [{ ...one, value: { ...value, data: text } }] },
    'text in Base64url': { messages: [{ ...one, value: { ...value, data: Buffer.from(`${text}`).toString('base64url') } }] },
    'text without padding': { messages: [{ ...one, value: { ...value, data: `${value.data}=` } }] },
    'text in hex': { messages: [{ ...one, value: { ...value, data: Buffer.from(text).toString('hex') } }] },
    'a field more': { messages: [{ ...one, value: { ...value, more: '' } }] },
    'a transfer': { messages: [{ type: 'cosmos-sdk/MsgSend', value: { amount: [], from_address: address, to_address: address } }] },
  };
  const cases = [];
  for (const [detail, change] of Object.entries(changes)) {
    cases.push(made('other document', signer, text, await signer.signDoc(document(address, text, change)),
      { detail, reason: 'the document signed is not the one of ADR-36' }));
  }
  const by = async (bytes) => (await Secp256k1.createSignature(digest(bytes), secretOf(signer.name))).toFixedLength().slice(0, 64);
  const json = Buffer.from(serializeSignDoc(document(address, text))).toString();
  const texts = {
    'the text itself': Buffer.from(text), 'blanks in the document': Buffer.from(JSON.stringify(JSON.parse(json), null, 1)),
    'another order of keys': Buffer.from(JSON.stringify(document(address, text))), 'a line break after it': Buffer.from(`${json}\n`),
    'the digest, again hashed': digest(Buffer.from(json)),
  };
  for (const [detail, bytes] of Object.entries(texts)) {
    cases.push(made('other document', signer, text, await by(bytes), { detail, reason: 'the bytes signed are not the document' }));
  }
  return cases;
}

function cut({ signer, text, signature }) {
  const all = {
    empty: [], 'one byte': signature.subarray(0, 1), half: signature.subarray(0, 32), 'without its last byte': signature.subarray(0, -1),
    'without its first byte': signature.subarray(1), 'a zero after it': concat(signature, [0]), 'a recovery byte': concat(signature, [1]),
    'a zero before it': concat([0], signature), 'halves swapped': concat(signature.subarray(32), signature.subarray(0, 32)),
    'its Base64': Buffer.from(base64(signature)),
  };
  return Object.entries(all).map(([detail, bytes]) => (
    made('cut or extended', signer, text, bytes, { detail, reason: 'not the bytes of a signature' })));
}

function flipped({ signer, text, signature }) {
  return [0, 1, 7, 8, 63, 100, 255, 256, 257, 300, 400, 511].map((bit) => (
    made('flipped bit', signer, text, flipBit(signature, bit), { detail: `${bit}`, reason: 'one bit differs' })));
}

function wrongKeys({ signer, text, signature }) {
  const { publicKey } = signer;
  const keys = {
    cut: publicKey.subarray(0, -1), extended: concat(publicKey, [0]), 'x alone': publicKey.subarray(1),
    'the other y': concat([publicKey[0] ^ 1], publicKey.subarray(1)), 'tag 4': concat([4], publicKey.subarray(1)),
    'tag 5': concat([5], publicKey.subarray(1)), 'uncompressed': Secp256k1.uncompressPubkey(publicKey), zeros: Buffer.alloc(33),
    Amino: concat([0xeb, 0x5a, 0xe9, 0x87, 0x21], publicKey), absent: undefined,
  };
  const cases = Object.entries(keys).map(([detail, key]) => (
    made('public key', signer, text, signature, { detail, publicKey: key, reason: 'not the compressed key of the address' })));
  // An address made of bytes that are no key.
  const noPoint = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((label) => concat([2], sha256(label))).find((key) => !isPoint(key));
  const address = toBech32(prefixes[signer.reference], hashOf(noPoint));
  cases.push(made('public key', { ...signer, address }, text, signature,
    { detail: 'no point, with its own address', publicKey: noPoint, reason: 'there is no such point' }));
  return cases;
}

function isPoint(key) {
  try {
    return Secp256k1.uncompressPubkey(key).length === 65;
  } catch {
    return false;
  }
}

const hashOf = (key) => {
  const address = pubkeyToAddress(encodeSecp256k1Pubkey(key), 'cosmos');
  return fromBech32(address, 90).data;
};

function scalars({ signer, text, signature }) {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const all = {
    'high s': concat(r, word(ORDER - number(s))), 'r of zero': concat(Buffer.alloc(32), s), 's of zero': concat(r, Buffer.alloc(32)),
    'r of the order': concat(word(ORDER), s), 's of the order': concat(r, word(ORDER)), zeros: Buffer.alloc(64), ones: Buffer.alloc(64, 255),
    's plus the order': concat(r, word((number(s) + ORDER) % (1n << 256n))), 's of one': concat(r, word(1n)),
    'r and s of one': concat(word(1n), word(1n)),
  };
  return Object.entries(all).map(([detail, bytes]) => (
    made('scalars', signer, text, bytes, { detail, reason: 'r or s is another, or out of range' })));
}
