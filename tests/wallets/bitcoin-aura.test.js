// Minting Aura keys with Bitcoin's own SDKs, by the plugin.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { answerTo, assertMinted, assertRefused, AuraClient, shown } from './aura-client.js';
import { networks, withBitcoin } from './bitcoin-chains.js';
import { kinds, newBitcoinWallet } from './bitcoin-wallets.js';
import { startServer } from './server.js';

const { mainnet, testnet, signet } = networks;

let server;
let client;
before(async () => {
  server = await startServer(withBitcoin);
  client = new AuraClient(server);
});
after(() => server?.stop());

for (const kind of kinds) describe(`a Bitcoin wallet of ${kind}`, () => mintTests(kind));
describe('a Bitcoin wallet', identityTests);

function mintTests(kind) {
  for (const [net, chain] of Object.entries(networks)) {
    test(`mints on ${net} by a text that names it`, async () => {
      const wallet = newBitcoinWallet(kind, net);
      const { challenge } = await client.requestChallenge(wallet, { chain });
      assert.ok(challenge.split('\n').includes(`Chain ID: ${chain.slice('bip122:'.length)}`), challenge);
      const minted = await client.mintBy({ ...await answerTo(challenge, wallet), chain, challenge });
      assertMinted(minted, { ownerAddress: wallet.address });
    });
  }

  test('is refused when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [newBitcoinWallet(kind), newBitcoinWallet(kind)];
    const { challenge } = await client.requestChallenge(wallet, { chain: mainnet });
    const [own, foreign] = [await answerTo(challenge, wallet), await answerTo(challenge, other)];
    const { signature, publicKey } = foreign;
    for (const forged of [{ signature }, { publicKey }, { signature, publicKey }]) {
      await client.assertMintRefused({ ...own, ...forged, chain: mainnet }, 401, 'invalid_signature');
    }
    await client.mintBy({ ...own, chain: mainnet });
  });

  test('is refused when it answers twice', async () => {
    const proof = await client.prove(newBitcoinWallet(kind), { chain: mainnet });
    await client.mintBy(proof);
    await client.assertMintRefused(proof, 401, 'challenge_expired');
  });

  test('is refused without its public key or its signature, and keeps its challenge', async () => {
    const proof = await client.prove(newBitcoinWallet(kind), { chain: mainnet });
    for (const field of ['publicKey', 'signature']) {
      await client.assertMintRefused({ ...proof, [field]: undefined }, 400, 'bad_request', `/${field}`);
    }
    await client.mintBy(proof);
  });
}

function identityTests() {
  test('uses its key, lists and revokes those of testnet and signet together', async () => {
    const wallet = newBitcoinWallet('p2wpkh', 'testnet');
    const onTestnet = await client.mint(wallet, { chain: testnet });
    const onSignet = await client.mint(wallet, { chain: signet });
    for (const caller of [onTestnet, onSignet]) {
      const listed = (await client.list(caller)).map((key) => ({ ...key, lastUsedAt: null }));
      assert.deepEqual(listed, [shown(onSignet), shown(onTestnet)]);
    }
    await client.assertLive(onTestnet);
    await client.revoke(onTestnet, onSignet);
    await client.assertDead(onTestnet);
    await client.assertLive(onSignet);
  });

  test('mints with P2TR by the x of its key alone, as some wallets give it', async () => {
    const wallet = newBitcoinWallet('p2tr');
    const { publicKey, ...proof } = await client.prove(wallet, { chain: mainnet });
    assertMinted(await client.mintBy({ ...proof, publicKey: publicKey.slice(2) }), { ownerAddress: wallet.address });
  });

  test('is refused for an address of a script', async () => {
    const address = 'bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3';
    assertRefused(await client.post('/v1/auth/challenge', { address, chain: mainnet }), 400, 'bad_request', '/address');
  });
}
