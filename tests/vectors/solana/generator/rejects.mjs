// Proofs that must be refused, each a good proof with one thing wrong.

import { sha512 } from '@noble/hashes/sha2';
import { keccak_256 } from '@noble/hashes/sha3';
import { ed25519, ed25519ctx, ed25519ph } from '@noble/curves/ed25519';
import { secp256k1 } from '@noble/curves/secp256k1';
import { getBase58Decoder } from '@solana/codecs-strings';

import { cast, derivedAddresses, envelopeV0, envelopeV1 } from './accepts.mjs';
import { concat, flipBit, hex, overwrite, sha256, utf8, zeros } from './bytes.mjs';
import { addressOf, halves, L, negated, negatedS, readS, withS } from './curve.mjs';
import { forgeries } from './forgeries.mjs';
import { chains, signInText } from './texts.mjs';

export async function rejects() {
  const people = await cast();
  const good = await Promise.all(Object.values(people).map(async (signer) => {
    const message = utf8(signInText(signer));
    return { signer, address: signer.address, message, signature: await signer.sign(message) };
  }));
  const groups = [malleated, shortened, lengthened, emptied, flipped, otherKey, otherMessage, otherChain, otherScheme,
    publicKeys, offCurve, forgeries];
  const made = await Promise.all(groups.map((group) => group(good)));
  return made.flat();
}

// One refused proof: `base` with `changes`.
export function refused(id, group, base, reason, changes) {
  const { signer, ...proof } = base;
  return { id, class: group, chain: chains.mainnet, ...proof, ...changes, valid: false, reason };
}

// s and s + L, or R and -R, are the same to a verifier that does not look.
function malleated(good) {
  const plusL = good.map((base, at) => (
    refused(`plus-l-${at}`, 'malleated', base, 'S + L', { signature: withS(base.signature, readS(base.signature) + L) })
  ));
  const [base] = good;
  const s = readS(base.signature);
  const [r, encodedS] = halves(base.signature);
  const others = {
    'plus-2l': ['S + 2 L', withS(base.signature, s + 2n * L)],
    'plus-7l': ['S + 7 L', withS(base.signature, s + 7n * L)],
    'plus-14l': ['S + 14 L', withS(base.signature, s + 14n * L)],
    'negated-s': ['L - S', negatedS(base.signature)],
    'negated-r': ['-R', overwrite(base.signature, 0, negated(r))],
    'negated-both': ['-R and L - S', negatedS(overwrite(base.signature, 0, negated(r)))],
    'sign-of-r': ['the other sign of x in R', flipBit(base.signature, 255)],
    'top-bit-of-s': ['the highest bit of S set', flipBit(base.signature, 511)],
    'bit-254-of-s': ['the second highest bit of S set', flipBit(base.signature, 510)],
    'bit-253-of-s': ['the third highest bit of S set', flipBit(base.signature, 509)],
    swapped: ['S before R', concat(encodedS, r)],
    reversed: ['all bytes in reverse', Uint8Array.from(base.signature).reverse()],
    'big-endian': ['R and S big-endian', concat(r.toReversed(), encodedS.toReversed())],
  };
  return [...plusL, ...each('malleated', base, others)];
}

function shortened([base]) {
  const cut = [0, 1, 31, 32, 33, 48, 62, 63].map((length) => (
    refused(`cut-to-${length}`, 'truncated', base, `${length} bytes`, { signature: base.signature.slice(0, length) })
  ));
  const signature = base.signature.slice(1);
  return [...cut, refused('without-first-byte', 'truncated', base, 'the first byte is missing', { signature })];
}

function lengthened([base]) {
  const { message, signature } = base;
  return each('extended', base, {
    'zero-after': ['a zero after it', concat(signature, [0])],
    'zero-before': ['a zero before it', concat([0], signature)],
    'recovery-byte': ['a recovery byte after it, as Ethereum has', concat(signature, [27])],
    'message-after': ['the message after it, as signed messages of NaCl are', concat(signature, message)],
    'key-after': ['the public key after it', concat(signature, base.signer.key)],
    'key-before': ['the public key before it', concat(base.signer.key, signature)],
    twice: ['twice', concat(signature, signature)],
    'kind-before': ['a byte before it that says Ed25519, as Sui has', concat([0], signature, base.signer.key)],
  });
}

function emptied([base]) {
  const { signature } = base;
  const zero = zeros(32);
  return each('zero', base, {
    'all-zero': ['64 zeros', zeros(64)],
    'all-ones': ['64 bytes of 0xFF', zeros(64).fill(255)],
    'zero-s': ['S is 0', overwrite(signature, 32, zero)],
    'zero-r': ['R is all zeros', overwrite(signature, 0, zero)],
    'l-as-s': ['S is L, which is 0', withS(signature, L)],
    'one-as-s': ['S is 1', withS(signature, 1n)],
    'largest-s': ['S is L - 1', withS(signature, L - 1n)],
    'ones-as-s': ['S is 2^256 - 1', overwrite(signature, 32, zeros(32).fill(255))],
    'ones-as-r': ['R is 2^256 - 1', overwrite(signature, 0, zeros(32).fill(255))],
  });
}

function flipped([, base]) {
  const inSignature = [0, 7, 100, 200, 248, 254, 256, 300, 400, 500].map((bit) => (
    refused(`bit-${bit}`, 'flipped', base, `bit ${bit} flipped`, { signature: flipBit(base.signature, bit) })
  ));
  const inKey = [0, 100, 200, 248].map((bit) => (
    refused(`key-bit-${bit}`, 'flipped', base, `bit ${bit} of the key in the address flipped`, {
      address: addressOf(flipBit(base.signer.key, bit)),
    })
  ));
  return [...inSignature, ...inKey];
}

async function otherKey(good) {
  const swaps = good.flatMap((base, at) => {
    const next = good[(at + 1) % good.length];
    const { address, signature } = next;
    return [
      refused(`address-of-another-${at}`, 'other key', base, 'the address is of another wallet', { address }),
      refused(`signature-of-another-${at}`, 'other key', base, 'another wallet signed its own text', { signature }),
    ];
  });
  const [alice, bob] = good;
  const signature = await bob.signer.sign(alice.message);
  const forged = refused('another-signed', 'other key', alice, 'another wallet signed this text', { signature });
  const address = addressOf(negated(alice.signer.key));
  const mirrored = refused('negated-key', 'other key', alice, 'the address is of the negated key', { address });
  return [...swaps, forged, mirrored];
}

// The signature is of the text as it was before the change.
function otherMessage([base]) {
  const text = signInText(base.signer);
  const texts = {
    'line-feed-after': ['a line feed after it', `${text}\n`],
    'space-after': ['a space after it', `${text} `],
    'byte-order-mark': ['a byte order mark before it', `\ufeff${text}`],
    crlf: ['CR LF for LF', text.replaceAll('\n', '\r\n')],
    'escaped-line-feeds': ['a backslash and n for LF', text.replaceAll('\n', '\\n')],
    'other-domain': ['another domain', text.replaceAll('example.com', 'example.org')],
    'other-nonce': ['another nonce', text.replace('vK7d', 'vK7e')],
    'other-statement': ['another statement', text.replace('Sign in', 'Sign up')],
    'other-time': ['another time', text.replace('12:05', '12:06')],
    'added-resource': ['a resource added', `${text}\nResources:\n- https://example.com`],
    'upper-case': ['all in upper case', text.toUpperCase()],
    empty: ['nothing', ''],
  };
  const changed = Object.entries(texts).map(([id, [what, other]]) => (
    refused(`changed-${id}`, 'other message', base, `what is claimed has ${what}`, { message: utf8(other) })
  ));
  const message = flipBit(base.message, 8 * base.message.length - 1);
  return [...changed, refused('changed-last-bit', 'other message', base, 'its last bit flipped', { message })];
}

// The wallet signed for another chain than the claimed text says, or was of another chain.
async function otherChain([base]) {
  const spellings = ['devnet', 'testnet', 'localnet', 'solana:mainnet', 'Mainnet', 'mainnet-beta', '1',
    ...Object.values(chains).map((chain) => chain.slice('solana:'.length))];
  const signed = await Promise.all(spellings.map(async (chainId) => (
    refused(`signed-for-${chainId}`, 'other chain', base, `the text signed has the chain id ${chainId}`, {
      signature: await base.signer.sign(utf8(signInText(base.signer, { chainId }))),
    })
  )));
  return [...signed, ...each('other chain', base, {
    ethereum: ['of secp256k1, as wallets of Ethereum sign', ethereumSignature(base)],
    alephium: ['of the digest that wallets of Alephium sign', ed25519.sign(
      sha256(concat(utf8('Alephium Signed Message: '), base.message)), base.signer.seed,
    )],
    sui: ['of the intent and digest that wallets of Sui sign', ed25519.sign(
      sha256(concat([3, 0, 0], base.message)), base.signer.seed,
    )],
    aptos: ['of the text that wallets of Aptos sign', ed25519.sign(
      concat(utf8('APTOS\nmessage: '), base.message), base.signer.seed,
    )],
  })];
}

function ethereumSignature({ signer, message }) {
  const digest = keccak_256(concat(utf8(`\x19Ethereum Signed Message:\n${message.length}`), message));
  const signature = secp256k1.sign(digest, signer.seed);
  return concat(signature.toCompactRawBytes(), [27 + signature.recovery]);
}

// The same key under another rule, or the right signature in another form.
function otherScheme([base]) {
  const { message, signature, signer } = base;
  const text = signInText(signer);
  const sign = (bytes) => ed25519.sign(bytes, signer.seed);
  return each('other scheme', base, {
    ed25519ph: ['Ed25519ph', ed25519ph.sign(message, signer.seed)],
    ed25519ctx: ['Ed25519ctx', ed25519ctx.sign(message, signer.seed, { context: utf8('countersign') })],
    'sha-256-first': ['of the SHA-256 of the message', sign(sha256(message))],
    'sha-512-first': ['of the SHA-512 of the message', sign(sha512(message))],
    'hex-first': ['of the hex of the message', sign(utf8(hex(message)))],
    'off-chain-v0': ['of the message in an off-chain envelope, version 0', sign(envelopeV0(signer, text))],
    'off-chain-v1': ['of the message in an off-chain envelope, version 1', sign(envelopeV1(signer, text))],
    'as-hex': ['its hex digits as bytes', utf8(hex(signature))],
    'as-base58': ['its Base58 as bytes', utf8(getBase58Decoder().decode(signature))],
    'as-base64': ['its Base64 as bytes', utf8(Buffer.from(signature).toString('base64'))],
    'as-der': ['R and S in DER, as ECDSA has them', derOf(signature)],
  });
}

function derOf(signature) {
  const integers = halves(signature).map((half) => concat([2, 33, 0], half.toReversed()));
  return concat([0x30, 70], ...integers);
}

// A good proof with a public key that is not that of the address.
function publicKeys([base, other]) {
  const { key } = base.signer;
  const keys = {
    another: ['of another wallet', other.signer.key],
    'of-31-bytes': ['without its last byte', key.slice(0, 31)],
    'of-33-bytes': ['with a byte after it', concat(key, [0])],
    tagged: ['with a byte before it that says Ed25519', concat([0xed], key)],
    zero: ['of zeros', zeros(32)],
    negated: ['negated', negated(key)],
    'as-text': ['as the text of the address', utf8(base.address)],
  };
  return Object.entries(keys).map(([id, [what, publicKey]]) => (
    refused(`public-key-${id}`, 'public key', base, `the public key sent is ${what}`, { publicKey })
  ));
}

async function offCurve([base]) {
  const addresses = await derivedAddresses();
  return addresses.map((address, at) => (
    refused(`derived-${at}`, 'off curve', base, 'the address is derived from a program: it has no key', { address })
  ));
}

function each(group, base, signatures) {
  return Object.entries(signatures).map(([id, [what, signature]]) => (
    refused(`${group.replaceAll(' ', '-')}-${id}`, group, base, `the signature is ${what}`, { signature })
  ));
}
