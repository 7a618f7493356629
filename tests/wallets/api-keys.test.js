// Managing OCX API keys by a session: create, list, revoke.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { createSiweMessage } from 'viem/siwe';

import { assertRefused, Client, credentials } from './client.js';
import { INSTANT } from './formats.js';
import { startServer } from './server.js';
import { alephiumKeyTypes, newAlephiumWallet, walletSdks } from './wallets.js';

const DAY = 86_400_000;
const PATH = '/perps/me/api-keys';

let server;
let client;
before(async () => {
  server = await startServer();
  client = new Client(server);
});
after(() => server?.stop());

for (const { name, newWallet } of walletSdks) {
  describe(`a ${name} wallet`, () => keyTests(() => client.signIn(newWallet(), createSiweMessage)));
}
for (const keyType of alephiumKeyTypes) {
  const signIn = () => client.signInByChallenge(newAlephiumWallet(keyType), 'alephium:mainnet');
  describe(`an Alephium wallet with a key of type ${keyType}`, () => keyTests(signIn));
}
describe('a call that creates a key is refused', refusalTests);

function keyTests(signIn) {
  const signedIn = async () => credentials(await signIn()).bearer;

  for (const credential of ['cookie', 'bearer']) {
    test(`creates, lists and revokes a key by ${credential}`, async () => {
      const session = credentials(await signIn())[credential];
      const { secret, message, ...key } = await client.createKey(session, { name: 'bot', scope: 'trade' });
      assertCreated(key, { name: 'bot', scope: 'trade' });
      assert.match(secret, /^ocx_sk_[0-9A-Za-z]{40}$/);
      assert.match(message, /\S/);
      assert.deepEqual(await client.listKeys(session), [key]);
      await client.revokeKey(session, key);
      const [{ revokedAt, ...revoked }] = await client.listKeys(session);
      assert.match(revokedAt, INSTANT);
      assert.deepEqual({ ...revoked, revokedAt: null }, { ...key, status: 'revoked' });
    });
  }

  test('gets back every field it gave', async () => {
    const fields = { name: 'é 鍵', scope: 'read', allowedIps: ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32'] };
    const { secret, message, ...key } = await client.createKey(await signedIn(), { ...fields, expiresInDays: 180 });
    assertCreated(key, { ...fields, expiresAt: key.expiresAt });
  });

  test('has keys that end so many times 24 hours after they began', async () => {
    const session = await signedIn();
    for (const days of [1, 90, 180, 3650]) {
      const { createdAt, expiresAt } = await client.createKey(session, { expiresInDays: days });
      assert.match(expiresAt, INSTANT);
      assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), days * DAY);
    }
  });

  test('lists its own keys, newest first, without their secrets', async () => {
    const session = await signedIn();
    const created = [];
    for (const name of ['one', 'two', 'three']) {
      const { secret, message, ...key } = await client.createKey(session, { name });
      created.unshift(key);
    }
    await client.createKey(await signedIn());
    assert.deepEqual(await client.listKeys(session), created);
  });

  test('cannot revoke a key twice', async () => {
    const session = await signedIn();
    const key = await client.createKey(session);
    await client.revokeKey(session, key);
    const [revoked] = await client.listKeys(session);
    assertRefused(await client.delete(`${PATH}/${key.id}`, session), 409, 'API_KEY_REVOKED');
    assert.deepEqual(await client.listKeys(session), [revoked]);
  });

  test('does not find a key of another user, revoked or not', async () => {
    const [session, other] = [await signedIn(), await signedIn()];
    const key = await client.createKey(other);
    assertRefused(await client.delete(`${PATH}/${key.id}`, session), 404, 'API_KEY_NOT_FOUND');
    assert.equal((await client.get('/perps/positions', { 'x-api-key': key.secret })).status, 200);
    await client.revokeKey(other, key);
    assertRefused(await client.delete(`${PATH}/${key.id}`, session), 404, 'API_KEY_NOT_FOUND');
  });

  test('does not find a key that nobody has', async () => {
    const answer = await client.delete(`${PATH}/ocx_kid_0000000000000000`, await signedIn());
    assertRefused(answer, 404, 'API_KEY_NOT_FOUND');
  });

  test('keeps its keys after it logged out', async () => {
    const session = await signedIn();
    const { secret } = await client.createKey(session);
    assert.equal((await client.post('/auth/logout', undefined, session)).status, 204);
    assert.equal((await client.get('/perps/positions', { 'x-api-key': secret })).status, 200);
    assertRefused(await client.get(PATH, session), 401, 'REVOKED_CREDENTIAL');
  });
}

function refusalTests() {
  const cases = [
    ['without a name', { name: undefined }, '/name'],
    ['for an empty name', { name: '' }, '/name'],
    ['for a name of 81 characters', { name: 'n'.repeat(81) }, '/name'],
    ['without a scope', { scope: undefined }, '/scope'],
    ['for an unknown scope', { scope: 'write:tx' }, '/scope'],
    ['for zero days', { expiresInDays: 0 }, '/expiresInDays'],
    ['for 3651 days', { expiresInDays: 3651 }, '/expiresInDays'],
    ['for half a day', { expiresInDays: 0.5 }, '/expiresInDays'],
    ['for an address that is none', { allowedIps: ['127.0.0.1', 'localhost'] }, '/allowedIps/1'],
    ['for a network with host bits', { allowedIps: ['10.0.0.1/8'] }, '/allowedIps/0'],
    ['for 33 addresses', { allowedIps: Array(33).fill('127.0.0.1') }, '/allowedIps'],
    ['for a field nobody knows', { scopes: ['read'] }, '/scopes'],
  ];
  for (const [name, changes, field] of cases) {
    test(name, async () => {
      const session = credentials(await client.signIn(walletSdks[0].newWallet(), createSiweMessage)).bearer;
      const answer = await client.post(PATH, { name: 'a key', scope: 'read', ...changes }, session);
      assertRefused(answer, 400, 'INVALID_REQUEST');
      assert.equal(answer.body.details.field, field);
      assert.deepEqual(await client.listKeys(session), []);
    });
  }

  test('without a session', async () => {
    assertRefused(await client.post(PATH, { name: 'a key', scope: 'read' }), 401, 'MISSING_CREDENTIAL');
  });
}

function assertCreated({ id, createdAt, ...rest }, expected) {
  assert.match(id, /^ocx_kid_[0-9A-HJKMNP-TV-Z]{16}$/);
  assert.match(createdAt, INSTANT);
  assert.deepEqual(rest, {
    allowedIps: [], expiresAt: null, revokedAt: null, lastUsedAt: null, lastUsedIp: null, status: 'active', ...expected,
  });
}
