// Minting Aura keys with Alephium's own SDK: every key type, every way of writing a proof.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { answerTo, assertMinted, AuraClient } from './aura-client.js';
import { startServer } from './server.js';
import { alephiumKeyTypes, newAlephiumWallet } from './wallets.js';

const spellings = [
  ['plain hex', (hex) => hex],
  ['0x', (hex) => `0x${hex}`],
  ['upper case', (hex) => hex.toUpperCase()],
  ['0x and upper case', (hex) => `0x${hex.toUpperCase()}`],
];

let server;
let client;
before(async () => {
  server = await startServer();
  client = new AuraClient(server);
});
after(() => server?.stop());

for (const keyType of alephiumKeyTypes) {
  const newWallet = () => newAlephiumWallet(keyType);
  describe(`an Alephium wallet with a key of type ${keyType}`, () => mintTests(newWallet));
  describe(`an Alephium wallet with a key of type ${keyType} is refused`, () => refusalTests(newWallet));
}
describe('a groupless Alephium address', groupTests);
describe('a call that mints is refused', bodyTests);

function mintTests(newWallet) {
  test('gets a key with all ten fields, for both scopes', async () => {
    const wallet = newWallet();
    assertMinted(await client.mint(wallet), { ownerAddress: wallet.address });
  });

  test('gives its key a name and one scope', async () => {
    const wallet = newWallet();
    for (const scopes of [['read'], ['write:tx']]) {
      const minted = await client.mint(wallet, { name: 'trading bot', scopes });
      assertMinted(minted, { ownerAddress: wallet.address, name: 'trading bot', scopes });
    }
  });

  test('gets another key by each challenge', async () => {
    const wallet = newWallet();
    const [one, two] = [await client.mint(wallet), await client.mint(wallet)];
    assert.notEqual(one.id, two.id);
    assert.notEqual(one.key, two.key);
  });

  test('may name its network', async () => {
    const wallet = newWallet();
    for (const chain of ['alephium:mainnet', 'alephium:testnet']) {
      assertMinted(await client.mint(wallet, { chain }), { ownerAddress: wallet.address });
    }
  });

  for (const [spelling, write] of spellings) {
    test(`writes its proof in ${spelling}, with and without its key type`, async () => {
      const wallet = newWallet();
      for (const named of [{}, { keyType: wallet.keyType }]) {
        const { publicKey, signature, ...proof } = await client.prove(wallet, named);
        const minted = await client.mintBy({ ...proof, publicKey: write(publicKey), signature: write(signature) });
        assertMinted(minted, { ownerAddress: wallet.address });
      }
    });
  }
}

function refusalTests(newWallet) {
  test('under every other key type, and keeps its challenge', async () => {
    const wallet = newWallet();
    const proof = await client.prove(wallet);
    for (const keyType of alephiumKeyTypes.filter((other) => other !== wallet.keyType)) {
      await client.assertMintRefused({ ...proof, keyType }, 401, 'invalid_signature');
    }
    await client.mintBy(proof);
  });

  test('under a key type that is not one of the chain, and keeps its challenge', async () => {
    const proof = await client.prove(newWallet());
    for (const keyType of ['secp256k1', 'Default', 'nobody-knows-it']) {
      await client.assertMintRefused({ ...proof, keyType }, 400, 'bad_request', '/keyType');
    }
    await client.mintBy(proof);
  });

  test('when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [newWallet(), newWallet()];
    const { challenge } = await client.requestChallenge(wallet);
    const [own, foreign] = [await answerTo(challenge, wallet), await answerTo(challenge, other)];
    const { signature, publicKey } = foreign;
    for (const forged of [{ signature }, { publicKey }, { signature, publicKey }]) {
      await client.assertMintRefused({ ...own, ...forged }, 401, 'invalid_signature');
    }
    await client.mintBy(own);
  });

  test('when it signed under another message hasher, and keeps its challenge', async () => {
    const wallet = newWallet();
    const { challenge } = await client.requestChallenge(wallet);
    const proof = await answerTo(challenge, wallet);
    for (const hasher of ['sha256', 'blake2b']) {
      const signature = await wallet.sign(challenge, hasher);
      await client.assertMintRefused({ ...proof, signature }, 401, 'invalid_signature');
    }
    await client.mintBy(proof);
  });

  test('when its proof is no hex', async () => {
    const proof = await client.prove(newWallet());
    for (const field of ['publicKey', 'signature']) {
      for (const spoiled of [`0x0x${proof[field]}`, `${proof[field]}0`, proof[field].replace(/.$/, 'g')]) {
        await client.assertMintRefused({ ...proof, [field]: spoiled }, 400, 'bad_request', `/${field}`);
      }
    }
  });
}

function groupTests() {
  const newWallet = () => newAlephiumWallet('gl-secp256k1');

  for (const group of [0, 1, 2, 3]) {
    test(`mints with the group ${group} as without it`, async () => {
      const wallet = newWallet();
      const grouped = { ...wallet, address: `${wallet.address}:${group}` };
      assertMinted(await client.mint(grouped), { ownerAddress: wallet.address });
    });
  }

  test('answers with a group what was asked without, and the reverse', async () => {
    const wallet = newWallet();
    const grouped = { ...wallet, address: `${wallet.address}:2` };
    for (const [asking, answering] of [[wallet, grouped], [grouped, wallet]]) {
      const { challenge } = await client.requestChallenge(asking);
      assertMinted(await client.mintBy(await answerTo(challenge, answering)), { ownerAddress: wallet.address });
    }
  });

  test('has the same keys with and without a group', async () => {
    const wallet = newWallet();
    const grouped = await client.mint({ ...wallet, address: `${wallet.address}:1` });
    const plain = await client.mint(wallet);
    for (const caller of [grouped, plain]) {
      assert.deepEqual((await client.list(caller)).map(({ id }) => id), [plain.id, grouped.id]);
    }
  });
}

function bodyTests() {
  const cases = [
    ['for an unknown scope', { scopes: ['read', 'trade'] }, '/scopes/1'],
    ['for no scope', { scopes: [] }, '/scopes'],
    ['for an empty name', { name: '' }, '/name'],
    ['for a name of 81 characters', { name: 'n'.repeat(81) }, '/name'],
    ['for a chain that is not accepted', { chain: 'eip155:5' }, '/chain'],
    ['for an address of another chain', { address: `0x${'ab'.repeat(20)}` }, '/address'],
    ['without a public key', { publicKey: undefined }, '/publicKey'],
    ['without a signature', { signature: undefined }, '/signature'],
    ['for a field nobody knows', { scope: 'read' }, '/scope'],
  ];
  for (const [name, changes, field] of cases) {
    test(`${name}, and keeps its challenge`, async () => {
      const proof = await client.prove(newAlephiumWallet('default'));
      await client.assertMintRefused({ ...proof, ...changes }, 400, 'bad_request', field);
      await client.mintBy(proof);
    });
  }
}
