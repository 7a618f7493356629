// The page of the OCX dialect: what it shows, and calls made from it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client, credentials, sessionCookie } from '../wallets/client.js';
import { refusalOf } from './docs-page.js';
import { pageTests } from './page-tests.js';
import { Stage } from './stage.js';
import { newEthereumWallet } from './wallets.js';

const stage = new Stage();
const chain = 'eip155:1';
let client;
before(async () => {
  await stage.set();
  client = new Client(stage.server);
});
after(() => stage.clear());

describe('/docs/ocx', () => {
  pageTests(stage, 'ocx');
  describe('calls with what is entered under "Authorize"', credentialTests);
  describe('calls with the cookie of the browser', cookieTests);
  describe('calls that need no credential', publicTests);
});

function credentialTests() {
  test('a session token as bearerAuth', async () => {
    const { wallet, token } = await signIn();
    const page = await stage.open('ocx');
    await page.authorize('bearerAuth', token);
    await assertMe(page, wallet);
    await page.assertQuiet();
  });

  test('an API key as apiKey', async () => {
    const { wallet, session } = await signIn();
    const { secret } = await client.createKey(session);
    const page = await stage.open('ocx');
    await page.authorize('apiKey', secret);
    await assertMe(page, wallet);
    await page.assertQuiet();
  });

  test('a wrong token is refused, and the page shows the error', async () => {
    const page = await stage.open('ocx');
    await page.authorize('bearerAuth', 'wrong');
    const { status, body } = await page.call('GET', '/perps/me/api-keys');
    assert.deepEqual({ status, error: body.error, code: body.code }, {
      status: 401, error: 'AuthError', code: 'INVALID_CREDENTIAL',
    });
    assert.equal(typeof body.message, 'string');
    await page.assertQuiet([refusalOf(`${stage.server.baseUrl}/perps/me/api-keys`)]);
  });

  test('a token as sessionCookie is not sent: cookies are the business of the browser', async () => {
    const { token } = await signIn();
    const page = await stage.open('ocx');
    await page.authorize('sessionCookie', token);
    assert.deepEqual(await page.call('GET', '/auth/me'), { status: 200, body: null });
    await page.assertQuiet();
  });

  test('an API key is made, used and revoked', async () => {
    const { wallet, token } = await signIn();
    const page = await stage.open('ocx');
    await page.authorize('bearerAuth', token);
    const request = { name: 'a key', scope: 'read' };
    const { status, body: key } = await page.call('POST', '/perps/me/api-keys', { body: request });
    assert.equal(status, 201, JSON.stringify(key));
    const asKey = { 'x-api-key': key.secret };
    assert.equal((await client.get('/auth/me', asKey)).body.walletAddress, wallet.address);
    const revoked = await page.call('DELETE', '/perps/me/api-keys/{id}', { parameters: { id: key.id } });
    assert.deepEqual(revoked, { status: 204, body: '' });
    await client.assertNobody(asKey);
    await page.assertQuiet();
  });
}

function cookieTests() {
  test('signing in from the page, who am I, and logging out', async () => {
    const wallet = newEthereumWallet();
    const page = await stage.openApart('ocx');
    const challenge = await page.call('POST', '/auth/challenge', { body: { chain, address: wallet.address } });
    assert.equal(challenge.status, 200, JSON.stringify(challenge.body));
    const { challengeId, message } = challenge.body;
    const proof = { challengeId, signature: await wallet.sign(message) };
    assert.equal((await page.call('POST', '/auth/verify', { body: proof })).status, 200);
    await assertMe(page, wallet);
    assert.equal((await page.call('POST', '/auth/logout')).status, 204);
    assert.deepEqual(await page.call('GET', '/auth/me'), { status: 200, body: null });
    await page.assertQuiet();
  });
}

function publicTests() {
  test('a nonce for a wallet', async () => {
    const page = await stage.open('ocx');
    assertNonce(await page.call('POST', '/auth/nonce', { body: { walletAddress: newEthereumWallet().address } }));
    await page.assertQuiet();
  });

  test('the example of the document, as it stands', async () => {
    const page = await stage.open('ocx');
    assertNonce(await page.call('POST', '/auth/nonce'));
    await page.assertQuiet();
  });

  test('from a page that was opened by another name of the server', async () => {
    const page = await stage.open('ocx', { hostname: 'localhost' });
    assertNonce(await page.call('POST', '/auth/nonce'));
    await page.assertQuiet();
  });
}

async function signIn() {
  const wallet = newEthereumWallet();
  const answer = await client.signInByChallenge(wallet, chain);
  return { wallet, token: sessionCookie(answer).value, session: credentials(answer).bearer };
}

async function assertMe(page, wallet) {
  const { status, body } = await page.call('GET', '/auth/me');
  assert.equal(status, 200);
  assert.deepEqual(body, { userId: body?.userId, walletAddress: wallet.address, chain });
}

function assertNonce({ status, body }) {
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(Object.keys(body).sort(), ['expiresAt', 'nonce']);
}
