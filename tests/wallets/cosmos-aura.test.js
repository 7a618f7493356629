// Minting Aura keys with CosmJS, by the plugin.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { answerTo, assertMinted, assertRefused, AuraClient, shown } from './aura-client.js';
import { hub, osmosis, prefixes, theta, withCosmos } from './cosmos-chains.js';
import { forgeries, newCosmosWallet } from './cosmos-wallets.js';
import { startServer } from './server.js';

let server;
let client;
before(async () => {
  server = await startServer(withCosmos);
  client = new AuraClient(server);
});
after(() => server?.stop());

describe('a Cosmos wallet', () => {
  for (const reference of Object.keys(prefixes)) {
    test(`mints on ${reference} by a text that names it`, async () => {
      const chain = `cosmos:${reference}`;
      const wallet = await newCosmosWallet(chain);
      const { challenge } = await client.requestChallenge(wallet, { chain });
      assert.ok(challenge.split('\n').includes(`Chain ID: ${reference}`), challenge);
      const minted = await client.mintBy({ ...await answerTo(challenge, wallet), chain, challenge });
      assertMinted(minted, { ownerAddress: wallet.address });
    });
  }

  test('uses its key, lists and revokes those of chains with its prefix together', async () => {
    const wallet = await newCosmosWallet();
    const onHub = await client.mint(wallet, { chain: hub });
    const onTheta = await client.mint(wallet, { chain: theta });
    for (const caller of [onHub, onTheta]) {
      const listed = (await client.list(caller)).map((key) => ({ ...key, lastUsedAt: null }));
      assert.deepEqual(listed, [shown(onTheta), shown(onHub)]);
    }
    await client.revoke(onHub, onTheta);
    await client.assertDead(onHub);
    await client.assertLive(onTheta);
  });
});

describe('a Cosmos wallet is refused', () => {
  for (const [name, forge] of forgeries) {
    test(`with ${name} for its signature, and keeps its challenge`, async () => {
      const proof = await client.prove(await newCosmosWallet(), { chain: hub });
      await client.assertMintRefused({ ...proof, signature: forge(proof.signature) }, 401, 'invalid_signature');
      await client.mintBy(proof);
    });
  }

  test('when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [await newCosmosWallet(), await newCosmosWallet()];
    const { challenge } = await client.requestChallenge(wallet, { chain: hub });
    const [own, foreign] = [await answerTo(challenge, wallet), await answerTo(challenge, other)];
    const { signature, publicKey } = foreign;
    for (const forged of [{ signature }, { publicKey }, { signature, publicKey }]) {
      await client.assertMintRefused({ ...own, ...forged, chain: hub }, 401, 'invalid_signature');
    }
    await client.mintBy({ ...own, chain: hub });
  });

  test('on another chain than that of its challenge', async () => {
    const proof = await client.prove(await newCosmosWallet(), { chain: hub });
    await client.assertMintRefused({ ...proof, chain: theta }, 401, 'challenge_expired');
    await client.assertMintRefused({ ...proof, chain: osmosis }, 400, 'bad_request', '/address');
    await client.mintBy(proof);
  });

  test('when it answers twice', async () => {
    const proof = await client.prove(await newCosmosWallet(), { chain: hub });
    await client.mintBy(proof);
    await client.assertMintRefused(proof, 401, 'challenge_expired');
  });

  test('for an address of a chain with keys as Ethereum has them', async () => {
    const address = 'evmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3z33a4';
    assertRefused(await client.post('/v1/auth/challenge', { address, chain: hub }), 400, 'bad_request', '/address');
  });
});
