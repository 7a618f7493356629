// Signatures of the schemes that are not taken, made with Sui's own library where it can.

import { MultiSigPublicKey } from '@mysten/sui/multisig';
import { PasskeyKeypair } from '@mysten/sui/keypairs/passkey';
import { computeZkLoginAddressFromSeed, getZkLoginSignature } from '@mysten/sui/zklogin';

import { base64, concat, fromBase64, sha256, utf8, zeros } from './bytes.mjs';
import { blake, der, serialize, signDigest } from './curve.mjs';

// `signers` with a weight of 1 each; all of them sign.
export async function multisig(signers, message) {
  const publicKeys = signers.map(({ keypair }) => ({ publicKey: keypair.getPublicKey(), weight: 1 }));
  const publicKey = MultiSigPublicKey.fromPublicKeys({ threshold: signers.length, publicKeys });
  const signed = await Promise.all(signers.map(({ keypair }) => keypair.signPersonalMessage(message)));
  const parts = signed.map(({ signature }) => signature);
  return { address: publicKey.toSuiAddress(), signature: fromBase64(publicKey.combinePartialSignatures(parts)) };
}

// The signer's key as a passkey's, with an authenticator of ours.
export async function passkey(signer, message) {
  const provider = { get: async (challenge) => ({ response: assertion(signer, challenge) }) };
  const keypair = new PasskeyKeypair(signer.key, provider);
  const { signature } = await keypair.signPersonalMessage(message);
  return { address: keypair.getPublicKey().toSuiAddress(), signature: fromBase64(signature) };
}

function assertion(signer, challenge) {
  const encoded = Buffer.from(challenge).toString('base64url');
  const clientData = { type: 'webauthn.get', challenge: encoded, origin: 'https://example.com' };
  const clientDataJSON = utf8(JSON.stringify(clientData));
  const authenticatorData = concat(sha256(utf8('example.com')), [0x1d], zeros(4));
  const signed = signDigest(signer, concat(authenticatorData, sha256(clientDataJSON)));
  return { authenticatorData, clientDataJSON, signature: der(signer, signed) };
}

// In form only: nobody can make the proof of one without an identity provider.
export async function zkLogin(signer, message) {
  const proofPoints = { a: ['1', '2', '1'], b: [['1', '2'], ['3', '4'], ['1', '0']], c: ['1', '2', '1'] };
  const issBase64Details = { value: 'yJpc3MiOiJodHRwczovL2FjY291bnRzLmdvb2dsZS5jb20iLC', indexMod4: 1 };
  const addressSeed = '12345678901234567890';
  const inputs = { proofPoints, issBase64Details, headerBase64: 'eyJhbGciOiJSUzI1NiJ9', addressSeed };
  const { signature: userSignature } = await signer.keypair.signPersonalMessage(message);
  const address = computeZkLoginAddressFromSeed(BigInt(addressSeed), 'https://accounts.google.com', false);
  return { address, signature: fromBase64(getZkLoginSignature({ inputs, maxEpoch: '100', userSignature })) };
}

// A signature of validators has 48 bytes and a key of 96.
export function bls() {
  const signature = concat([4], zeros(48).fill(0xa1), zeros(96).fill(0xb2));
  return { address: `0x${Buffer.from(blake(concat([4], zeros(96).fill(0xb2)))).toString('hex')}`, signature };
}

export const asBase64 = (signature) => utf8(base64(signature));
export const flaggedAs = (signer, flag, signature) => concat([flag], signature.slice(1, 65), signer.key);
export const withKey = (signer, key, signature) => serialize({ ...signer, key }, signature.slice(1, 65));
