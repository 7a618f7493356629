// Sign-in with CosmJS, in the OCX dialect, by the plugin.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertRefused, Client, credentials } from './client.js';
import { hub, osmosis, prefixes, theta, withCosmos } from './cosmos-chains.js';
import { forgeries, isValid, newCosmosWallet, newMultisig, sameSecret } from './cosmos-wallets.js';
import { startServer } from './server.js';

let server;
let client;
before(async () => {
  server = await startServer(withCosmos);
  client = new Client(server);
});
after(() => server?.stop());

test('GET /auth/chains lists Cosmos with the chains that are granted', async () => {
  const { body } = await client.get('/auth/chains');
  assert.deepEqual(body.chains.find(({ namespace }) => namespace === 'cosmos'), {
    namespace: 'cosmos',
    name: 'Cosmos',
    chainIds: Object.keys(prefixes).map((reference) => `cosmos:${reference}`),
    keyTypes: ['secp256k1'],
    needsPublicKey: true,
    source: 'plugin',
    available: true,
  });
});

describe('a Cosmos wallet', () => {
  signInTests();
  identityTests();
});
describe('a Cosmos wallet is refused', refusalTests);
describe('a challenge for Cosmos is refused', addressTests);

function signInTests() {
  for (const [reference, prefix] of Object.entries(prefixes)) {
    test(`signs in on ${reference} by a text that names it, which its own library verifies`, async () => {
      const chain = `cosmos:${reference}`;
      const wallet = await newCosmosWallet(chain);
      const { challengeId, message } = await client.requestChallenge(wallet, chain);
      const lines = message.split('\n');
      assert.match(lines[0], / wants you to sign in with your Cosmos account:$/);
      assert.equal(lines[1], wallet.address);
      assert.ok(lines[1].startsWith(`${prefix}1`));
      assert.ok(lines.includes(`Chain ID: ${reference}`), message);
      const signature = await wallet.sign(message);
      assert.ok(await isValid(wallet, message, signature));
      const { publicKey } = wallet;
      await client.assertSignedIn(await client.post('/auth/verify', { challengeId, signature, publicKey }), wallet, chain);
    });
  }

  test('signs in in every spelling of its proof, as one user', async () => {
    const wallet = await newCosmosWallet();
    const { keyType } = wallet;
    const users = new Set();
    for (const named of [{}, { keyType }]) {
      for (const write of [(hex) => hex, (hex) => `0x${hex}`, (hex) => hex.toUpperCase()]) {
        const { challengeId, signature, publicKey } = await prove(wallet);
        const proof = { challengeId, signature: write(signature), publicKey: write(publicKey), ...named };
        const answer = await client.post('/auth/verify', proof);
        await client.assertSignedIn(answer, wallet, hub);
        users.add(answer.body.userId);
      }
    }
    assert.equal(users.size, 1);
  });

  test('cannot use one challenge twice', async () => {
    const proof = await prove(await newCosmosWallet());
    await assertSignsIn(proof);
    assertRefused(await client.post('/auth/verify', proof), 400, 'NONCE_MISMATCH');
  });

  test('logs out', async () => {
    const both = credentials(await client.post('/auth/verify', await prove(await newCosmosWallet())));
    await client.assertLogoutEnds(both.bearer, Object.values(both));
  });
}

function identityTests() {
  test('is one user on chains that share a prefix, and another on each other', async () => {
    const users = {};
    for (const wallet of await sameSecret()) {
      const { body } = await client.post('/auth/verify', await prove(wallet));
      users[wallet.chain] = body.userId;
    }
    assert.equal(users[hub], users[theta]);
    assert.equal(new Set(Object.values(users)).size, 3);
  });

  test('uses an API key that it made after signing in', async () => {
    const { bearer } = credentials(await client.post('/auth/verify', await prove(await newCosmosWallet())));
    const { secret } = await client.createKey(bearer, { scope: 'trade' });
    assert.equal((await client.get('/perps/positions', { 'x-api-key': secret })).status, 200);
  });
}

function refusalTests() {
  for (const [name, forge] of forgeries) {
    test(`with ${name} for its signature, and keeps its challenge`, async () => {
      const proof = await prove(await newCosmosWallet());
      const signature = forge(proof.signature);
      assert.notEqual(signature, proof.signature);
      assertRefused(await client.post('/auth/verify', { ...proof, signature }), 401, 'INVALID_SIGNATURE');
      await assertSignsIn(proof);
    });
  }

  test('when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [await newCosmosWallet(), await newCosmosWallet()];
    const { challengeId, message } = await client.requestChallenge(wallet, hub);
    const [own, foreign] = [await wallet.sign(message), await other.sign(message)];
    const [ownKey, foreignKey] = [wallet.publicKey, other.publicKey];
    for (const [signature, publicKey] of [[foreign, ownKey], [foreign, foreignKey], [own, foreignKey]]) {
      assertRefused(await client.post('/auth/verify', { challengeId, signature, publicKey }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId, signature: own, publicKey: ownKey });
  });

  test('when it signed another text or another document, and keeps its challenge', async () => {
    const wallet = await newCosmosWallet();
    const { challengeId, message } = await client.requestChallenge(wallet, hub);
    const { publicKey } = wallet;
    for (const args of [[`${message}\n`], [message.toLowerCase()], ['hello'], [message, { memo: 'memo' }]]) {
      const signature = await wallet.sign(...args);
      assertRefused(await client.post('/auth/verify', { challengeId, signature, publicKey }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId, signature: await wallet.sign(message), publicKey });
  });

  test('without its public key, and keeps its challenge', async () => {
    const { publicKey, ...proof } = await prove(await newCosmosWallet());
    const answer = await client.post('/auth/verify', proof);
    assertRefused(answer, 400, 'INVALID_REQUEST');
    assert.equal(answer.body.details.field, '/publicKey');
    await assertSignsIn({ ...proof, publicKey });
  });

  test('under the key type of Ethereum-like chains, and keeps its challenge', async () => {
    const proof = await prove(await newCosmosWallet());
    const answer = await client.post('/auth/verify', { ...proof, keyType: 'eth_secp256k1' });
    assertRefused(answer, 400, 'INVALID_REQUEST');
    assert.equal(answer.body.details.field, '/keyType');
    await assertSignsIn(proof);
  });

  test('if its account is a multisig, by a member', async () => {
    const account = await newMultisig();
    assertRefused(await client.post('/auth/verify', await prove(account)), 401, 'INVALID_SIGNATURE');
  });

  test('a challenge on another chain than that of its address', async () => {
    const { address } = await newCosmosWallet();
    const answer = await client.post('/auth/challenge', { chain: osmosis, address });
    assertRefused(answer, 400, 'INVALID_ADDRESS');
    assert.match(answer.body.details.expected, /prefix of the chain that is named/);
  });
}

function addressTests() {
  const refused = [
    ['of Evmos', 'evmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3z33a4', /eth_secp256k1/],
    ['of Injective', 'inj1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqe2hm49', /eth_secp256k1/],
    ['of a chain that is not granted', 'regen1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqvptr3e', /prefix/],
    ['of a contract', 'cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq0fr2sh', /32/],
    ['with a wrong checksum', 'cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq', /checksum/],
    ['in upper case', 'COSMOS1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ', /lower-case/],
  ];
  for (const [name, address, words] of refused) {
    test(`for an address ${name}`, async () => {
      const answer = await client.post('/auth/challenge', { chain: hub, address });
      assertRefused(answer, 400, 'INVALID_ADDRESS');
      assert.equal(answer.body.details.field, '/address');
      assert.match(answer.body.details.expected, words);
    });
  }

  test('for a chain that is not granted', async () => {
    const { address } = await newCosmosWallet();
    for (const chain of ['cosmos:juno-1', 'cosmos:unknown-1']) {
      assertRefused(await client.post('/auth/challenge', { chain, address }), 400, 'CHAIN_NOT_ALLOWED');
    }
  });
}

async function prove(wallet) {
  const { challengeId, message } = await client.requestChallenge(wallet, wallet.chain);
  return { challengeId, signature: await wallet.sign(message), publicKey: wallet.publicKey };
}

async function assertSignsIn(proof) {
  const { status, body } = await client.post('/auth/verify', proof);
  assert.equal(status, 200, JSON.stringify(body));
}
