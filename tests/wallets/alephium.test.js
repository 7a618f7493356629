// Sign-in with Alephium's own SDK: a fresh random key of each key type that signs in with a key of secp256k1.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { verifySignedMessage } from '@alephium/web3';

import { assertRefused, Client, credentials } from './client.js';
import { startServer } from './server.js';
import { alephiumKeyTypes, newAlephiumWallet } from './wallets.js';

const CHAIN = 'alephium:mainnet';

let server;
let client;
before(async () => {
  server = await startServer();
  client = new Client(server);
});
after(() => server?.stop());

for (const keyType of alephiumKeyTypes) {
  describe(`an Alephium wallet with a key of type ${keyType}`, () => signInTests(() => newAlephiumWallet(keyType)));
}

function signInTests(newWallet) {
  test('signs in with and without the name of its key type and 0x, as one user', async () => {
    const wallet = newWallet();
    const users = new Set();
    for (const named of [{}, { keyType: wallet.keyType }]) {
      for (const prefix of ['', '0x']) {
        const { challengeId, signature, publicKey } = await prove(wallet);
        const proof = { challengeId, signature: prefix + signature, publicKey: prefix + publicKey, ...named };
        const answer = await client.post('/auth/verify', proof);
        await client.assertSignedIn(answer, wallet, CHAIN);
        users.add(answer.body.userId);
      }
    }
    assert.equal(users.size, 1);
  });

  test('is another user than another wallet', async () => {
    const one = await client.post('/auth/verify', await prove(newWallet()));
    const two = await client.post('/auth/verify', await prove(newWallet()));
    assert.notEqual(one.body.userId, two.body.userId);
  });

  test('cannot use one challenge twice', async () => {
    const proof = await prove(newWallet());
    assert.equal((await client.post('/auth/verify', proof)).status, 200);
    assertRefused(await client.post('/auth/verify', proof), 400, 'NONCE_MISMATCH');
  });

  test('is refused when another wallet signed, and keeps its challenge', async () => {
    const { message, ...proof } = await proveWithMessage(newWallet());
    const other = newWallet();
    const signature = await other.sign(message);
    for (const forged of [{ signature }, { signature, publicKey: other.publicKey }]) {
      assertRefused(await client.post('/auth/verify', { ...proof, ...forged }), 401, 'INVALID_SIGNATURE');
    }
    assert.equal((await client.post('/auth/verify', proof)).status, 200);
  });

  for (const hasher of ['sha256', 'blake2b']) {
    test(`is refused when it signed under the message hasher ${hasher}, and keeps its challenge`, async () => {
      const wallet = newWallet();
      const { message, ...proof } = await proveWithMessage(wallet);
      const signature = await wallet.sign(message, hasher);
      assert.ok(verifySignedMessage(message, hasher, wallet.publicKey, signature, wallet.keyType));
      assertRefused(await client.post('/auth/verify', { ...proof, signature }), 401, 'INVALID_SIGNATURE');
      assert.equal((await client.post('/auth/verify', proof)).status, 200);
    });
  }

  for (const credential of ['cookie', 'bearer']) {
    test(`logs out by ${credential}`, async () => {
      const both = credentials(await client.post('/auth/verify', await prove(newWallet())));
      await client.assertLogoutEnds(both[credential], Object.values(both));
    });
  }
}

test('a groupless Alephium address with a group signs in as the address without it', async () => {
  const wallet = newAlephiumWallet('gl-secp256k1');
  assert.ok(!wallet.address.includes(':'));
  const plain = await client.post('/auth/verify', await prove(wallet));
  const grouped = await client.post('/auth/verify', await prove(wallet, `${wallet.address}:1`));
  await client.assertSignedIn(grouped, wallet, CHAIN);
  assert.equal(grouped.body.userId, plain.body.userId);
});

async function prove(wallet, address) {
  const { message, ...proof } = await proveWithMessage(wallet, address);
  return proof;
}

async function proveWithMessage(wallet, address = wallet.address) {
  const { challengeId, message } = await client.requestChallenge({ address }, CHAIN);
  return { message, challengeId, signature: await wallet.sign(message), publicKey: wallet.publicKey };
}
