// The OCX dialect (DESIGN.md section 3), seen by people who use wallet SDKs.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { SiweMessage } from 'siwe';
import { parseSiweMessage } from 'viem/siwe';

import { assertRefused, Client, credentials } from './client.js';
import { messageBuilders } from './messages.js';
import { startServer } from './server.js';
import { walletSdks } from './wallets.js';

let server;
let client;
before(async () => {
  server = await startServer();
  client = new Client(server);
});
after(() => server?.stop());

for (const { name: sdk, newWallet } of walletSdks) {
  for (const { name: builder, build } of messageBuilders) {
    describe(`a ${sdk} wallet with a ${builder} message`, () => signInTests(newWallet, build));
    describe(`a ${sdk} wallet with a ${builder} message is refused`, () => refusalTests(newWallet, build));
  }
  describe(`a ${sdk} wallet with a message built by the server`, () => challengeTests(newWallet));
}

function signInTests(newWallet, build) {
  test('signs in and is known by cookie and by Bearer', async () => {
    const wallet = newWallet();
    await client.assertSignedIn(await client.signIn(wallet, build), wallet, 'eip155:1');
  });

  test('logs out by cookie', async () => {
    const { cookie, bearer } = credentials(await client.signIn(newWallet(), build));
    await client.assertLogoutEnds(cookie, [cookie, bearer]);
  });

  test('logs out by Bearer', async () => {
    const { cookie, bearer } = credentials(await client.signIn(newWallet(), build));
    await client.assertLogoutEnds(bearer, [cookie, bearer]);
  });

  test('cannot use one signature twice', async () => {
    const proof = await client.prove(newWallet(), build);
    assert.equal((await client.post('/auth/siwe', proof)).status, 200);
    assertRefused(await client.post('/auth/siwe', proof), 400, 'NONCE_MISMATCH');
  });

  test('is one user on every chain', async () => {
    const wallet = newWallet();
    const onEthereum = await client.signIn(wallet, build, { chainId: 1 });
    const onBase = await client.signIn(wallet, build, { chainId: 8453 });
    await client.assertSignedIn(onBase, wallet, 'eip155:8453');
    assert.equal(onBase.body.userId, onEthereum.body.userId);
  });

  test('is another user than another wallet', async () => {
    const one = await client.signIn(newWallet(), build);
    const two = await client.signIn(newWallet(), build);
    assert.notEqual(one.body.userId, two.body.userId);
  });

  test('may leave the scheme out on loopback', async () => {
    const wallet = newWallet();
    await client.assertSignedIn(await client.signIn(wallet, build, { scheme: undefined }), wallet, 'eip155:1');
  });

  test('may fill in every optional field', async () => {
    const wallet = newWallet();
    const answer = await client.signIn(wallet, build, {
      statement: 'Sign in to Countersign.',
      expirationTime: minutesFromNow(4),
      notBefore: minutesFromNow(-1),
      requestId: 'request-1',
      resources: ['https://example.com/terms', 'ipfs://bafybeihash'],
    });
    await client.assertSignedIn(answer, wallet, 'eip155:1');
  });

  test('may write its address in lower case', async () => {
    const wallet = newWallet();
    const message = build(client.messageFields(wallet, await client.requestNonce(wallet)))
      .replace(wallet.address, wallet.address.toLowerCase());
    const signature = await wallet.sign(message);
    await client.assertSignedIn(await client.post('/auth/siwe', { message, signature }), wallet, 'eip155:1');
  });

  test('signs in from a page of the server but not from another origin', async () => {
    const proof = await client.prove(newWallet(), build);
    const fromElsewhere = await client.post('/auth/siwe', proof, { origin: 'https://evil.example' });
    assertRefused(fromElsewhere, 403, 'CSRF_REJECTED');
    assert.equal((await client.post('/auth/siwe', proof, { origin: server.baseUrl })).status, 200);
  });
}

function refusalTests(newWallet, build) {
  const cases = [
    ['for another domain', { domain: 'evil.example' }, 'DOMAIN_MISMATCH'],
    ['for another uri', { uri: 'https://evil.example/login' }, 'URI_MISMATCH'],
    ['on a chain that is not allowed', { chainId: 5 }, 'CHAIN_NOT_ALLOWED'],
    ['after its expiration time', { expirationTime: minutesFromNow(-1) }, 'MESSAGE_EXPIRED'],
    ['before its not-before time', { notBefore: minutesFromNow(60) }, 'MESSAGE_NOT_YET_VALID'],
    ['with a nonce nobody issued', { nonce: 'nobodyIssuedThisNonce1' }, 'NONCE_MISMATCH'],
  ];
  for (const [name, changes, code] of cases) {
    test(name, async () => {
      assertRefused(await client.signIn(newWallet(), build, changes), 400, code);
    });
  }

  test('with the nonce of another wallet', async () => {
    const nonce = await client.requestNonce(newWallet());
    assertRefused(await client.signIn(newWallet(), build, { nonce }), 400, 'NONCE_MISMATCH');
  });

  test('with CRLF line ends', async () => {
    const wallet = newWallet();
    const message = build(client.messageFields(wallet, await client.requestNonce(wallet))).replaceAll('\n', '\r\n');
    const answer = await client.post('/auth/siwe', { message, signature: await wallet.sign(message) });
    assertRefused(answer, 400, 'INVALID_SIWE_MESSAGE');
    assert.equal(typeof answer.body.details.line, 'number');
  });

  test('when another wallet signed, and keeps its nonce', async () => {
    const proof = await client.prove(newWallet(), build);
    const forged = await client.post('/auth/siwe', { ...proof, signature: await newWallet().sign(proof.message) });
    assertRefused(forged, 401, 'INVALID_SIGNATURE');
    assert.equal(forged.body.error, 'AuthError');
    assert.equal((await client.post('/auth/siwe', proof)).status, 200);
  });
}

function challengeTests(newWallet) {
  test('gets a message that siwe and viem read', async () => {
    const wallet = newWallet();
    const { message, nonce } = await client.requestChallenge(wallet, 'eip155:8453');
    const parsedBySiwe = new SiweMessage(message);
    const expected = client.messageFields(wallet, nonce, { chainId: 8453 });
    for (const parsed of [parsedBySiwe, parseSiweMessage(message)]) {
      for (const field of ['scheme', 'domain', 'address', 'uri', 'version', 'chainId', 'nonce']) {
        assert.equal(parsed[field], expected[field], field);
      }
    }
    assert.equal(parsedBySiwe.prepareMessage(), message);
  });

  test('signs in once and is known by cookie and by Bearer', async () => {
    const wallet = newWallet();
    const { challengeId, message } = await client.requestChallenge(wallet, 'eip155:8453');
    const proof = { challengeId, signature: await wallet.sign(message) };
    await client.assertSignedIn(await client.post('/auth/verify', proof), wallet, 'eip155:8453');
    assertRefused(await client.post('/auth/verify', proof), 400, 'NONCE_MISMATCH');
  });

  test('is refused when another wallet signed, and keeps its challenge', async () => {
    const wallet = newWallet();
    const { challengeId, message } = await client.requestChallenge(wallet, 'eip155:8453');
    const forged = await client.post('/auth/verify', { challengeId, signature: await newWallet().sign(message) });
    assertRefused(forged, 401, 'INVALID_SIGNATURE');
    const own = await client.post('/auth/verify', { challengeId, signature: await wallet.sign(message) });
    assert.equal(own.status, 200);
  });
}

test('nobody is signed in without a credential', async () => {
  await client.assertNobody({});
});

test('logout without a session is no error', async () => {
  assert.equal((await client.post('/auth/logout')).status, 204);
});

test('the list of chains names Ethereum', async () => {
  const { status, body } = await client.get('/auth/chains');
  assert.equal(status, 200);
  const { chainIds, keyTypes, ...rest } = body.chains.find(({ namespace }) => namespace === 'eip155');
  assert.ok(chainIds.includes('eip155:1'));
  assert.ok(Array.isArray(keyTypes));
  assert.deepEqual(rest, {
    namespace: 'eip155', name: 'Ethereum', needsPublicKey: false, source: 'builtin', available: true,
  });
});

function minutesFromNow(minutes) {
  return new Date(Date.now() + minutes * 60_000);
}
