// What is Ethereum's own in the Aura dialect: the forms of a public key, and one wallet on every chain.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { SigningKey } from 'ethers';

import { assertMinted, AuraClient, shown } from './aura-client.js';
import { startServer } from './server.js';
import { walletSdks } from './wallets.js';

const CHAIN = 'eip155:1';

let server;
let client;
before(async () => {
  server = await startServer();
  client = new AuraClient(server);
});
after(() => server?.stop());

for (const { name, newWallet } of walletSdks) {
  describe(`a ${name} wallet`, () => mintTests(newWallet));
  describe(`a ${name} wallet is refused`, () => refusalTests(newWallet));
}

function mintTests(newWallet) {
  test('mints with the public key of its SDK', async () => {
    const wallet = newWallet();
    assertMinted(await client.mint(wallet, { chain: CHAIN }), { ownerAddress: wallet.address });
  });

  for (const [form, isCompressed] of [['compressed', true], ['uncompressed', false]]) {
    test(`mints with a public key that is ${form}, in every spelling`, async () => {
      const wallet = newWallet();
      const digits = SigningKey.computePublicKey(wallet.publicKey, isCompressed).slice(2);
      for (const publicKey of [digits, digits.toUpperCase(), `0x${digits}`, `0x${digits.toUpperCase()}`]) {
        const minted = await client.mint(wallet, { chain: CHAIN, publicKey });
        assertMinted(minted, { ownerAddress: wallet.address });
      }
    });
  }

  test('may leave 0x out of its signature and name its key type', async () => {
    const wallet = newWallet();
    const { signature, ...proof } = await client.prove(wallet, { chain: CHAIN, keyType: 'secp256k1' });
    const minted = await client.mintBy({ ...proof, signature: signature.slice(2).toUpperCase() });
    assertMinted(minted, { ownerAddress: wallet.address });
  });

  test('may write its address in lower case', async () => {
    const wallet = newWallet();
    const minted = await client.mint({ ...wallet, address: wallet.address.toLowerCase() }, { chain: CHAIN });
    assertMinted(minted, { ownerAddress: wallet.address });
  });

  test('lists and revokes the keys of all its chains together', async () => {
    const wallet = newWallet();
    const onEthereum = await client.mint(wallet, { chain: 'eip155:1' });
    const onOptimism = await client.mint(wallet, { chain: 'eip155:10' });
    for (const caller of [onEthereum, onOptimism]) {
      const listed = (await client.list(caller)).map((key) => ({ ...key, lastUsedAt: null }));
      assert.deepEqual(listed, [shown(onOptimism), shown(onEthereum)]);
    }
    await client.revoke(onEthereum, onOptimism);
    await client.assertDead(onEthereum);
  });
}

function refusalTests(newWallet) {
  test('without its public key, and keeps its challenge', async () => {
    const { publicKey, ...proof } = await client.prove(newWallet(), { chain: CHAIN });
    await client.assertMintRefused(proof, 400, 'bad_request', '/publicKey');
    await client.mintBy({ ...proof, publicKey });
  });

  test('with a public key that is another one or none, and keeps its challenge', async () => {
    const proof = await client.prove(newWallet(), { chain: CHAIN });
    for (const publicKey of [newWallet().publicKey, `${proof.publicKey}00`, '0x', '00']) {
      await client.assertMintRefused({ ...proof, publicKey }, 401, 'invalid_signature');
    }
    await client.mintBy(proof);
  });

  test('when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [newWallet(), newWallet()];
    const proof = await client.prove(wallet, { chain: CHAIN });
    const { challenge } = await client.requestChallenge(wallet, { chain: CHAIN });
    const signature = await other.sign(challenge);
    for (const forged of [{ signature }, { signature, publicKey: other.publicKey }]) {
      await client.assertMintRefused({ ...proof, ...forged }, 401, 'invalid_signature');
    }
    await client.mintBy(proof);
  });

  test('under a key type of another chain', async () => {
    const proof = await client.prove(newWallet(), { chain: CHAIN });
    for (const keyType of ['default', 'gl-secp256k1']) {
      await client.assertMintRefused({ ...proof, keyType }, 400, 'bad_request', '/keyType');
    }
  });

  test('without its chain', async () => {
    const proof = await client.prove(newWallet(), { chain: CHAIN });
    await client.assertMintRefused({ ...proof, chain: undefined }, 400, 'bad_request', '/address');
  });
}
