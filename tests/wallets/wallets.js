// Two wallet SDKs behind one interface: { name, address, sign(message) }. Every wallet has a fresh random key.

import { Wallet } from 'ethers';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';

export const walletSdks = [
  { name: 'viem', newWallet: newViemWallet },
  { name: 'ethers', newWallet: newEthersWallet },
];

function newViemWallet() {
  const account = privateKeyToAccount(generatePrivateKey());
  return { name: 'viem', address: account.address, sign: (message) => account.signMessage({ message }) };
}

function newEthersWallet() {
  const wallet = Wallet.createRandom();
  return { name: 'ethers', address: wallet.address, sign: (message) => wallet.signMessage(message) };
}
