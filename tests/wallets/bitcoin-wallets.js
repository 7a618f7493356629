// Wallets of bitcoinjs-lib and bip322-js behind the interface of wallets.js. Every wallet has a fresh random key. What
// the SDK gives in Base64 is written in hex here, as any client of the server has to.

import { createRequire } from 'node:module';

// These are CommonJS.
const require = createRequire(import.meta.url);
const ecc = require('@bitcoinerlab/secp256k1');
const { Signer, Verifier } = require('bip322-js');
const bitcoin = require('bitcoinjs-lib');
const bitcoinMessage = require('bitcoinjs-message');
const { ECPairFactory } = require('ecpair');

bitcoin.initEccLib(ecc);
const ECPair = ECPairFactory(ecc);

export const kinds = ['p2wpkh', 'p2tr', 'p2sh-p2wpkh', 'p2pkh', 'p2pkh-uncompressed'];

export function newBitcoinWallet(kind = 'p2wpkh', net = 'mainnet') {
  return walletOf(ECPair.makeRandom({ compressed: kind !== 'p2pkh-uncompressed', network: networkOf(net) }), kind, net);
}

// The same private key behind each kind of address of a compressed key.
export function sameSecret(net = 'mainnet') {
  const pair = ECPair.makeRandom({ network: networkOf(net) });
  return kinds.filter((kind) => kind !== 'p2pkh-uncompressed').map((kind) => walletOf(pair, kind, net));
}

export const isValid = (address, message, signature) => (
  Verifier.verifySignature(address, message, Buffer.from(signature, 'hex').toString('base64'), true));

const networkOf = (net) => (net === 'mainnet' ? bitcoin.networks.bitcoin : bitcoin.networks.testnet);

function walletOf(pair, kind, net) {
  const address = addressOf(pair.publicKey, kind, networkOf(net));
  return {
    kind,
    keyType: 'secp256k1',
    address,
    publicKey: pair.publicKey.toString('hex'),
    sign: async (message) => Buffer.from(Signer.sign(pair.toWIF(), address, message), 'base64').toString('hex'),
    // With the header of BIP-137 if a type is given, otherwise with that of a compressed key.
    signLegacy: (message, segwitType) => (
      bitcoinMessage.sign(message, pair.privateKey, pair.compressed, segwitType && { segwitType }).toString('hex')),
  };
}

function addressOf(pubkey, kind, network) {
  const { p2pkh, p2sh, p2tr, p2wpkh } = bitcoin.payments;
  if (kind === 'p2wpkh') return p2wpkh({ pubkey, network }).address;
  if (kind === 'p2tr') return p2tr({ internalPubkey: pubkey.subarray(1), network }).address;
  if (kind === 'p2sh-p2wpkh') return p2sh({ redeem: p2wpkh({ pubkey, network }), network }).address;
  return p2pkh({ pubkey, network }).address;
}
