// What has to be refused, made from good proofs.

import { made } from './accepts.mjs';
import { base64, concat, flipBit, number, sha256, witness, word } from './bytes.mjs';
import { looseDer, negated, ORDER, parts, segwit, sign, signLegacy, signWith } from './signing.mjs';
import { signInText } from './texts.mjs';
import { bitcoin, kinds, networks, wallet } from './wallets.mjs';

const isLegacy = (kind) => kind.startsWith('p2pkh');
const isSegwit = (kind) => kind === 'p2wpkh' || kind === 'p2sh-p2wpkh';

export function rejects() {
  const ofEach = kinds.flatMap((kind) => {
    const signer = wallet('alice', kind);
    const text = signInText(signer);
    const good = { signer, text, signature: sign(signer, text) };
    return [
      ...foreign(good), ...cut(good), ...flipped(good), ...wrongKeys(good),
      ...isLegacy(kind) ? legacyForms(good) : [],
      ...isSegwit(kind) ? segwitForms(good) : [],
      ...kind === 'p2tr' ? taprootForms(good) : [],
    ];
  });
  return [...ofEach, ...headers()].map((one) => ({ ...one, valid: false }));
}

// Another message, key, network or kind of address.
function foreign({ signer, text, signature }) {
  const texts = {
    'line break after it': `${text}\n`, 'CRLF': text.replaceAll('\n', '\r\n'), 'another nonce': text.replace('vK7d', 'vK7e'),
    'another domain': signInText(signer, { domain: 'example.org' }), nothing: '',
  };
  const bob = wallet('bob', signer.kind);
  const abroad = wallet('alice', signer.kind, 'testnet');
  // With the header of a compressed key, a signature for P2PKH is what Electrum makes for segwit.
  const isSame = (kind) => kind === signer.kind || (signer.kind === 'p2pkh' && isSegwit(kind));
  const others = kinds.filter((kind) => !isSame(kind)).map((kind) => wallet('alice', kind));
  return [
    ...Object.entries(texts).map(([detail, other]) => (
      made('other message', signer, other, signature, { detail, reason: 'the signature is of another text' }))),
    made('other key', bob, text, signature, { detail: 'her signature', reason: 'the signature is of another key' }),
    made('other key', signer, text, sign(bob, text), { detail: 'his signature', reason: 'the signature is of another key' }),
    ...['testnet', 'signet'].map((net) => made('other network', { ...signer, chain: networks[net].chain }, text, signature,
      { detail: `claimed on ${net}`, reason: 'the address is one of mainnet' })),
    made('other network', { ...abroad, chain: networks.mainnet.chain }, text, sign(abroad, text),
      { detail: 'claimed on mainnet', reason: 'the address is one of the test networks' }),
    ...others.map((other) => made('other kind of address', other, text, signature,
      { detail: `signed for ${signer.kind}`, reason: 'the same key, and another kind of address' })),
  ];
}

function cut({ signer, text, signature }) {
  const all = {
    empty: [], 'one byte': signature.subarray(0, 1), half: signature.subarray(0, signature.length >> 1),
    'without its last byte': signature.subarray(0, -1), 'without its first byte': signature.subarray(1),
    'a zero after it': concat(signature, [0]), 'a zero before it': concat([0], signature),
    'twice': concat(signature, signature), 'its Base64': Buffer.from(base64(signature)), zeros: Buffer.alloc(65),
    'ones': Buffer.alloc(65, 255),
  };
  return Object.entries(all).map(([detail, bytes]) => (
    made('cut or extended', signer, text, bytes, { detail, reason: 'not the bytes of a signature' })));
}

function flipped({ signer, text, signature }) {
  const bits = [0, 1, 2, 3, 7, 8, 15, 40, 77, 200, 255, 300, 400, 8 * signature.length - 1];
  return bits.map((bit) => made('flipped bit', signer, text, flipBit(signature, bit),
    { detail: `${bit}`, reason: 'one bit differs' }));
}

function wrongKeys({ signer, text, signature }) {
  const { publicKey } = signer;
  const other = wallet('bob', signer.kind).publicKey;
  const keys = {
    "another's": other, 'cut': publicKey.subarray(0, -1), 'extended': concat(publicKey, [0]), empty: [],
    'the other y': concat([publicKey[0] ^ 1], publicKey.subarray(1)), 'other form': otherForm(signer),
    "another's x": other.subarray(1, 33), zeros: Buffer.alloc(33),
  };
  if (signer.kind === 'p2tr') delete keys['the other y'];
  return Object.entries(keys).map(([detail, key]) => made('public key', signer, text, signature,
    { detail, publicKey: key, reason: 'the public key sent is not the one of the address' }));
}

// Uncompressed for those that are not, and the reverse.
function otherForm({ pair, kind }) {
  const point = concat([4], sha256('no point'), sha256('nor this'));
  return kind === 'p2pkh-uncompressed' ? concat([2 + (pair.publicKey[64] & 1)], pair.publicKey.subarray(1, 33)) : point;
}

function legacyForms({ signer, text, signature }) {
  const [header, rs] = [signature[0], signature.subarray(1)];
  const [r, s] = [rs.subarray(0, 32), rs.subarray(32)];
  const compressed = signer.kind === 'p2pkh';
  const forms = {
    'high s': [concat([header ^ 0], negated(rs)), 'the signature of the same key with the other s'],
    'high s with its own header': [concat([flipParity(header)], negated(rs)), 'recovers to the same key, and anybody can make it'],
    'header 0': [concat([0], rs), 'no such header'], 'header 26': [concat([26], rs), 'no such header'],
    'header 43': [concat([43], rs), 'no such header'], 'header 255': [concat([255], rs), 'no such header'],
    'header of the other form': [concat([compressed ? header - 4 : header + 4], rs), 'of a key that is compressed otherwise'],
    'header of P2SH': [concat([35 + ((header - 27) & 3)], rs), 'a header of another kind of address'],
    'header of P2WPKH': [concat([39 + ((header - 27) & 3)], rs), 'a header of another kind of address'],
    'x of R plus the order': [concat([header + 2], rs), 'r is not so small'],
    'r of zero': [concat([header], Buffer.alloc(32), s), 'r is zero'],
    's of zero': [concat([header], r, Buffer.alloc(32)), 's is zero'],
    'r of the order': [concat([header], word(ORDER), s), 'r is out of range'],
    's plus the order': [concat([header], r, word((number(s) + ORDER) % (1n << 256n))), 's is out of range'],
    'header at the end': [concat(rs, [header]), 'the header comes first'],
    'no header': [rs, 'the header is missing'],
    'as a witness': [witness(signature), 'a witness is not for P2PKH'],
    'in DER': [segwit(concat(looseDer(rs), [1]), signer.publicKey.subarray(0, 33)), 'a witness is not for P2PKH'],
  };
  return Object.entries(forms).map(([detail, [bytes, reason]]) => made('form', signer, text, bytes, { detail, reason }));
}

const flipParity = (header) => 27 + ((header - 27) ^ 1);

function segwitForms({ signer, text, signature }) {
  const { item, rs, key } = parts(signature);
  const uncompressed = Buffer.from(bitcoin.crypto.taggedHash('TapTweak', key));
  const again = (der, type = 1) => segwit(concat(der, [type]), key);
  const der = item.subarray(0, -1);
  const forms = {
    'high s': [again(looseDer(negated(rs))), 'anybody can make it from the first'],
    'zeros before r': [again(looseDer(rs, { pad: 1 })), 'DER has one form'],
    'a byte after s': [again(looseDer(rs, { tail: [0] })), 'DER has one form'],
    'long length in DER': [again(concat([0x30, 0x81, der[1]], der.subarray(2))), 'DER has one form'],
    'raw r and s': [segwit(concat(rs, [1]), key), 'not in DER'],
    'no hash type': [segwit(der, key), 'the hash type is missing'],
    'no signature': [segwit(Buffer.alloc(0), key), 'the signature is missing'],
    'r of zero': [again(looseDer(concat(Buffer.alloc(32), rs.subarray(32)))), 'r is zero'],
    's of zero': [again(looseDer(concat(rs.subarray(0, 32), Buffer.alloc(32)))), 's is zero'],
    'the order for r': [again(looseDer(concat(word(ORDER), rs.subarray(32)))), 'r is out of range'],
    ...Object.fromEntries([0, 2, 3, 0x81, 0x82, 0x83].map((type) => (
      [`hash type ${type}`, [signWith(signer, text, type), 'the hash type is not ALL, though all is signed as it says']]))),
    'the hash type of another': [again(der, 2), 'the type is part of what is signed'],
    'one item': [witness(item), 'the key is missing'],
    'three items': [witness(item, key, []), 'an item too many'],
    'items swapped': [witness(key, item), 'signature and key are swapped'],
    'no items': [Buffer.from([0]), 'an empty witness'],
    'another key': [segwit(item, wallet('bob', signer.kind).publicKey), 'the key is not the one of the address'],
    'the other y': [segwit(item, concat([key[0] ^ 1], key.subarray(1))), 'the key is not the one of the address'],
    'tag 5': [segwit(item, concat([5], key.subarray(1))), 'no such tag'],
    'x alone': [segwit(item, key.subarray(1)), 'the key is not compressed'],
    'a hash for a key': [segwit(item, uncompressed), 'the key is not compressed'],
    'long length of an item': [concat([2, 0xfd, item.length, 0], item, [key.length], key), 'lengths have one form'],
    'long count': [concat([0xfd, 2, 0], signature.subarray(1)), 'lengths have one form'],
    'a length beyond the end': [concat([2, 0xfc], signature.subarray(2)), 'the item ends before its length'],
    'a huge length': [concat([2, 0xff], Buffer.alloc(8, 0xff), signature.subarray(2)), 'the item ends before its length'],
    'of a Taproot witness': [sign(wallet('alice', 'p2tr'), text), 'one item of P2TR'],
  };
  return Object.entries(forms).map(([detail, [bytes, reason]]) => made('form', signer, text, bytes, { detail, reason }));
}

function taprootForms({ signer, text, signature }) {
  const bytes = signature.subarray(2, 66);
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)];
  const forms = {
    'type 0 written': [witness(concat(signWith(signer, text, 0).subarray(2), [0])), 'the default type is never written'],
    'type ALL left out': [witness(bytes), 'the type is part of what is signed'],
    ...Object.fromEntries([2, 3, 0x81, 0x82, 0x83].map((type) => (
      [`hash type ${type}`, [signWith(signer, text, type), 'the hash type is not ALL, though all is signed as it says']]))),
    'the internal key': [signWith(signer, text, 0, { tweak: false }), 'the key is not tweaked'],
    'no witness': [bytes, '64 bytes without the stack'],
    'with its type, no witness': [concat(bytes, [1]), '65 bytes without the stack'],
    's of the other sign': [witness(concat(negated(bytes), [1])), 's is another'],
    's plus the order': [witness(concat(r, word((number(s) + ORDER) % (1n << 256n)), [1])), 's is out of range'],
    's of zero': [witness(concat(r, Buffer.alloc(32), [1])), 's is zero'],
    'r of zero': [witness(concat(Buffer.alloc(32), s, [1])), 'no such point'],
    'r of ones': [witness(concat(Buffer.alloc(32, 255), s, [1])), 'out of range'],
    'an annex': [witness(signature.subarray(2), [0x50]), 'an item too many'],
    'a script path': [witness(signature.subarray(2), [0x51], concat([0xc0], signer.publicKey.subarray(1))), 'not the key path'],
    'no items': [Buffer.from([0]), 'an empty witness'],
    'long length of an item': [concat([1, 0xfd, 65, 0], signature.subarray(2)), 'lengths have one form'],
    'a legacy message': [signLegacy(signer, text), 'legacy signed messages are not for P2TR'],
    'a segwit witness': [sign(wallet('alice', 'p2wpkh'), text), 'two items of P2WPKH'],
  };
  return Object.entries(forms).map(([detail, [bytes_, reason]]) => made('form', signer, text, bytes_, { detail, reason }));
}

// Legacy signed messages of segwit addresses under the headers of others.
function headers() {
  const wrong = { p2wpkh: [27, 35], 'p2sh-p2wpkh': [27, 39] };
  return Object.entries(wrong).flatMap(([kind, firsts]) => {
    const signer = wallet('alice', kind);
    const text = signInText(signer);
    const signature = signLegacy(signer, text);
    const id = (signature[0] - 27) & 3;
    const rs = signature.subarray(1);
    const forms = [
      ...firsts.map((first) => [`header ${first}`, concat([first + id], rs), 'a header of another kind of address or key']),
      ['high s', concat([31 + (id ^ 1)], negated(rs)), 'recovers to the same key, and anybody can make it'],
      ['other recovery', concat([31 + (id ^ 1)], rs), 'recovers to another key'],
      ['cut', signature.subarray(0, 64), 'a byte is missing'],
      ['extended', concat(signature, [1]), 'a byte too many'],
    ];
    return forms.map(([detail, bytes, reason]) => made('legacy of segwit', signer, text, bytes, { detail, reason }));
  });
}
