// Wallet SDKs behind one interface: { address, publicKey, sign(message) }. Every wallet has a fresh random key.
// A public key is in the form its SDK gives it: viem does not compress it, ethers and Alephium's do. Solana's gives
// bytes, which are written in hex here.

import { PrivateKeyWallet } from '@alephium/web3-wallet';
import { createSignableMessage, generateKeyPairSigner, getAddressEncoder } from '@solana/kit';
import { Wallet } from 'ethers';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';

export const walletSdks = [
  { name: 'viem', newWallet: newViemWallet },
  { name: 'ethers', newWallet: newEthersWallet },
];

// The key types that sign in unless an operator adds others.
export const alephiumKeyTypes = ['default', 'bip340-schnorr', 'gl-secp256k1'];

function newViemWallet() {
  const account = privateKeyToAccount(generatePrivateKey());
  const { address, publicKey } = account;
  return { name: 'viem', address, publicKey, sign: (message) => account.signMessage({ message }) };
}

function newEthersWallet() {
  const wallet = Wallet.createRandom();
  const { address, publicKey } = wallet;
  return { name: 'ethers', address, publicKey, sign: (message) => wallet.signMessage(message) };
}

export function newAlephiumWallet(keyType) {
  const wallet = PrivateKeyWallet.Random(undefined, undefined, keyType);
  const { address, publicKey } = wallet;
  async function sign(message, messageHasher = 'alephium') {
    const request = { signerAddress: address, signerKeyType: keyType, message, messageHasher };
    return (await wallet.signMessage(request)).signature;
  }
  return { keyType, address, publicKey, sign };
}

export async function newSolanaWallet() {
  const signer = await generateKeyPairSigner();
  const { address } = signer;
  async function sign(message) {
    const [signatures] = await signer.signMessages([createSignableMessage(message)]);
    return hex(signatures[address]);
  }
  return { keyType: 'ed25519', address, publicKey: hex(getAddressEncoder().encode(address)), sign };
}

function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}
