// What Solana's own libraries say, and beside it a strict verifier that is neither theirs nor ours.

import { getAddressFromPublicKey, getPublicKeyFromAddress, isAddress, isOffCurveAddress } from '@solana/addresses';
import { verifySignature } from '@solana/keys';
import {
  createSignInMessage, parseSignInMessage, verifyMessageSignature,
} from '@solana/wallet-standard-util';
import nacl from 'tweetnacl';

import { hex } from './bytes.mjs';
import { addressBytes, decode, L, readS } from './curve.mjs';

export async function judge({ address, message, signature, publicKey }) {
  const said = { ...addressOracle(address), keys: null, util: null, binding: null };
  if (said.address === 'valid') {
    said.keys = await outcome(async () => verifySignature(await getPublicKeyFromAddress(address), signature, message));
    said.util = await outcome(() => verifyMessageSignature({
      message, signedMessage: message, signature, publicKey: addressBytes(address),
    }));
    if (publicKey) said.binding = await outcome(async () => (await addressOfKey(publicKey)) === address);
  }
  const isVerified = said.keys === true || said.util === true;
  return { ...said, text: isSignInText(message), accepts: isVerified && (said.binding ?? true) === true };
}

// isAddress tells the form; isOffCurveAddress is only asked about what has it.
export function addressOracle(address) {
  if (!isAddress(address)) return { address: 'invalid', curve: null };
  return { address: 'valid', curve: isOffCurveAddress(address) ? 'off' : 'on' };
}

// Whether the wallet standard's library reads these bytes as a text of Sign-In With Solana, and writes it alike.
function isSignInText(message) {
  const fields = parseSignInMessage(message);
  return fields !== null && hex(createSignInMessage(fields)) === hex(message);
}

async function addressOfKey(publicKey) {
  return getAddressFromPublicKey(await crypto.subtle.importKey('raw', publicKey, 'Ed25519', true, ['verify']));
}

async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return `threw: ${error.name}`;
  }
}

// RFC 8032 without cofactor, S below L, and no key or R that is of small order or not in its one encoding. The
// equation is tweetnacl's.
export function isStrictlyValid({ address, message, signature, publicKey }) {
  if (!isAddress(address)) return false;
  const key = addressBytes(address);
  return (publicKey === undefined || hex(publicKey) === hex(key)) && isStrictSignature(key, message, signature);
}

export function isStrictSignature(key, message, signature) {
  return key.length === 32 && signature.length === 64
    && isProperPoint(key) && isProperPoint(signature.slice(0, 32)) && readS(signature) < L
    && nacl.sign.detached.verify(message, signature, key);
}

export function isProperPoint(bytes) {
  const point = decode(bytes);
  return point !== undefined && !point.isSmallOrder() && hex(point.toBytes()) === hex(bytes);
}
