// Proofs that must be accepted: each signed with @mysten/sui, but for those of class `by hand`.

import { fromHex, same, sha256, utf8, zeros } from './bytes.mjs';
import { forge, secretScalar, signDigest, signedDigest } from './curve.mjs';
import { networks, signInText } from './texts.mjs';
import { cast, walletOfMnemonic } from './wallets.mjs';

export async function accepts() {
  const people = cast();
  return [
    ...await signInTexts(people),
    ...await otherTexts(people),
    ...await lengths(people),
    ...await otherBytes(people),
    ...await withKeys(people),
    ...await published(),
    ...await byHand(people),
  ];
}

async function accepted(id, group, signer, message, { network = 'mainnet', ...changes } = {}) {
  const bytes = typeof message === 'string' ? utf8(message) : message;
  return {
    id, class: group, chain: `sui:${network}`, address: signer.address, message: bytes,
    signature: changes.signature ?? await signer.sign(bytes), publicKey: changes.publicKey, keyType: changes.keyType,
    valid: true, reason: changes.reason ?? 'signed by the wallet of the address',
  };
}

// Texts of the server: every wallet, one of each scheme on every network, and every field that may be there or not.
async function signInTexts({ alice, bob, carol, ...others }) {
  const people = Object.entries({ alice, bob, carol });
  const onNetworks = networks.flatMap((network) => people.map(([name, signer]) => {
    const text = signInText(signer, { chainId: network });
    return accepted(`sign-in-${network}-${name}`, 'sign-in text', signer, text, { network });
  }));
  const ofOthers = Object.entries(others).map(([name, signer]) => (
    accepted(`sign-in-${name}`, 'sign-in text', signer, signInText(signer))
  ));
  const shaped = Object.entries(shapes).map(([name, changes], at) => {
    const [, signer] = people[at % people.length];
    return accepted(`shape-${name}`, 'sign-in text', signer, signInText(signer, changes));
  });
  return Promise.all([...onNetworks, ...ofOthers, ...shaped]);
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
  resources: { resources: ['https://example.com/terms', 'ipfs://Qme7ss3ARVgxv6rXqVPiikMJ8u2NLgmgszg13pYrDKEoiu'] },
  everything: {
    notBefore: '2026-03-01T12:00:00Z', requestId: 'request-1', resources: ['https://example.com/terms'],
  },
  'no-statement': { statement: undefined },
  'longest-text': { statement: 'a'.repeat(3760) },
};

// Texts that core reads otherwise or not at all. A verifier does not read them.
async function otherTexts({ alice, bob, carol }) {
  const texts = {
    'caip-2': signInText(alice, { chainId: 'sui:mainnet' }),
    localnet: signInText(alice, { chainId: 'localnet' }),
    crlf: signInText(alice).replaceAll('\n', '\r\n'),
    'final-line-feed': `${signInText(alice)}\n`,
    unicode: 'Grüße, 世界 🙂',
  };
  return Promise.all(Object.entries(texts).flatMap(([id, text]) => (
    Object.entries({ alice, bob, carol }).map(([name, signer]) => (
      accepted(`text-${id}-${name}`, 'other text', signer, text)
    ))
  )));
}

// Around the lengths where one more byte of BCS, or one more block of BLAKE2b (128 bytes), begins.
async function lengths({ alice, bob, carol }) {
  const signers = [alice, bob, carol];
  const counts = [
    0, 1, 31, 32, 63, 64, 123, 124, 125, 126, 127, 128, 129, 251, 252, 253, 255, 256, 300, 5000, 16383, 16384,
  ];
  return Promise.all(counts.map((count, at) => (
    accepted(`length-${count}`, 'length', signers[at % signers.length], zeros(count).fill(0x61))
  )));
}

async function otherBytes({ dave, erin, frank }) {
  const messages = {
    'one-zero': zeros(1),
    'all-values': Uint8Array.from({ length: 256 }, (_, value) => value),
    'not-utf-8': fromHex('fffec080'),
    'looks-like-a-digest': sha256(utf8('countersign')),
    'looks-like-an-intent': fromHex('0300000568656c6c6f'),
  };
  return Promise.all(Object.entries(messages).flatMap(([id, bytes]) => (
    [dave, erin, frank].map((signer) => accepted(`bytes-${id}-${signer.scheme}`, 'other bytes', signer, bytes))
  )));
}

// With the public key as accounts of wallets have it (with its flag) and without, and with the key type.
async function withKeys({ alice, bob, carol }) {
  return Promise.all([alice, bob, carol].flatMap((signer) => {
    const { scheme, key, flagged } = signer;
    const proofs = {
      key: { publicKey: key }, flagged: { publicKey: flagged }, type: { keyType: scheme },
      both: { publicKey: key, keyType: scheme }, 'flagged-both': { publicKey: flagged, keyType: scheme },
    };
    return Object.entries(proofs).map(([id, changes]) => (
      accepted(`public-${id}-${scheme}`, 'public key', signer, signInText(signer), changes)
    ));
  }));
}

// The first mnemonic of the tests of Sui's own SDK, with the addresses published there.
async function published() {
  const words = 'film crazy soon outside stand loop subway crumble thrive popular green nuclear struggle pistol arm '
    + 'wife phrase warfare march wheat nephew ask sunny firm';
  const addresses = {
    ed25519: '0xa2d14fad60c56049ecf75246a481934691214ce413e6a8ae2fe6834c173a6133',
    secp256k1: '0x9e8f732575cc5386f8df3c784cd3ed1b53ce538da79926b2ad54dcc1197d2532',
  };
  return Promise.all(Object.entries(addresses).map(([scheme, address]) => {
    const signer = walletOfMnemonic(scheme, words);
    if (signer.address !== address) throw new Error(`${scheme} of the mnemonic is ${signer.address}`);
    return accepted(`mnemonic-${scheme}`, 'published', signer, signInText(signer));
  }));
}

// Good, though wallets choose their nonces otherwise (RFC 6979, RFC 8032).
function byHand({ alice, bob, carol }) {
  const message = utf8(signInText(alice));
  const reason = 'signed by the key of the address, with a nonce that no wallet would choose';
  const nonce = 2n ** 200n + 12345n;
  const ofAlice = forge({ scalar: secretScalar(alice), key: alice.key, nonce, message });
  const ofOthers = [bob, carol].map((signer) => (
    [signer, signDigest(signer, signedDigest(message), { extraEntropy: sha256(utf8('a nonce')) })]
  ));
  return Promise.all([[alice, ofAlice], ...ofOthers].map(async ([signer, signature]) => {
    if (same(signature, await signer.sign(message))) throw new Error('the nonce is that of the wallet');
    return accepted(`by-hand-${signer.scheme}`, 'by hand', signer, message, { signature, reason });
  }));
}
