// The page of the Aura dialect: what it shows, and calls made from it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { AuraClient } from '../wallets/aura-client.js';
import { refusalOf } from './docs-page.js';
import { pageTests } from './page-tests.js';
import { Stage } from './stage.js';
import { newAlephiumWallet } from './wallets.js';

const stage = new Stage();
let client;
before(async () => {
  await stage.set();
  client = new AuraClient(stage.server);
});
after(() => stage.clear());

describe('/docs/aura', () => {
  pageTests(stage, 'aura');
  describe('calls', callTests);
});

function callTests() {
  test('an API key lists itself', async () => {
    const minted = await client.mint(newAlephiumWallet());
    const page = await stage.open('aura');
    await page.authorize('ApiKey', minted.key);
    const { status, body } = await page.call('GET', '/v1/auth/keys');
    assert.equal(status, 200);
    assert.deepEqual(body.keys.map(({ id }) => id), [minted.id]);
    await page.assertQuiet();
  });

  test('a wrong key is refused, and the page shows the error', async () => {
    const page = await stage.open('aura');
    await page.authorize('ApiKey', 'wrong');
    const { status, body } = await page.call('GET', '/v1/auth/keys');
    assert.deepEqual({ status, code: body.error?.code }, { status: 401, code: 'unauthorized' });
    assert.equal(typeof body.error.message, 'string');
    await page.assertQuiet([refusalOf(`${stage.server.baseUrl}/v1/auth/keys`)]);
  });

  test('a key is minted', async () => {
    const wallet = newAlephiumWallet();
    const page = await stage.open('aura');
    const { status, body } = await page.call('POST', '/v1/auth/keys', { body: await client.prove(wallet) });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual((await client.list(body)).map(({ id }) => id), [body.id]);
    await page.assertQuiet();
  });
}
