// The life of an Aura key, for wallets of both chains: use, list, revoke.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { assertRefused, AuraClient, bearer, shown } from './aura-client.js';
import { INSTANT, ULID } from './formats.js';
import { startServer } from './server.js';
import { alephiumKeyTypes, newAlephiumWallet, walletSdks } from './wallets.js';

let server;
let client;
before(async () => {
  server = await startServer();
  client = new AuraClient(server);
});
after(() => server?.stop());

for (const keyType of alephiumKeyTypes) {
  const newWallet = () => newAlephiumWallet(keyType);
  describe(`an Alephium wallet with a key of type ${keyType}`, () => lifeTests(newWallet, undefined));
}
for (const { name, newWallet } of walletSdks) {
  describe(`an Ethereum wallet of ${name}`, () => lifeTests(newWallet, 'eip155:1'));
}

function lifeTests(newWallet, chain) {
  const mint = (wallet, fields) => client.mint(wallet, { chain, ...fields });

  test('reads and writes with its key', async () => {
    const wallet = newWallet();
    const key = await mint(wallet);
    const read = await client.get('/v1/markets', bearer(key));
    const write = await client.post('/v1/tx/echo', { amount: '1' }, bearer(key));
    const { userId } = read.body.caller;
    assert.match(userId, ULID);
    const caller = {
      credential: 'api-key',
      userId,
      wallet: `${chain ?? 'alephium:mainnet'}:${wallet.address}`,
      keyId: key.id,
      scopes: 'read write:tx',
    };
    assert.deepEqual(read.body, { caller, receivedFields: null });
    assert.deepEqual(write.body, { caller, receivedFields: ['amount'] });
    assert.deepEqual([read.status, write.status], [200, 200]);
  });

  test('does not write with a key that reads', async () => {
    const key = await mint(newWallet(), { scopes: ['read'] });
    await client.assertLive(key);
    assertRefused(await client.post('/v1/tx/echo', {}, bearer(key)), 403, 'insufficient_scope');
  });

  test('writes with a key that only writes, and reads what everybody reads', async () => {
    const key = await mint(newWallet(), { scopes: ['write:tx'] });
    await client.assertLive(key);
    assert.equal((await client.post('/v1/tx/echo', {}, bearer(key))).status, 200);
  });

  test('lists its own keys, newest first, without their secrets', async () => {
    const wallet = newWallet();
    const older = await mint(wallet, { name: 'older', scopes: ['read'] });
    const newer = await mint(wallet, { name: 'newer' });
    await mint(newWallet());
    const [first, { lastUsedAt, ...second }, ...others] = await client.list(older);
    assert.deepEqual(first, shown(newer));
    assert.deepEqual({ ...second, lastUsedAt: null }, shown(older));
    assert.match(lastUsedAt, INSTANT);
    assert.deepEqual(others, []);
  });

  test('revokes a key with another one, and again', async () => {
    const wallet = newWallet();
    const [key, caller] = [await mint(wallet), await mint(wallet, { scopes: ['read'] })];
    await client.assertLive(key);
    await client.revoke(key, caller);
    await client.assertDead(key);
    const [, revoked] = await client.list(caller);
    assert.equal(revoked.id, key.id);
    assert.match(revoked.revokedAt, INSTANT);
    await client.revoke(key, caller);
    assert.deepEqual((await client.list(caller))[1], revoked);
  });

  test('revokes a key with itself', async () => {
    const wallet = newWallet();
    const [key, other] = [await mint(wallet), await mint(wallet)];
    await client.revoke(key, key);
    await client.assertDead(key);
    await client.assertLive(other);
  });

  test('does not find a key of another wallet', async () => {
    const [caller, key] = [await mint(newWallet()), await mint(newWallet())];
    assertRefused(await client.delete(`/v1/auth/keys/${key.id}`, bearer(caller)), 404, 'not_found');
    await client.assertLive(key);
  });

  test('does not find a key that nobody has', async () => {
    const caller = await mint(newWallet());
    assertRefused(await client.delete(`/v1/auth/keys/${randomUUID()}`, bearer(caller)), 404, 'not_found');
  });
}

test('keys of one Alephium address on two networks are of two wallets', async () => {
  const wallet = newAlephiumWallet('default');
  const onMainnet = await client.mint(wallet, { chain: 'alephium:mainnet' });
  const onTestnet = await client.mint(wallet, { chain: 'alephium:testnet' });
  for (const key of [onMainnet, onTestnet]) assert.deepEqual((await client.list(key)).map(({ id }) => id), [key.id]);
  assertRefused(await client.delete(`/v1/auth/keys/${onMainnet.id}`, bearer(onTestnet)), 404, 'not_found');
});

test('nobody needs a key to read', async () => {
  const { status, body } = await client.get('/v1/markets');
  assert.equal(status, 200);
  assert.deepEqual(body.caller, { credential: 'anonymous' });
});

test('nobody writes, lists or revokes without a key', async () => {
  const { id } = await client.mint(newAlephiumWallet('default'));
  for (const [method, path] of [['POST', '/v1/tx/echo'], ['GET', '/v1/auth/keys'], ['DELETE', `/v1/auth/keys/${id}`]]) {
    assertRefused(await client.request(method, path), 401, 'unauthorized');
  }
});

test('a key with a typing error is nobody, even where nobody is needed', async () => {
  const { key, id } = await client.mint(newAlephiumWallet('default'));
  const mistyped = key.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
  await client.assertDead({ key: mistyped, id });
});
