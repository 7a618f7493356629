// Wallets: keys that are SHA-256 of a label, and each kind of address of them on each network.

import { createRequire } from 'node:module';

import { sha256 } from './bytes.mjs';

// Both are CommonJS, and one of their exports is named as a word.
const require = createRequire(import.meta.url);
export const bitcoin = require('bitcoinjs-lib');
export const ecc = require('@bitcoinerlab/secp256k1');
export const { Signer, Verifier, BIP322 } = require('bip322-js');
export const bitcoinMessage = require('bitcoinjs-message');
export const ECPair = require('ecpair').default(ecc);
bitcoin.initEccLib(ecc);

export const networks = {
  mainnet: { chain: 'bip122:000000000019d6689c085ae165831e93', network: bitcoin.networks.bitcoin },
  testnet: { chain: 'bip122:000000000933ea01ad0ee984209779ba', network: bitcoin.networks.testnet },
  signet: { chain: 'bip122:00000008819873e925422c1ff0f99f7c', network: bitcoin.networks.testnet },
};
export const kinds = ['p2pkh', 'p2pkh-uncompressed', 'p2sh-p2wpkh', 'p2wpkh', 'p2tr'];

export function wallet(name, kind, net = 'mainnet') {
  const { chain, network } = networks[net];
  const compressed = kind !== 'p2pkh-uncompressed';
  const pair = ECPair.fromPrivateKey(sha256(`countersign bitcoin ${name}`), { network, compressed });
  return { name, kind, net, chain, network, pair, address: addressOf(kind, pair, network), publicKey: pair.publicKey };
}

function addressOf(kind, { publicKey: pubkey }, network) {
  const { p2pkh, p2sh, p2wpkh, p2tr } = bitcoin.payments;
  switch (kind) {
    case 'p2sh-p2wpkh': return p2sh({ redeem: p2wpkh({ pubkey, network }), network }).address;
    case 'p2wpkh': return p2wpkh({ pubkey, network }).address;
    case 'p2tr': return p2tr({ internalPubkey: pubkey.subarray(1), network }).address;
    default: return p2pkh({ pubkey, network }).address;
  }
}
