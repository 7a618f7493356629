// Wallets of CosmJS: keys that are SHA-256 of a label, on each chain; and the document that they sign.

import { encodeSecp256k1Pubkey, makeSignDoc, pubkeyToAddress, Secp256k1Wallet, serializeSignDoc } from '@cosmjs/amino';
import { Secp256k1, Secp256k1Signature, sha256 as digest } from '@cosmjs/crypto';
import { toBase64 } from '@cosmjs/encoding';

import { fromBase64, sha256 } from './bytes.mjs';

export const prefixes = {
  'cosmoshub-4': 'cosmos', 'osmosis-1': 'osmo', celestia: 'celestia', 'noble-1': 'noble', 'neutron-1': 'neutron',
  'juno-1': 'juno', 'stargaze-1': 'stars', 'akashnet-2': 'akash',
};
export const secretOf = (name) => sha256(`countersign cosmos ${name}`);

export async function wallet(name, reference = 'cosmoshub-4') {
  const signer = await Secp256k1Wallet.fromKey(Uint8Array.from(secretOf(name)), prefixes[reference]);
  const [{ address, pubkey }] = await signer.getAccounts();
  async function signDoc(doc) {
    const { signature } = await signer.signAmino(address, doc);
    return fromBase64(signature.signature);
  }
  return {
    name, reference, chain: `cosmos:${reference}`, address, publicKey: Buffer.from(pubkey), signDoc,
    sign: (message) => signDoc(document(address, message)),
  };
}

// The document of ADR-36. `changes` are of its fields.
export function document(signer, message, changes = {}) {
  const { type = 'sign/MsgSignData', fee = { gas: '0', amount: [] }, memo = '', chainId = '', number = 0, sequence = 0 } = changes;
  const data = toBase64(Buffer.from(message));
  const messages = changes.messages ?? [{ type, value: { signer, data } }];
  return makeSignDoc(messages, fee, chainId, memo, number, sequence);
}

// What CosmJS says: that the key is the address's, and the signature one of the document.
export async function judge({ address, message, signature, publicKey }) {
  try {
    const prefix = address.slice(0, address.lastIndexOf('1'));
    if (pubkeyToAddress(encodeSecp256k1Pubkey(publicKey), prefix) !== address) return false;
    const parsed = Secp256k1Signature.fromFixedLength(signature);
    return await Secp256k1.verifySignature(parsed, digest(serializeSignDoc(document(address, message))), publicKey);
  } catch {
    return 'threw';
  }
}
