// Wallets of CosmJS behind the interface of wallets.js. Every wallet has a fresh random key. What the SDK gives in Base64
// is written in hex here, as any client of the server has to.

import { createMultisigThresholdPubkey, makeSignDoc, pubkeyToAddress, Secp256k1Wallet, serializeSignDoc } from '@cosmjs/amino';
import { Random, Secp256k1, Secp256k1Signature, sha256 } from '@cosmjs/crypto';
import { fromBase64, toBase64, toHex } from '@cosmjs/encoding';

import { prefixes } from './cosmos-chains.js';

export async function newCosmosWallet(chain = 'cosmos:cosmoshub-4') {
  return walletOf(Random.getBytes(32), chain);
}

// The same private key on each chain.
export async function sameSecret() {
  const secret = Random.getBytes(32);
  return Promise.all(Object.keys(prefixes).map((reference) => walletOf(secret, `cosmos:${reference}`)));
}

async function walletOf(secret, chain) {
  const signer = await Secp256k1Wallet.fromKey(secret, prefixes[chain.slice('cosmos:'.length)]);
  const [{ address, pubkey }] = await signer.getAccounts();
  const sign = async (message, changes) => {
    const { signature } = await signer.signAmino(address, signDoc(address, message, changes));
    return toHex(fromBase64(signature.signature));
  };
  return { keyType: 'secp256k1', chain, address, publicKey: toHex(pubkey), sign };
}

// An account of which one of two has to sign.
export async function newMultisig() {
  const member = await newCosmosWallet();
  const other = await newCosmosWallet();
  const keys = [member, other].map(({ publicKey }) => (
    { type: 'tendermint/PubKeySecp256k1', value: toBase64(Buffer.from(publicKey, 'hex')) }));
  return { ...member, address: pubkeyToAddress(createMultisigThresholdPubkey(keys, 1), 'cosmos') };
}

// The document of ADR-36, as signArbitrary of wallets makes it; with `memo`, one that a transaction could have.
function signDoc(signer, message, { memo = '' } = {}) {
  const value = { signer, data: toBase64(Buffer.from(message)) };
  return makeSignDoc([{ type: 'sign/MsgSignData', value }], { gas: '0', amount: [] }, '', memo, 0, 0);
}

export async function isValid({ address, publicKey }, message, signature) {
  const digest = sha256(serializeSignDoc(signDoc(address, message)));
  const parsed = Secp256k1Signature.fromFixedLength(Buffer.from(signature, 'hex'));
  return Secp256k1.verifySignature(parsed, digest, Buffer.from(publicKey, 'hex'));
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export const forgeries = [
  ['its high s', (signature) => signature.slice(0, 64) + (ORDER - BigInt(`0x${signature.slice(64)}`)).toString(16).padStart(64, '0')],
  ['its last byte missing', (signature) => signature.slice(0, -2)],
  ['a recovery byte after it', (signature) => `${signature}01`],
  ['r and s swapped', (signature) => signature.slice(64) + signature.slice(0, 64)],
  ['a bit of it flipped', (signature) => signature.slice(0, 126) + (parseInt(signature.slice(126), 16) ^ 1).toString(16).padStart(2, '0')],
  ['zeros', () => '00'.repeat(64)],
  ['no byte', () => '0x'],
];
