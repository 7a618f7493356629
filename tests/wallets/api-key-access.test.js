// What an OCX API key may do, and what its use leaves behind.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { createSiweMessage } from 'viem/siwe';

import { assertRefused, Client, credentials } from './client.js';
import { INSTANT } from './formats.js';
import { startServer } from './server.js';
import { alephiumKeyTypes, newAlephiumWallet, walletSdks } from './wallets.js';

const KEYS = '/perps/me/api-keys';
const transports = [
  ['x-api-key', (secret) => ({ 'x-api-key': secret })],
  ['Bearer', (secret) => ({ authorization: `Bearer ${secret}` })],
];
const publicReads = [['GET', '/perps/markets']];
const accountReads = [['GET', '/perps/positions']];
const trades = [['POST', '/perps/orders'], ['POST', '/wallet/withdraw']];
const everything = [...publicReads, ...accountReads, ...trades];

let server;
let client;
before(async () => {
  server = await startServer();
  client = new Client(server);
});
after(() => server?.stop());

for (const { name, newWallet } of walletSdks) {
  describe(`a ${name} wallet`, () => accessTests(newWallet, 'eip155:1'));
}
for (const keyType of alephiumKeyTypes) {
  const newWallet = () => newAlephiumWallet(keyType);
  describe(`an Alephium wallet with a key of type ${keyType}`, () => accessTests(newWallet, 'alephium:mainnet'));
}

function accessTests(newWallet, chain) {
  async function signedIn(wallet = newWallet()) {
    const answer = await (chain.startsWith('eip155:')
      ? client.signIn(wallet, createSiweMessage)
      : client.signInByChallenge(wallet, chain));
    return { wallet, userId: answer.body.userId, session: credentials(answer).bearer };
  }

  test('may do everything with its session', async () => {
    const { wallet, userId, session } = await signedIn();
    const caller = { credential: 'session', userId, wallet: `${chain}:${wallet.address}`, keyId: null, scopes: null };
    for (const call of everything) await assertPasses(call, session, caller);
  });

  for (const [transport, credential] of transports) {
    test(`reads with a key that reads, by ${transport}, and does not trade`, async () => {
      const { wallet, userId, session } = await signedIn();
      const { id, secret } = await client.createKey(session, { scope: 'read' });
      const caller = {
        credential: 'api-key', userId, wallet: `${chain}:${wallet.address}`, keyId: id, scopes: 'read',
      };
      for (const call of [...publicReads, ...accountReads]) await assertPasses(call, credential(secret), caller);
      for (const call of trades) await assertCallRefused(call, credential(secret), 403, 'INSUFFICIENT_SCOPE');
    });

    test(`reads and trades with a key that trades, by ${transport}`, async () => {
      const { wallet, userId, session } = await signedIn();
      const { id, secret } = await client.createKey(session, { scope: 'trade' });
      const caller = {
        credential: 'api-key', userId, wallet: `${chain}:${wallet.address}`, keyId: id, scopes: 'trade',
      };
      for (const call of everything) await assertPasses(call, credential(secret), caller);
    });

    for (const scope of ['read', 'trade']) {
      test(`does not manage keys with a key of scope ${scope}, by ${transport}`, async () => {
        const { session } = await signedIn();
        const { id, secret } = await client.createKey(session, { scope });
        const calls = [['GET', KEYS], ['POST', KEYS, { name: 'child', scope }], ['DELETE', `${KEYS}/${id}`]];
        for (const call of calls) await assertCallRefused(call, credential(secret), 403, 'SESSION_REQUIRED');
        const [{ status }, ...others] = await client.listKeys(session);
        assert.equal(status, 'active');
        assert.deepEqual(others, []);
      });
    }

    test(`is who its key belongs to, by ${transport}`, async () => {
      const { wallet, userId, session } = await signedIn();
      const { secret } = await client.createKey(session);
      const { status, body } = await client.get('/auth/me', credential(secret));
      assert.equal(status, 200);
      assert.deepEqual(body, { userId, walletAddress: wallet.address, chain });
    });

    test(`is nobody with a key it revoked, by ${transport}`, async () => {
      const { session } = await signedIn();
      const key = await client.createKey(session, { scope: 'trade' });
      await assertPasses(accountReads[0], credential(key.secret));
      await client.revokeKey(session, key);
      for (const call of [...everything, ['GET', KEYS]]) {
        await assertCallRefused(call, credential(key.secret), 401, 'REVOKED_CREDENTIAL');
      }
      await client.assertNobody(credential(key.secret));
    });
  }

  test('sees when and from where its key was last used', async () => {
    const { session } = await signedIn();
    const { secret, message, ...key } = await client.createKey(session);
    await assertPasses(accountReads[0], { 'x-api-key': secret });
    const [{ lastUsedAt, lastUsedIp, ...used }] = await client.listKeys(session);
    assert.match(lastUsedAt, INSTANT);
    assert.ok(Math.abs(Date.now() - Date.parse(lastUsedAt)) < 60_000, lastUsedAt);
    assert.equal(lastUsedIp, '127.0.0.1');
    assert.deepEqual({ ...used, lastUsedAt: null, lastUsedIp: null }, key);
  });

  test('does not count a call that was refused as a use', async () => {
    const { session } = await signedIn();
    const { secret, message, ...key } = await client.createKey(session);
    await assertCallRefused(trades[0], { 'x-api-key': secret }, 403, 'INSUFFICIENT_SCOPE');
    assert.deepEqual(await client.listKeys(session), [key]);
  });

  test('uses a key from the addresses it lists only', async () => {
    const { session } = await signedIn();
    for (const allowedIps of [['127.0.0.1'], ['203.0.113.7', '127.0.0.0/8']]) {
      const { secret } = await client.createKey(session, { allowedIps });
      await assertPasses(accountReads[0], { 'x-api-key': secret });
    }
    const { secret } = await client.createKey(session, { scope: 'trade', allowedIps: ['203.0.113.7', '::1'] });
    for (const call of everything) await assertCallRefused(call, { 'x-api-key': secret }, 403, 'IP_NOT_ALLOWED');
  });
}

test('without a credential only market data can be read', async () => {
  for (const call of publicReads) await assertPasses(call, {}, { credential: 'anonymous' });
  for (const call of [...accountReads, ...trades, ['GET', KEYS]]) {
    await assertCallRefused(call, {}, 401, 'MISSING_CREDENTIAL');
  }
});

test('a key with a typing error is nobody, even where nobody is needed', async () => {
  const { bearer } = credentials(await client.signIn(walletSdks[0].newWallet(), createSiweMessage));
  const { secret } = await client.createKey(bearer);
  const mistyped = secret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
  for (const [, credential] of transports) {
    for (const call of everything) await assertCallRefused(call, credential(mistyped), 401, 'INVALID_CREDENTIAL');
    await client.assertNobody(credential(mistyped));
  }
});

async function assertPasses(call, credential, caller) {
  const { status, body } = await send(call, credential);
  assert.equal(status, 200, JSON.stringify(body));
  if (caller) assert.deepEqual(body.caller, caller);
}

async function assertCallRefused(call, credential, status, code) {
  assertRefused(await send(call, credential), status, code);
}

function send([method, path, body = method === 'POST' ? {} : undefined], credential) {
  return client.request(method, path, body, credential);
}
