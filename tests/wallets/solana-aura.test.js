// Minting Aura keys with Solana's own SDK, by the plugin.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { answerTo, assertMinted, assertRefused, AuraClient, shown } from './aura-client.js';
import { startServer } from './server.js';
import { clusters, devnet, mainnet, withSolana } from './solana-chains.js';
import { badSpellings, forgeries, keylessAddresses } from './solana-forgeries.js';
import { newAlephiumWallet, newSolanaWallet } from './wallets.js';

const spellings = [
  ['plain hex', (hex) => hex],
  ['0x', (hex) => `0x${hex}`],
  ['upper case', (hex) => hex.toUpperCase()],
  ['0x and upper case', (hex) => `0x${hex.toUpperCase()}`],
];

let server;
let client;
before(async () => {
  server = await startServer(withSolana);
  client = new AuraClient(server);
});
after(() => server?.stop());

describe('a Solana wallet', mintTests);
describe('a Solana wallet is refused', refusalTests);
describe('a challenge for Solana is refused', addressTests);

function mintTests() {
  for (const { id: chain, text } of clusters) {
    test(`mints on ${text} by a text that names it`, async () => {
      const wallet = await newSolanaWallet();
      const { challenge } = await client.requestChallenge(wallet, { chain });
      const lines = challenge.split('\n');
      assert.match(lines[0], / wants you to sign in with your Solana account:$/);
      for (const line of [wallet.address, `Chain ID: ${text}`]) assert.ok(lines.includes(line), challenge);
      const proof = { ...await answerTo(challenge, wallet), chain, challenge };
      assertMinted(await client.mintBy(proof), { ownerAddress: wallet.address });
    });
  }

  for (const [spelling, write] of spellings) {
    test(`writes its proof in ${spelling}, with and without its key type`, async () => {
      const wallet = await newSolanaWallet();
      for (const named of [{}, { keyType: wallet.keyType }]) {
        const { publicKey, signature, ...proof } = await client.prove(wallet, { chain: mainnet, ...named });
        const minted = await client.mintBy({ ...proof, publicKey: write(publicKey), signature: write(signature) });
        assertMinted(minted, { ownerAddress: wallet.address });
      }
    });
  }

  test('uses its key, lists and revokes those of all clusters together', async () => {
    const wallet = await newSolanaWallet();
    const onMainnet = await client.mint(wallet, { chain: mainnet });
    const onDevnet = await client.mint(wallet, { chain: devnet });
    for (const key of [onMainnet, onDevnet]) await client.assertLive(key);
    for (const caller of [onMainnet, onDevnet]) {
      const listed = (await client.list(caller)).map((key) => ({ ...key, lastUsedAt: null }));
      assert.deepEqual(listed, [shown(onDevnet), shown(onMainnet)]);
    }
    await client.revoke(onMainnet, onDevnet);
    await client.assertDead(onMainnet);
    await client.assertLive(onDevnet);
  });

  test('leaves the other chains as they are', async () => {
    const wallet = newAlephiumWallet('default');
    assertMinted(await client.mint(wallet), { ownerAddress: wallet.address });
  });
}

function refusalTests() {
  for (const [name, forge] of forgeries) {
    test(`with ${name} for its signature, and keeps its challenge`, async () => {
      const proof = await client.prove(await newSolanaWallet(), { chain: mainnet });
      await client.assertMintRefused({ ...proof, signature: forge(proof.signature) }, 401, 'invalid_signature');
      await client.mintBy(proof);
    });
  }

  test('when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [await newSolanaWallet(), await newSolanaWallet()];
    const { challenge } = await client.requestChallenge(wallet, { chain: mainnet });
    const [own, foreign] = [await answerTo(challenge, wallet), await answerTo(challenge, other)];
    const { signature, publicKey } = foreign;
    for (const forged of [{ signature }, { publicKey }, { signature, publicKey }]) {
      await client.assertMintRefused({ ...own, ...forged, chain: mainnet }, 401, 'invalid_signature');
    }
    await client.mintBy({ ...own, chain: mainnet });
  });

  test('on another cluster than that of its challenge', async () => {
    const proof = await client.prove(await newSolanaWallet(), { chain: mainnet });
    await client.assertMintRefused({ ...proof, chain: devnet }, 401, 'challenge_expired');
    await client.mintBy(proof);
  });

  test('by the text of another cluster while its own waits, and keeps its challenge', async () => {
    const wallet = await newSolanaWallet();
    const own = await client.prove(wallet, { chain: mainnet });
    const { challenge } = await client.requestChallenge(wallet, { chain: devnet });
    const { signature } = await answerTo(challenge, wallet);
    await client.assertMintRefused({ ...own, signature }, 401, 'invalid_signature');
    await client.mintBy(own);
  });

  test('when it answers twice', async () => {
    const proof = await client.prove(await newSolanaWallet(), { chain: mainnet });
    await client.mintBy(proof);
    await client.assertMintRefused(proof, 401, 'challenge_expired');
  });

  test('with a public key that is another one or none, and keeps its challenge', async () => {
    const proof = await client.prove(await newSolanaWallet(), { chain: mainnet });
    const { publicKey: another } = await newSolanaWallet();
    for (const publicKey of [another, `${proof.publicKey}00`, proof.publicKey.slice(2), '00']) {
      await client.assertMintRefused({ ...proof, publicKey }, 401, 'invalid_signature');
    }
    await client.mintBy(proof);
  });

  test('without its public key or its signature, and keeps its challenge', async () => {
    const proof = await client.prove(await newSolanaWallet(), { chain: mainnet });
    for (const field of ['publicKey', 'signature']) {
      await client.assertMintRefused({ ...proof, [field]: undefined }, 400, 'bad_request', `/${field}`);
    }
    await client.mintBy(proof);
  });

  test('when its proof is no hex, and keeps its challenge', async () => {
    const proof = await client.prove(await newSolanaWallet(), { chain: mainnet });
    for (const field of ['publicKey', 'signature']) {
      for (const spoiled of [`0x0x${proof[field]}`, `${proof[field]}0`, proof[field].replace(/.$/, 'g')]) {
        await client.assertMintRefused({ ...proof, [field]: spoiled }, 400, 'bad_request', `/${field}`);
      }
    }
    await client.mintBy(proof);
  });

  test('under a key type of another chain, and keeps its challenge', async () => {
    const proof = await client.prove(await newSolanaWallet(), { chain: mainnet });
    for (const keyType of ['default', 'secp256k1', 'gl-ed25519']) {
      await client.assertMintRefused({ ...proof, keyType }, 400, 'bad_request', '/keyType');
    }
    await client.mintBy(proof);
  });

  test('without its chain, which is then Alephium', async () => {
    const proof = await client.prove(await newSolanaWallet(), { chain: mainnet });
    await client.assertMintRefused({ ...proof, chain: undefined }, 400, 'bad_request', '/address');
    await client.mintBy(proof);
  });
}

function addressTests() {
  for (const [name, address] of keylessAddresses) {
    test(`for an address ${name}`, () => assertNoChallenge({ address, chain: mainnet }, '/address'));
  }

  for (const [name, misspell] of badSpellings) {
    test(`for an address ${name}`, async () => {
      const { address } = await newSolanaWallet();
      await assertNoChallenge({ address: misspell(address), chain: mainnet }, '/address');
    });
  }

  test('for a chain that is not granted', async () => {
    const { address } = await newSolanaWallet();
    await assertNoChallenge({ address, chain: 'solana:mainnet' }, '/chain');
  });
}

async function assertNoChallenge(body, field) {
  assertRefused(await client.post('/v1/auth/challenge', body), 400, 'bad_request', field);
}
