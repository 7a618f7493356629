// Which challenge a mint answers: the one whose text it names, or any that waits for its wallet.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { answerTo, assertMinted, assertRefused, AuraClient } from './aura-client.js';
import { INSTANT } from './formats.js';
import { startServer } from './server.js';
import { alephiumKeyTypes, newAlephiumWallet, walletSdks } from './wallets.js';

const FIVE_MINUTES = 300_000;

let server;
let client;
before(async () => {
  server = await startServer();
  client = new AuraClient(server);
});
after(() => server?.stop());

for (const keyType of alephiumKeyTypes) {
  describe(`an Alephium wallet with a key of type ${keyType}`, () => challengeTests(() => newAlephiumWallet(keyType)));
}
for (const { name, newWallet } of walletSdks) {
  describe(`an Ethereum wallet of ${name}`, () => challengeTests(newWallet, 'eip155:1'));
}

function challengeTests(newWallet, chain) {
  const request = async (wallet, purpose) => (await client.requestChallenge(wallet, { chain, purpose })).challenge;
  const answer = async (challenge, wallet) => ({ ...await answerTo(challenge, wallet), chain });

  test('is given a text that names it and ends in five minutes', async () => {
    const wallet = newWallet();
    const asked = Date.now();
    const { challenge, expiresAt } = await client.requestChallenge(wallet, { chain });
    assert.match(expiresAt, INSTANT);
    const answered = Date.now();
    const issued = Date.parse(expiresAt) - FIVE_MINUTES;
    assert.ok(asked <= issued && issued <= answered, `issued at ${issued}, between ${asked} and ${answered}`);
    const lines = challenge.split('\n');
    for (const line of [wallet.address, `Expiration Time: ${expiresAt}`]) assert.ok(lines.includes(line), challenge);
  });

  test('is given the same text until it answers', async () => {
    const wallet = newWallet();
    const challenge = await request(wallet);
    assert.equal(await request(wallet, 'mint-key'), challenge);
    await client.mintBy(await answer(challenge, wallet));
    assert.notEqual(await request(wallet), challenge);
  });

  test('is given another text for another purpose', async () => {
    const wallet = newWallet();
    assert.notEqual(await request(wallet, 'sign-in'), await request(wallet, 'mint-key'));
  });

  test('mints by the exact text', async () => {
    const wallet = newWallet();
    const challenge = await request(wallet);
    const minted = await client.mintBy({ ...await answer(challenge, wallet), challenge });
    assertMinted(minted, { ownerAddress: wallet.address });
  });

  test('does not mint by another text, and keeps its challenge', async () => {
    const wallet = newWallet();
    const challenge = await request(wallet);
    const proof = await answer(challenge, wallet);
    for (const other of [`${challenge}\n`, challenge.slice(0, -1), await request(newWallet()), 'hello']) {
      await assertExpired({ ...proof, challenge: other });
      await assertExpired({ ...await answer(other, wallet), challenge: other });
    }
    await client.mintBy({ ...proof, challenge });
  });

  test('does not mint twice by one challenge', async () => {
    const wallet = newWallet();
    const challenge = await request(wallet);
    const proof = await answer(challenge, wallet);
    await client.mintBy(proof);
    await assertExpired(proof);
    await assertExpired({ ...proof, challenge });
  });

  test('does not mint by a used challenge while another one waits, and keeps that', async () => {
    const wallet = newWallet();
    const challenge = await request(wallet);
    const used = await answer(challenge, wallet);
    await client.mintBy(used);
    const waiting = await answer(await request(wallet), wallet);
    await assertExpired({ ...used, challenge });
    await client.assertMintRefused(used, 401, 'invalid_signature');
    await client.mintBy(waiting);
  });

  test('does not mint by a challenge to sign in', async () => {
    const wallet = newWallet();
    const challenge = await request(wallet, 'sign-in');
    const proof = await answer(challenge, wallet);
    await assertExpired(proof);
    await assertExpired({ ...proof, challenge });
  });

  test('does not mint without a challenge', async () => {
    await assertExpired(await answer('hello', newWallet()));
  });

  test('one of many calls that race for one challenge mints', async () => {
    const wallet = newWallet();
    const proof = await answer(await request(wallet), wallet);
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.post('/v1/auth/keys', proof)));
    const minted = answers.filter(({ status }) => status === 200);
    assert.equal(minted.length, 1);
    for (const refused of answers.filter(({ status }) => status !== 200)) {
      assertRefused(refused, 401, 'challenge_expired');
    }
    assert.equal((await client.list(minted[0].body)).length, 1);
  });
}

test('a challenge for one network does not mint on another', async () => {
  for (const [newWallet, chain, other] of [
    [() => newAlephiumWallet('default'), 'alephium:testnet', undefined],
    [() => newAlephiumWallet('default'), undefined, 'alephium:testnet'],
    [walletSdks[0].newWallet, 'eip155:1', 'eip155:10'],
  ]) {
    const wallet = newWallet();
    const proof = await client.prove(wallet, { chain });
    await assertExpired({ ...proof, chain: other });
    await client.mintBy(proof);
  }
});

function assertExpired(proof) {
  return client.assertMintRefused(proof, 401, 'challenge_expired');
}
