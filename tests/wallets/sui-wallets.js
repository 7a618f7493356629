// Wallets of @mysten/sui behind the interface of wallets.js. Every wallet has fresh random keys. What the SDK gives in
// Base64 is written in hex here, as any client of the server has to.

import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519';
import { PasskeyKeypair } from '@mysten/sui/keypairs/passkey';
import { Secp256k1Keypair } from '@mysten/sui/keypairs/secp256k1';
import { Secp256r1Keypair } from '@mysten/sui/keypairs/secp256r1';
import { MultiSigPublicKey } from '@mysten/sui/multisig';
import { verifyPersonalMessageSignature } from '@mysten/sui/verify';

const KEYPAIRS = { ed25519: Ed25519Keypair, secp256k1: Secp256k1Keypair, secp256r1: Secp256r1Keypair };

export const schemes = Object.keys(KEYPAIRS);

export function newSuiWallet(keyType = 'ed25519') {
  return walletOf(keyType, KEYPAIRS[keyType].generate());
}

// The same private key in each scheme.
export function sameSecret() {
  const secret = randomBytes(32);
  return schemes.map((keyType) => walletOf(keyType, KEYPAIRS[keyType].fromSecretKey(secret)));
}

function walletOf(keyType, keypair) {
  const publicKey = keypair.getPublicKey();
  return {
    keyType,
    keypair,
    address: publicKey.toSuiAddress(),
    publicKey: hex(publicKey.toRawBytes()),
    flaggedKey: hex(publicKey.toSuiBytes()),
    sign: async (message) => fromBase64((await keypair.signPersonalMessage(utf8(message))).signature),
    signTransaction: async (message) => fromBase64((await keypair.signTransaction(utf8(message))).signature),
  };
}

// Two of two, of which both sign.
export function newMultisig() {
  const signers = [newSuiWallet('ed25519'), newSuiWallet('secp256k1')].map(({ keypair }) => keypair);
  const publicKeys = signers.map((keypair) => ({ publicKey: keypair.getPublicKey(), weight: 1 }));
  const publicKey = MultiSigPublicKey.fromPublicKeys({ threshold: 2, publicKeys });
  const signer = publicKey.getSigner(...signers);
  return {
    address: publicKey.toSuiAddress(),
    publicKey: hex(publicKey.toRawBytes()),
    sign: async (message) => fromBase64((await signer.signPersonalMessage(utf8(message))).signature),
  };
}

// A passkey with an authenticator made of Node's own crypto.
export async function newPasskey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const create = () => ({ response: { getPublicKey: () => publicKey.export({ format: 'der', type: 'spki' }) } });
  const get = (challenge) => ({ response: assertion(privateKey, challenge) });
  const keypair = await PasskeyKeypair.getPasskeyInstance({ create, get });
  return {
    address: keypair.getPublicKey().toSuiAddress(),
    publicKey: hex(keypair.getPublicKey().toRawBytes()),
    sign: async (message) => fromBase64((await keypair.signPersonalMessage(utf8(message))).signature),
  };
}

function assertion(privateKey, challenge) {
  const encoded = Buffer.from(challenge).toString('base64url');
  const clientData = { type: 'webauthn.get', challenge: encoded, origin: 'https://example.com' };
  const clientDataJSON = Buffer.from(JSON.stringify(clientData));
  const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
  const authenticatorData = Buffer.concat([sha256('example.com'), Buffer.from([0x1d, 0, 0, 0, 0])]);
  const signed = Buffer.concat([authenticatorData, sha256(clientDataJSON)]);
  return { authenticatorData, clientDataJSON, signature: createSign('sha256').update(signed).sign(privateKey) };
}

// What Sui's own library says of a signature in hex.
export async function isValid(address, message, signature) {
  const inBase64 = Buffer.from(signature, 'hex').toString('base64');
  try {
    await verifyPersonalMessageSignature(utf8(message), inBase64, { address });
    return true;
  } catch {
    return false;
  }
}

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const fromBase64 = (text) => Buffer.from(text, 'base64').toString('hex');
