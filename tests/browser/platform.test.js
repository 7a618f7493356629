// The page for platforms: what it shows, and calls made from it.

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Client, sessionCookie } from '../wallets/client.js';
import { pageTests } from './page-tests.js';
import { Stage } from './stage.js';
import { newEthereumWallet } from './wallets.js';

const stage = new Stage();
before(() => stage.set());
after(() => stage.clear());

describe('/docs/platform', () => {
  pageTests(stage, 'platform');
  describe('calls', callTests);
});

function callTests() {
  test('the server is ready', async () => {
    const page = await stage.open('platform');
    assert.deepEqual(await page.call('GET', '/health/ready'), { status: 200, body: { status: 'ready' } });
    await page.assertQuiet();
  });

  test('a key that is listed verifies the token of a session', async () => {
    const answer = await new Client(stage.server).signInByChallenge(newEthereumWallet(), 'eip155:1');
    const page = await stage.open('platform');
    const { status, body } = await page.call('GET', '/.well-known/jwks.json');
    assert.equal(status, 200);
    assertSignedByOne(body.keys, sessionCookie(answer).value);
    await page.assertQuiet();
  });
}

function assertSignedByOne(keys, token) {
  const [header, claims, signature] = token.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url'));
  const key = createPublicKey({ key: keys.find((one) => one.kid === kid), format: 'jwk' });
  assert.ok(verify(null, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')));
}
