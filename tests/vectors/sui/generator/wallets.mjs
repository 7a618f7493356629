// Wallets made with @mysten/sui. Private keys are SHA-256 of labels, or derived from a published mnemonic.

import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519';
import { Secp256k1Keypair } from '@mysten/sui/keypairs/secp256k1';
import { Secp256r1Keypair } from '@mysten/sui/keypairs/secp256r1';
import { decodeSuiPrivateKey } from '@mysten/sui/cryptography';

import { fromBase64, sha256, utf8 } from './bytes.mjs';

const KEYPAIRS = { ed25519: Ed25519Keypair, secp256k1: Secp256k1Keypair, secp256r1: Secp256r1Keypair };

export const schemes = Object.keys(KEYPAIRS);

export function walletOf(scheme, keypair) {
  const publicKey = keypair.getPublicKey();
  return {
    scheme,
    keypair,
    seed: decodeSuiPrivateKey(keypair.getSecretKey()).secretKey,
    address: publicKey.toSuiAddress(),
    key: publicKey.toRawBytes(),
    flagged: publicKey.toSuiBytes(),
    sign: async (message) => fromBase64((await keypair.signPersonalMessage(message)).signature),
  };
}

export const walletOfSeed = (scheme, seed) => walletOf(scheme, KEYPAIRS[scheme].fromSecretKey(seed));
export const walletOfMnemonic = (scheme, words) => walletOf(scheme, KEYPAIRS[scheme].deriveKeypair(words));
export const wallet = (scheme, label) => walletOfSeed(scheme, sha256(utf8(`countersign sui vectors: ${label}`)));

// The first of `label 0`, `label 1`, ... that fits.
export function walletWhere(scheme, label, fits) {
  for (let count = 0; ; count += 1) {
    const candidate = wallet(scheme, `${label} ${count}`);
    if (fits(candidate)) return candidate;
  }
}

// Two wallets of each scheme, and some whose bytes are odd.
export function cast() {
  return {
    alice: wallet('ed25519', 'alice'),
    bob: wallet('secp256k1', 'bob'),
    carol: wallet('secp256r1', 'carol'),
    dave: wallet('ed25519', 'dave'),
    erin: wallet('secp256k1', 'erin'),
    frank: wallet('secp256r1', 'frank'),
    leadingZero: walletWhere('ed25519', 'leading zero', ({ address }) => address.startsWith('0x00')),
    oddX: walletWhere('ed25519', 'odd x', ({ key }) => key[31] >= 128),
    evenY: walletWhere('secp256k1', 'even y', ({ key }) => key[0] === 2),
    oddY: walletWhere('secp256k1', 'odd y', ({ key }) => key[0] === 3),
    evenYr1: walletWhere('secp256r1', 'even y', ({ key }) => key[0] === 2),
    oddYr1: walletWhere('secp256r1', 'odd y', ({ key }) => key[0] === 3),
  };
}
