// The RateLimit headers of the Aura dialect. The server multiplies every limit by 1000.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { AuraClient, bearer, standing } from './aura-client.js';
import { startServer } from './server.js';
import { newAlephiumWallet } from './wallets.js';

const ANONYMOUS = { reads: 60_000, writes: 10_000 };
const KEY = { reads: 600_000, writes: 60_000 };

let server;
let client;
before(async () => {
  server = await startServer();
  client = new AuraClient(server);
});
after(() => server?.stop());

test('a key counts down its reads and its writes', async () => {
  const key = await client.mint(newAlephiumWallet('default'));
  for (const used of [1, 2]) {
    assertStanding(await client.get('/v1/markets', bearer(key)), KEY.reads, used);
    assertStanding(await client.post('/v1/tx/echo', {}, bearer(key)), KEY.writes, used);
  }
  assertStanding(await client.get('/v1/auth/keys', bearer(key)), KEY.reads, 3);
});

test('another key counts for itself', async () => {
  const wallet = newAlephiumWallet('default');
  for (const key of [await client.mint(wallet), await client.mint(wallet)]) {
    assertStanding(await client.get('/v1/markets', bearer(key)), KEY.reads, 1);
  }
});

test('a refusal for want of a scope says how the key stands', async () => {
  const key = await client.mint(newAlephiumWallet('default'), { scopes: ['read'] });
  const refused = await client.post('/v1/tx/echo', {}, bearer(key));
  assert.equal(refused.status, 403);
  assert.equal(standing(refused).limit, KEY.writes);
});

const anonymousCalls = [
  ['a read', 'GET', '/v1/markets', undefined, 200, ANONYMOUS.reads],
  ['a request for a challenge', 'POST', '/v1/auth/challenge', {}, 400, ANONYMOUS.writes],
  ['a call that mints', 'POST', '/v1/auth/keys', {}, 400, ANONYMOUS.writes],
  ['a list without a key', 'GET', '/v1/auth/keys', undefined, 401, ANONYMOUS.reads],
  ['a write without a key', 'POST', '/v1/tx/echo', {}, 401, ANONYMOUS.writes],
  ['a path that is none', 'GET', '/v1/auth/nothing', undefined, 404, ANONYMOUS.reads],
  ['a method the path does not take', 'PUT', '/v1/auth/keys', undefined, 405, ANONYMOUS.writes],
];
for (const [name, method, path, body, status, limit] of anonymousCalls) {
  test(`${name} says how the client address stands`, async () => {
    const answer = await client.request(method, path, body);
    assert.equal(answer.status, status);
    assert.equal(standing(answer).limit, limit);
  });
}

test('a bad key says how the client address stands', async () => {
  const answer = await client.get('/v1/markets', { authorization: 'Bearer aura_live_nobody' });
  assert.equal(answer.status, 401);
  assert.equal(standing(answer).limit, ANONYMOUS.reads);
});

function assertStanding(answer, limit, used) {
  assert.equal(answer.status, 200);
  const { reset, ...counts } = standing(answer);
  assert.deepEqual(counts, { limit, remaining: limit - used });
  assert.ok(reset > 0);
}
