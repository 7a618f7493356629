// Proofs that must be accepted: each signed with @solana/keys.

import { getProgramDerivedAddress } from '@solana/addresses';
import { compileOffchainMessageV0Envelope, compileOffchainMessageV1Envelope } from '@solana/offchain-messages';
import { createSignInMessage } from '@solana/wallet-standard-util';

import { fromHex, hex, sha256, utf8, zeros } from './bytes.mjs';
import { chains, signInText } from './texts.mjs';
import { wallet, walletOf, walletWhere } from './wallets.mjs';

export async function accepts() {
  const people = await cast();
  return [
    ...await signInTexts(people),
    ...await otherTexts(people),
    ...await otherBytes(people),
    ...await withPublicKey(people),
    ...await rfc8032(),
  ];
}

// Wallets by what is odd about their addresses.
export async function cast() {
  return {
    alice: await wallet('alice'),
    bob: await wallet('bob'),
    carol: await wallet('carol'),
    leadingOne: await walletWhere('leading one', ({ address }) => address.startsWith('1')),
    short: await walletWhere('short', ({ address }) => address.length === 43 && !address.startsWith('1')),
    oddX: await walletWhere('odd x', ({ key }) => key[31] >= 128),
  };
}

async function accepted(id, group, signer, message, { chain = 'mainnet', publicKey } = {}) {
  const bytes = typeof message === 'string' ? utf8(message) : message;
  return {
    id, class: group, chain: chains[chain], address: signer.address, message: bytes,
    signature: await signer.sign(bytes), publicKey, valid: true, reason: 'signed by the wallet of the address',
  };
}

// Texts of the server: every wallet on every chain, and every field that may be there or not.
async function signInTexts({ alice, ...others }) {
  const cases = [];
  for (const chain of Object.keys(chains)) {
    for (const [name, signer] of Object.entries({ alice, ...others })) {
      const text = signInText(signer, { chainId: chain });
      cases.push(await accepted(`sign-in-${chain}-${name}`, 'sign-in text', signer, text, { chain }));
    }
  }
  for (const [name, changes] of Object.entries(shapes)) {
    cases.push(await accepted(`shape-${name}`, 'sign-in text', alice, signInText(alice, changes)));
  }
  return cases;
}

const shapes = {
  'mint-key': { statement: 'Create an API key that acts for this wallet at example.com.' },
  loopback: { scheme: 'http', domain: '127.0.0.1:8080', uri: 'http://127.0.0.1:8080' },
  'https-scheme': { scheme: 'https' },
  port: { domain: 'example.com:8443', uri: 'https://example.com:8443' },
  ipv6: { scheme: 'http', domain: '[::1]:8080', uri: 'http://[::1]:8080' },
  'no-expiration': { expirationTime: undefined },
  'not-before': { notBefore: '2026-03-01T12:00:00Z' },
  'request-id': { requestId: 'request-1' },
  'empty-request-id': { requestId: '' },
  resources: { resources: ['https://example.com/terms', 'ipfs://Qme7ss3ARVgxv6rXqVPiikMJ8u2NLgmgszg13pYrDKEoiu'] },
  'no-resources': { resources: [] },
  everything: {
    notBefore: '2026-03-01T12:00:00Z', requestId: 'request-1', resources: ['https://example.com/terms'],
  },
  'no-statement': { statement: undefined },
  'longest-text': { statement: 'a'.repeat(3790) },
};

// Texts that core reads otherwise or not at all. A verifier does not read them.
async function otherTexts({ alice }) {
  const domain = 'example.com';
  const siws = (fields) => createSignInMessage({ domain, address: alice.address, ...fields });
  const texts = {
    'siws-minimal': siws({}),
    'siws-no-statement': siws({ uri: 'https://example.com', version: '1', chainId: 'mainnet', nonce: 'oBbLoEldZs' }),
    'siws-localnet': siws({ statement: 'Hello.', version: '1', chainId: 'localnet' }),
    'caip-2-of-wallets': signInText(alice, { chainId: 'solana:mainnet' }),
    'genesis-hash': signInText(alice, { chainId: chains.mainnet.slice('solana:'.length) }),
    'caip-2': signInText(alice, { chainId: chains.mainnet }),
    'caip-122-example': signInText(alice, { chainId: '1' }),
    'crlf': signInText(alice).replaceAll('\n', '\r\n'),
    'final-line-feed': `${signInText(alice)}\n`,
    unicode: 'Grüße, 世界 🙂',
  };
  const made = Object.entries(texts).map(([id, text]) => accepted(`text-${id}`, 'other text', alice, text));
  return Promise.all(made);
}

async function otherBytes({ bob }) {
  const messages = {
    empty: zeros(0),
    'one-zero': zeros(1),
    'all-values': Uint8Array.from({ length: 256 }, (_, value) => value),
    'not-utf-8': fromHex('fffec080'),
    'looks-like-a-digest': sha256(utf8('countersign')),
    'off-chain-envelope-v0': envelopeV0(bob, 'hello'),
    'off-chain-envelope-v1': envelopeV1(bob, 'hello'),
    // SHA-512 pads at 112 of 128 bytes; R and the key take 64 of the first block.
    ...Object.fromEntries([47, 48, 63, 64, 65, 175, 176, 191, 192].map((n) => [`length-${n}`, zeros(n).fill(0x61)])),
    'length-5000': zeros(5000).fill(0x62),
  };
  return Promise.all(Object.entries(messages).map(([id, bytes]) => accepted(`bytes-${id}`, 'other bytes', bob, bytes)));
}

export function envelopeV0({ address }, text) {
  return Uint8Array.from(compileOffchainMessageV0Envelope({
    applicationDomain: '11111111111111111111111111111111',
    content: { format: 1, text }, // UTF-8 of at most 1232 bytes
    requiredSignatories: [{ address }],
    version: 0,
  }).content);
}

export function envelopeV1({ address }, content) {
  const requiredSignatories = [{ address }];
  return Uint8Array.from(compileOffchainMessageV1Envelope({ content, requiredSignatories, version: 1 }).content);
}

async function withPublicKey({ alice, bob, carol, leadingOne }) {
  return Promise.all(Object.entries({ alice, bob, carol, leadingOne }).map(([name, signer]) => (
    accepted(`public-key-${name}`, 'public key', signer, signInText(signer), { publicKey: signer.key })
  )));
}

// Section 7.1: the library must make the same signatures. Seed, message, R, S.
async function rfc8032() {
  const tests = {
    1: ['9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155',
      '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'],
    2: ['4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da',
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'],
    3: ['c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7', 'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac',
      '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'],
  };
  return Promise.all(Object.entries(tests).map(async ([id, [seed, message, r, s]]) => {
    const signer = await walletOf(fromHex(seed));
    const made = await accepted(`rfc-8032-${id}`, 'RFC 8032', signer, fromHex(message));
    if (hex(made.signature) !== r + s) throw new Error(`RFC 8032's test ${id} comes out otherwise`);
    return made;
  }));
}

// Addresses of programs' own accounts: off the curve, so that nobody holds a key.
export async function derivedAddresses() {
  const programAddress = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
  const seeds = ['vault', 'treasury', 'escrow'];
  return Promise.all(seeds.map(async (seed) => (await getProgramDerivedAddress({ programAddress, seeds: [seed] }))[0]));
}
