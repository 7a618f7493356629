// Wallet SDKs behind one interface: { address, publicKey, sign(message) }. Every wallet has a fresh random key.

import { PrivateKeyWallet } from '@alephium/web3-wallet';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';

export function newEthereumWallet() {
  const account = privateKeyToAccount(generatePrivateKey());
  const { address, publicKey } = account;
  return { address, publicKey, sign: (message) => account.signMessage({ message }) };
}

export function newAlephiumWallet() {
  const wallet = PrivateKeyWallet.Random();
  const { address, publicKey } = wallet;
  async function sign(message) {
    const request = { signerAddress: address, message, messageHasher: 'alephium' };
    return (await wallet.signMessage(request)).signature;
  }
  return { address, publicKey, sign };
}
