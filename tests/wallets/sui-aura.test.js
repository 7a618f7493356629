// Minting Aura keys with Sui's own SDK, by the plugin.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { answerTo, assertMinted, assertRefused, AuraClient, shown } from './aura-client.js';
import { startServer } from './server.js';
import { mainnet, networks, testnet, withSui } from './sui-chains.js';
import { badSpellings, forgeriesOf, keylessAddresses } from './sui-forgeries.js';
import { newMultisig, newPasskey, newSuiWallet, sameSecret, schemes } from './sui-wallets.js';
import { newAlephiumWallet } from './wallets.js';

const spellings = [
  ['plain hex', (hex) => hex],
  ['0x', (hex) => `0x${hex}`],
  ['upper case', (hex) => hex.toUpperCase()],
  ['0x and upper case', (hex) => `0x${hex.toUpperCase()}`],
];

let server;
let client;
before(async () => {
  server = await startServer(withSui);
  client = new AuraClient(server);
});
after(() => server?.stop());

for (const keyType of schemes) {
  describe(`a Sui wallet of ${keyType}`, () => mintTests(keyType));
  describe(`a Sui wallet of ${keyType} is refused`, () => refusalTests(keyType));
}
describe('a Sui wallet', identityTests);
describe('a challenge for Sui is refused', addressTests);

function mintTests(keyType) {
  for (const reference of networks) {
    test(`mints on ${reference} by a text that names it`, async () => {
      const wallet = newSuiWallet(keyType);
      const chain = `sui:${reference}`;
      const { challenge } = await client.requestChallenge(wallet, { chain });
      const lines = challenge.split('\n');
      assert.match(lines[0], / wants you to sign in with your Sui account:$/);
      for (const line of [wallet.address, `Chain ID: ${reference}`]) assert.ok(lines.includes(line), challenge);
      const proof = { ...await answerTo(challenge, wallet), chain, challenge };
      assertMinted(await client.mintBy(proof), { ownerAddress: wallet.address });
    });
  }

  for (const [spelling, write] of spellings) {
    test(`writes its proof in ${spelling}, with and without key type and flag`, async () => {
      const wallet = newSuiWallet(keyType);
      for (const key of [wallet.publicKey, wallet.flaggedKey]) {
        for (const named of [{}, { keyType }]) {
          const { signature, ...proof } = await client.prove(wallet, { chain: mainnet, ...named });
          const minted = await client.mintBy({ ...proof, publicKey: write(key), signature: write(signature) });
          assertMinted(minted, { ownerAddress: wallet.address });
        }
      }
    });
  }
}

function identityTests() {
  test('uses its key, lists and revokes those of all networks together', async () => {
    const wallet = newSuiWallet();
    const onMainnet = await client.mint(wallet, { chain: mainnet });
    const onTestnet = await client.mint(wallet, { chain: testnet });
    for (const key of [onMainnet, onTestnet]) await client.assertLive(key);
    for (const caller of [onMainnet, onTestnet]) {
      const listed = (await client.list(caller)).map((key) => ({ ...key, lastUsedAt: null }));
      assert.deepEqual(listed, [shown(onTestnet), shown(onMainnet)]);
    }
    await client.revoke(onMainnet, onTestnet);
    await client.assertDead(onMainnet);
    await client.assertLive(onTestnet);
  });

  test('has keys of its own in each scheme, though its private key is the same', async () => {
    const minted = [];
    for (const wallet of sameSecret()) minted.push(await client.mint(wallet, { chain: mainnet }));
    for (const key of minted) assert.deepEqual((await client.list(key)).map(({ id }) => id), [key.id]);
  });

  test('leaves the other chains as they are', async () => {
    const wallet = newAlephiumWallet('default');
    assertMinted(await client.mint(wallet), { ownerAddress: wallet.address });
  });

  for (const [name, newAccount] of [['a multisig account', newMultisig], ['a passkey', newPasskey]]) {
    test(`is refused if it is ${name}`, async () => {
      const proof = await client.prove(await newAccount(), { chain: mainnet });
      await client.assertMintRefused(proof, 401, 'invalid_signature');
    });
  }
}

function refusalTests(keyType) {
  for (const [name, forge] of forgeriesOf(keyType)) {
    test(`with ${name} for its signature, and keeps its challenge`, async () => {
      const proof = await client.prove(newSuiWallet(keyType), { chain: mainnet });
      await client.assertMintRefused({ ...proof, signature: forge(proof.signature) }, 401, 'invalid_signature');
      await client.mintBy(proof);
    });
  }

  test('when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [newSuiWallet(keyType), newSuiWallet(keyType)];
    const { challenge } = await client.requestChallenge(wallet, { chain: mainnet });
    const [own, foreign] = [await answerTo(challenge, wallet), await answerTo(challenge, other)];
    const { signature, publicKey } = foreign;
    for (const forged of [{ signature }, { publicKey }, { signature, publicKey }]) {
      await client.assertMintRefused({ ...own, ...forged, chain: mainnet }, 401, 'invalid_signature');
    }
    await client.mintBy({ ...own, chain: mainnet });
  });

  test('on another network than that of its challenge', async () => {
    const proof = await client.prove(newSuiWallet(keyType), { chain: mainnet });
    for (const chain of [testnet, 'sui:35834a8a']) {
      await client.assertMintRefused({ ...proof, chain }, 401, 'challenge_expired');
    }
    await client.mintBy(proof);
  });

  test('by the text of another network while its own waits, and keeps its challenge', async () => {
    const wallet = newSuiWallet(keyType);
    const own = await client.prove(wallet, { chain: mainnet });
    const { challenge } = await client.requestChallenge(wallet, { chain: testnet });
    const { signature } = await answerTo(challenge, wallet);
    await client.assertMintRefused({ ...own, signature }, 401, 'invalid_signature');
    await client.mintBy(own);
  });

  test('when it answers twice', async () => {
    const proof = await client.prove(newSuiWallet(keyType), { chain: mainnet });
    await client.mintBy(proof);
    await client.assertMintRefused(proof, 401, 'challenge_expired');
  });

  test('with a public key that is another one or none, and keeps its challenge', async () => {
    const proof = await client.prove(newSuiWallet(keyType), { chain: mainnet });
    const { publicKey: another, flaggedKey } = newSuiWallet(keyType);
    for (const publicKey of [another, flaggedKey, `${proof.publicKey}00`, `03${proof.publicKey}`, '00']) {
      await client.assertMintRefused({ ...proof, publicKey }, 401, 'invalid_signature');
    }
    await client.mintBy(proof);
  });

  test('without its public key or its signature, and keeps its challenge', async () => {
    const proof = await client.prove(newSuiWallet(keyType), { chain: mainnet });
    for (const field of ['publicKey', 'signature']) {
      await client.assertMintRefused({ ...proof, [field]: undefined }, 400, 'bad_request', `/${field}`);
    }
    await client.mintBy(proof);
  });

  test('when its proof is no hex, and keeps its challenge', async () => {
    const proof = await client.prove(newSuiWallet(keyType), { chain: mainnet });
    for (const field of ['publicKey', 'signature']) {
      for (const spoiled of [`0x0x${proof[field]}`, `${proof[field]}0`, proof[field].replace(/.$/, 'g')]) {
        await client.assertMintRefused({ ...proof, [field]: spoiled }, 400, 'bad_request', `/${field}`);
      }
    }
    await client.mintBy(proof);
  });

  test('under the key type of another scheme or chain, and keeps its challenge', async () => {
    const proof = await client.prove(newSuiWallet(keyType), { chain: mainnet });
    for (const other of schemes.filter((scheme) => scheme !== keyType)) {
      await client.assertMintRefused({ ...proof, keyType: other }, 401, 'invalid_signature');
    }
    for (const other of ['default', 'gl-ed25519', 'zklogin']) {
      await client.assertMintRefused({ ...proof, keyType: other }, 400, 'bad_request', '/keyType');
    }
    await client.mintBy(proof);
  });

  test('without its chain, which is then Alephium', async () => {
    const proof = await client.prove(newSuiWallet(keyType), { chain: mainnet });
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
      const { address } = newSuiWallet();
      await assertNoChallenge({ address: misspell(address), chain: mainnet }, '/address');
    });
  }

  test('for a chain that is not granted', async () => {
    const { address } = newSuiWallet();
    await assertNoChallenge({ address, chain: 'sui:localnet' }, '/chain');
  });
}

async function assertNoChallenge(body, field) {
  assertRefused(await client.post('/v1/auth/challenge', body), 400, 'bad_request', field);
}
