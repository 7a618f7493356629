// Signatures: those that wallets make, and those that none should.

import { concat, fromBase64, number, word } from './bytes.mjs';
import { BIP322, bitcoin, bitcoinMessage, ecc, Signer } from './wallets.mjs';

export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

// As bip322-js signs: legacy for P2PKH, BIP-322 simple for the rest. For P2TR it takes a random number that nobody can
// choose, so those are made here in its form.
export function sign(wallet, message) {
  if (wallet.kind === 'p2tr') return signWith(wallet, message, 1);
  return fromBase64(Signer.sign(wallet.pair.toWIF(), wallet.address, message));
}

// A legacy signed message with a header of BIP-137, or of a compressed key where no kind is given.
export function signLegacy({ pair }, message, segwitType) {
  return bitcoinMessage.sign(message, pair.privateKey, pair.compressed, segwitType && { segwitType });
}

// BIP-322 simple with another hash type; `tweak: false` signs for P2TR with the internal key itself.
export function signWith(wallet, message, hashType, { tweak = true } = {}) {
  const script = bitcoin.address.toOutputScript(wallet.address, wallet.network);
  const toSpend = BIP322.buildToSpendTx(message, script).getHash();
  const toSign = new bitcoin.Transaction();
  toSign.version = 0;
  toSign.addInput(toSpend, 0, 0);
  toSign.addOutput(Buffer.from([0x6a]), 0);
  if (wallet.kind === 'p2tr') {
    const x = wallet.publicKey.subarray(1);
    const signer = tweak ? wallet.pair.tweak(bitcoin.crypto.taggedHash('TapTweak', x)) : wallet.pair;
    const digest = toSign.hashForWitnessV1(0, [script], [0], hashType);
    const signature = ecc.signSchnorr(digest, signer.privateKey, Buffer.alloc(32));
    return concat([1], hashType === 0 ? [64] : [65], signature, hashType === 0 ? [] : [hashType]);
  }
  const code = bitcoin.payments.p2pkh({ pubkey: wallet.publicKey }).output;
  const raw = wallet.pair.sign(toSign.hashForWitnessV0(0, code, 0, hashType));
  return segwit(concat(looseDer(raw), [hashType]), wallet.publicKey);
}

export const segwit = (signature, key) => concat([2, signature.length], signature, [key.length], key);

// The two items of a witness of P2WPKH, and the r and s of its signature.
export function parts(signature) {
  const item = signature.subarray(2, 2 + signature[1]);
  const { signature: rs, hashType } = bitcoin.script.signature.decode(item);
  return { item, rs, hashType, key: signature.subarray(3 + signature[1]) };
}

export const negated = (rs) => concat(rs.subarray(0, 32), word(ORDER - number(rs.subarray(32))));

// DER of two numbers, not as strict as it should be: `pad` zeros more before r.
export function looseDer(rs, { pad = 0, tail = [] } = {}) {
  const integer = (bytes, more) => {
    let body = Buffer.from(bytes);
    while (body.length > 1 && body[0] === 0 && body[1] < 0x80) body = body.subarray(1);
    if (body[0] >= 0x80) body = concat([0], body);
    body = concat(Buffer.alloc(more), body);
    return concat([2, body.length], body);
  };
  const body = concat(integer(rs.subarray(0, 32), pad), integer(rs.subarray(32), 0), tail);
  return concat([0x30, body.length], body);
}
