// What has to be accepted.

import { fromBase64 } from './bytes.mjs';
import { signLegacy, sign, signWith } from './signing.mjs';
import { signInText } from './texts.mjs';
import { bitcoin, ECPair, kinds, networks, wallet } from './wallets.mjs';

export function accepts() {
  return [...signIns(), ...headers(), ...defaultTypes(), ...publicKeys(), ...otherTexts(), ...published()];
}

export const made = (group, signer, message, signature, rest = {}) => ({
  id: [group, signer.name, signer.kind, signer.net, rest.detail].filter(Boolean).join(' '),
  class: group, chain: signer.chain, address: signer.address, message, signature, valid: true, reason: '', ...rest,
});

// Every kind of address on every network, by three keys.
function signIns() {
  return ['alice', 'bob', 'carol'].flatMap((name) => Object.keys(networks).flatMap((net) => kinds.map((kind) => {
    const signer = wallet(name, kind, net);
    const text = signInText(signer);
    return made('sign-in text', signer, text, sign(signer, text), { reason: 'as bip322-js signs it' });
  })));
}

// Legacy signed messages of segwit addresses: by BIP-137, and with the header of a compressed key as Electrum does.
function headers() {
  const types = { p2wpkh: 'p2wpkh', 'p2sh-p2wpkh': 'p2sh(p2wpkh)' };
  return Object.keys(types).flatMap((kind) => ['alice', 'bob', 'carol', 'dave'].flatMap((name) => {
    const signer = wallet(name, kind);
    const text = signInText(signer);
    return [
      made('legacy of segwit', signer, text, signLegacy(signer, text, types[kind]),
        { detail: 'bip137', reason: 'a header of BIP-137' }),
      made('legacy of segwit', signer, text, signLegacy(signer, text),
        { detail: 'compressed', reason: 'the header of a compressed key, as Electrum writes it' }),
    ];
  }));
}

function defaultTypes() {
  return ['alice', 'bob', 'carol'].map((name) => {
    const signer = wallet(name, 'p2tr');
    const text = signInText(signer);
    return made('default hash type', signer, text, signWith(signer, text, 0), { reason: '64 bytes: SIGHASH_DEFAULT' });
  });
}

function publicKeys() {
  return kinds.flatMap((kind) => {
    const signer = wallet('alice', kind);
    const text = signInText(signer);
    const keys = { 'as the wallet gives it': signer.publicKey };
    if (kind === 'p2tr') {
      keys['x of the internal key'] = signer.publicKey.subarray(1);
      keys['output key'] = bitcoin.address.fromBech32(signer.address).data;
    }
    return Object.entries(keys).map(([detail, publicKey]) => (
      made('public key', signer, text, sign(signer, text), { detail, publicKey, reason: 'the key of the address' })
    ));
  });
}

function otherTexts() {
  const texts = ['', 'a', 'Hello World', 'z\u00fc\u20ac\ud83d\ude00', 'x'.repeat(252), 'x'.repeat(253), 'y'.repeat(4096), '\n'];
  return texts.flatMap((text) => kinds.map((kind) => {
    const signer = wallet('erin', kind);
    return made('other text', signer, text, sign(signer, text), {
      detail: `${Buffer.byteLength(text)} bytes${text === '\n' ? ', a line break' : ''}`, reason: 'any text can be signed',
    });
  }));
}

// The vectors that BIP-322 itself prints.
function published() {
  const pair = ECPair.fromWIF('L3VFeEujGtevx9w18HD1fhRbCH67Az2dpCymeRE1SoPK6XQtaN2k');
  const { address } = bitcoin.payments.p2wpkh({ pubkey: pair.publicKey });
  if (address !== 'bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l') throw new Error(`another key: ${address}`);
  const signer = { name: 'BIP-322', kind: 'p2wpkh', net: 'mainnet', chain: networks.mainnet.chain, address };
  const key = 'ASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=';
  return [
    ['', `AkcwRAIgM2gBAQqvZX15ZiysmKmQpDrG83avLIT492QBzLnQIxYCIBaTpOaD20qRlEylyxFSeEA2ba9YOixpX8z46TSDtS40${key}`],
    ['Hello World',
      `AkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/s${key}`],
  ].map(([text, signature]) => (
    made('published', signer, text, fromBase64(signature), { detail: text || 'empty', reason: 'printed in BIP-322' })
  ));
}
