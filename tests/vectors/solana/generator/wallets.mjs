// Wallets made with @solana/keys and @solana/addresses. Private keys are SHA-256 of labels, or RFC 8032's.

import { getAddressFromPublicKey } from '@solana/addresses';
import { createKeyPairFromPrivateKeyBytes, signBytes } from '@solana/keys';

import { sha256, utf8 } from './bytes.mjs';
import { addressBytes } from './curve.mjs';

export async function walletOf(seed) {
  const { privateKey, publicKey } = await createKeyPairFromPrivateKeyBytes(seed);
  const address = await getAddressFromPublicKey(publicKey);
  const sign = async (message) => Uint8Array.from(await signBytes(privateKey, message));
  return { seed, address, key: addressBytes(address), sign };
}

export const wallet = (label) => walletOf(seedOf(label));

// The first of `label 0`, `label 1`, ... whose address fits.
export async function walletWhere(label, fits) {
  for (let count = 0; ; count += 1) {
    const candidate = await wallet(`${label} ${count}`);
    if (fits(candidate)) return candidate;
  }
}

function seedOf(label) {
  return sha256(utf8(`countersign solana vectors: ${label}`));
}
