// The two dialects do not mix: what one issued is worth nothing in the other.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import * as aura from './aura-client.js';
import * as ocx from './client.js';
import { startServer } from './server.js';
import { alephiumKeyTypes, newAlephiumWallet, walletSdks } from './wallets.js';

let server;
let auraClient;
let ocxClient;
before(async () => {
  server = await startServer();
  auraClient = new aura.AuraClient(server);
  ocxClient = new ocx.Client(server);
});
after(() => server?.stop());

for (const keyType of alephiumKeyTypes) {
  const newWallet = () => newAlephiumWallet(keyType);
  describe(`an Alephium wallet with a key of type ${keyType}`, () => separationTests(newWallet, 'alephium:mainnet'));
}
for (const { name, newWallet } of walletSdks) {
  describe(`an Ethereum wallet of ${name}`, () => {
    separationTests(newWallet, 'eip155:1');
    siweTests(newWallet);
  });
}

function separationTests(newWallet, chain) {
  test('does not mint an Aura key by an OCX challenge, and keeps it', async () => {
    const wallet = newWallet();
    const { challengeId, message } = await ocxClient.requestChallenge(wallet, chain);
    const proof = { ...await aura.answerTo(message, wallet), chain };
    await auraClient.assertMintRefused(proof, 401, 'challenge_expired');
    await auraClient.assertMintRefused({ ...proof, challenge: message }, 401, 'challenge_expired');
    const { signature, publicKey } = proof;
    assert.equal((await ocxClient.post('/auth/verify', { challengeId, signature, publicKey })).status, 200);
  });

  test('does not mint by an OCX challenge while an Aura challenge waits, and keeps both', async () => {
    const wallet = newWallet();
    const own = await auraClient.prove(wallet, { chain });
    const { message } = await ocxClient.requestChallenge(wallet, chain);
    const proof = { ...await aura.answerTo(message, wallet), chain };
    await auraClient.assertMintRefused(proof, 401, 'invalid_signature');
    await auraClient.assertMintRefused({ ...proof, challenge: message }, 401, 'challenge_expired');
    await auraClient.mintBy(own);
  });

  for (const purpose of ['mint-key', 'sign-in']) {
    test(`does not sign in to OCX by an Aura challenge to ${purpose}, and keeps its own`, async () => {
      const wallet = newWallet();
      const { challenge } = await auraClient.requestChallenge(wallet, { chain, purpose });
      const { challengeId, message } = await ocxClient.requestChallenge(wallet, chain);
      const { publicKey, signature } = await aura.answerTo(challenge, wallet);
      const refused = await ocxClient.post('/auth/verify', { challengeId, publicKey, signature });
      ocx.assertRefused(refused, 401, 'INVALID_SIGNATURE');
      const own = { challengeId, publicKey, signature: await wallet.sign(message) };
      assert.equal((await ocxClient.post('/auth/verify', own)).status, 200);
    });
  }

  test('is nobody in OCX with an Aura key', async () => {
    const { key } = await auraClient.mint(newWallet(), { chain });
    for (const credential of [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }]) {
      for (const path of ['/perps/markets', '/perps/positions', '/perps/me/api-keys']) {
        ocx.assertRefused(await ocxClient.get(path, credential), 401, 'INVALID_CREDENTIAL');
      }
      await ocxClient.assertNobody(credential);
    }
  });

  test('is nobody in Aura with a session or a key of OCX', async () => {
    const { bearer } = ocx.credentials(await ocxClient.signInByChallenge(newWallet(), chain));
    const { secret } = await ocxClient.createKey(bearer, { scope: 'trade' });
    for (const credential of [bearer, { authorization: `Bearer ${secret}` }]) {
      for (const path of ['/v1/markets', '/v1/auth/keys']) {
        aura.assertRefused(await auraClient.get(path, credential), 401, 'unauthorized');
      }
    }
  });

  test('does not see the keys of one dialect in the other', async () => {
    const wallet = newWallet();
    const auraKey = await auraClient.mint(wallet, { chain });
    const { bearer } = ocx.credentials(await ocxClient.signInByChallenge(wallet, chain));
    const ocxKey = await ocxClient.createKey(bearer);
    assert.deepEqual((await auraClient.list(auraKey)).map(({ id }) => id), [auraKey.id]);
    assert.deepEqual((await ocxClient.listKeys(bearer)).map(({ id }) => id), [ocxKey.id]);
    const byOcx = await ocxClient.delete(`/perps/me/api-keys/${auraKey.id}`, bearer);
    ocx.assertRefused(byOcx, 404, 'API_KEY_NOT_FOUND');
    const byAura = await auraClient.delete(`/v1/auth/keys/${ocxKey.id}`, aura.bearer(auraKey));
    aura.assertRefused(byAura, 404, 'not_found');
    await auraClient.assertLive(auraKey);
  });
}

function siweTests(newWallet) {
  for (const purpose of ['mint-key', 'sign-in']) {
    test(`does not sign in by SIWE with the text of an Aura challenge to ${purpose}`, async () => {
      const wallet = newWallet();
      const { challenge } = await auraClient.requestChallenge(wallet, { chain: 'eip155:1', purpose });
      const signed = { message: challenge, signature: await wallet.sign(challenge) };
      ocx.assertRefused(await ocxClient.post('/auth/siwe', signed), 400, 'NONCE_MISMATCH');
    });
  }
}
