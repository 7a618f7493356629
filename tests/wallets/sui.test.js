// Sign-in with Sui's own SDK, in the OCX dialect, by the plugin.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertRefused, Client, credentials } from './client.js';
import { startServer } from './server.js';
import { mainnet, networks, testnet, withSui } from './sui-chains.js';
import { badSpellings, forgeriesOf, keylessAddresses } from './sui-forgeries.js';
import { isValid, newMultisig, newPasskey, newSuiWallet, sameSecret, schemes } from './sui-wallets.js';
import { walletSdks } from './wallets.js';

let server;
let client;
before(async () => {
  server = await startServer(withSui);
  client = new Client(server);
});
after(() => server?.stop());

test('GET /auth/chains lists Sui beside the chains that are built in', async () => {
  const { status, body } = await client.get('/auth/chains');
  assert.equal(status, 200);
  assert.deepEqual(body.chains.find(({ namespace }) => namespace === 'sui'), {
    namespace: 'sui',
    name: 'Sui',
    chainIds: networks.map((reference) => `sui:${reference}`),
    keyTypes: schemes,
    needsPublicKey: false,
    source: 'plugin',
    available: true,
  });
});

for (const keyType of schemes) {
  describe(`a Sui wallet of ${keyType}`, () => {
    signInTests(keyType);
    refusalTests(keyType);
  });
}
describe('a Sui wallet', () => {
  identityTests();
  otherChainTests();
});
describe('another account of Sui', otherAccountTests);
describe('a challenge for Sui is refused', addressTests);

function signInTests(keyType) {
  for (const reference of networks) {
    test(`signs in on ${reference} by a text that names it, which its own library verifies`, async () => {
      const wallet = newSuiWallet(keyType);
      const { challengeId, message } = await client.requestChallenge(wallet, `sui:${reference}`);
      const lines = message.split('\n');
      assert.match(lines[0], / wants you to sign in with your Sui account:$/);
      assert.equal(lines[1], wallet.address);
      assert.ok(lines.includes(`Chain ID: ${reference}`), message);
      const signature = await wallet.sign(message);
      assert.ok(await isValid(wallet.address, message, signature));
      const answer = await client.post('/auth/verify', { challengeId, signature });
      await client.assertSignedIn(answer, wallet, `sui:${reference}`);
    });
  }

  test('signs in in every spelling of its proof, as one user', async () => {
    const wallet = newSuiWallet(keyType);
    const { publicKey, flaggedKey } = wallet;
    const users = new Set();
    const named = [{}, { publicKey }, { publicKey: flaggedKey }, { keyType }, { publicKey: `0x${publicKey}`, keyType }];
    for (const fields of named) {
      for (const write of [(hex) => hex, (hex) => `0x${hex}`, (hex) => hex.toUpperCase()]) {
        const { challengeId, signature } = await prove(wallet, mainnet);
        const answer = await client.post('/auth/verify', { challengeId, signature: write(signature), ...fields });
        await client.assertSignedIn(answer, wallet, mainnet);
        users.add(answer.body.userId);
      }
    }
    assert.equal(users.size, 1);
  });

  test('cannot use one challenge twice', async () => {
    const proof = await prove(newSuiWallet(keyType), mainnet);
    await assertSignsIn(proof);
    assertRefused(await client.post('/auth/verify', proof), 400, 'NONCE_MISMATCH');
  });

  test('logs out', async () => {
    const both = credentials(await client.post('/auth/verify', await prove(newSuiWallet(keyType), mainnet)));
    await client.assertLogoutEnds(both.bearer, Object.values(both));
  });
}

function refusalTests(keyType) {
  for (const [name, forge] of forgeriesOf(keyType)) {
    test(`is refused with ${name} for its signature, and keeps its challenge`, async () => {
      const proof = await prove(newSuiWallet(keyType), mainnet);
      const signature = forge(proof.signature);
      assert.notEqual(signature, proof.signature);
      assertRefused(await client.post('/auth/verify', { ...proof, signature }), 401, 'INVALID_SIGNATURE');
      await assertSignsIn(proof);
    });
  }

  test('is refused when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [newSuiWallet(keyType), newSuiWallet(keyType)];
    const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
    const [own, foreign] = [await wallet.sign(message), await other.sign(message)];
    const { publicKey } = other;
    const mixed = foreign.slice(0, 130) + own.slice(130);
    const proofs = [
      { signature: foreign }, { signature: foreign, publicKey }, { signature: own, publicKey }, { signature: mixed },
    ];
    for (const forged of proofs) {
      assertRefused(await client.post('/auth/verify', { challengeId, ...forged }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId, signature: own });
  });

  test('is refused when it signed another text, and keeps its challenge', async () => {
    const wallet = newSuiWallet(keyType);
    const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
    for (const other of [`${message}\n`, message.replaceAll('\n', '\r\n'), message.toLowerCase(), 'hello', '']) {
      const signature = await wallet.sign(other);
      assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId, signature: await wallet.sign(message) });
  });

  test('is refused when it signed the text as a transaction, and keeps its challenge', async () => {
    const wallet = newSuiWallet(keyType);
    const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
    const signature = await wallet.signTransaction(message);
    assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
    await assertSignsIn({ challengeId, signature: await wallet.sign(message) });
  });

  test('is refused with a public key that is not its own, and keeps its challenge', async () => {
    const wallet = newSuiWallet(keyType);
    const proof = await prove(wallet, mainnet);
    const { publicKey, flaggedKey } = wallet;
    const others = [`${publicKey}00`, publicKey.slice(0, -2), `03${publicKey}`, `00${flaggedKey}`, 'ff'.repeat(100)];
    for (const sent of others) {
      assertRefused(await client.post('/auth/verify', { ...proof, publicKey: sent }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn(proof);
  });

  test('is refused under the key type of another scheme, and keeps its challenge', async () => {
    const proof = await prove(newSuiWallet(keyType), mainnet);
    for (const other of schemes.filter((scheme) => scheme !== keyType)) {
      assertRefused(await client.post('/auth/verify', { ...proof, keyType: other }), 401, 'INVALID_SIGNATURE');
    }
    for (const unknown of ['default', 'Ed25519', 'gl-ed25519', 'multisig', 'zklogin']) {
      const answer = await client.post('/auth/verify', { ...proof, keyType: unknown });
      assertRefused(answer, 400, 'INVALID_REQUEST');
      assert.equal(answer.body.details.field, '/keyType');
    }
    await assertSignsIn(proof);
  });

  test('is refused with a signature in Base64 or no hex, and keeps its challenge', async () => {
    const proof = await prove(newSuiWallet(keyType), mainnet);
    const base64 = Buffer.from(proof.signature, 'hex').toString('base64');
    for (const signature of [base64, `${proof.signature}0`, `0x0x${proof.signature}`, ` ${proof.signature}`]) {
      const answer = await client.post('/auth/verify', { ...proof, signature });
      assertRefused(answer, 400, 'INVALID_REQUEST');
      assert.equal(answer.body.details.field, '/signature');
    }
    await assertSignsIn(proof);
  });
}

function identityTests() {
  test('is one user on every network, because its address is its key', async () => {
    const wallet = newSuiWallet();
    const users = new Set();
    for (const reference of networks) {
      const answer = await client.signInByChallenge(wallet, `sui:${reference}`);
      await client.assertSignedIn(answer, wallet, `sui:${reference}`);
      users.add(answer.body.userId);
    }
    assert.equal(users.size, 1);
  });

  test('is one user in whatever case its address is claimed', async () => {
    const wallet = newSuiWallet();
    const { body: { userId } } = await client.signInByChallenge(wallet, mainnet);
    const address = `0x${wallet.address.slice(2).toUpperCase()}`;
    const { status, body } = await client.post('/auth/challenge', { chain: mainnet, address });
    assert.equal(status, 200);
    assert.equal(body.message.split('\n')[1], wallet.address);
    const signature = await wallet.sign(body.message);
    const answer = await client.post('/auth/verify', { challengeId: body.challengeId, signature });
    await client.assertSignedIn(answer, wallet, mainnet);
    assert.equal(answer.body.userId, userId);
  });

  test('is another user in each scheme, though its private key is the same', async () => {
    const wallets = sameSecret();
    assert.equal(new Set(wallets.map(({ address }) => address)).size, 3);
    const answers = await Promise.all(wallets.map((wallet) => client.signInByChallenge(wallet, mainnet)));
    assert.equal(new Set(answers.map(({ body }) => body.userId)).size, 3);
  });

  test('does not sign in by the signature of the same private key in another scheme', async () => {
    const [wallet, ...others] = sameSecret();
    const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
    for (const other of others) {
      const signature = await other.sign(message);
      assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId, signature: await wallet.sign(message) });
  });

  test('uses an API key that it made after signing in', async () => {
    const { bearer } = credentials(await client.signInByChallenge(newSuiWallet(), mainnet));
    const { secret } = await client.createKey(bearer, { scope: 'trade' });
    assert.equal((await client.get('/perps/positions', { 'x-api-key': secret })).status, 200);
  });
}

function otherChainTests() {
  test('does not sign in on one network by the text of another', async () => {
    const wallet = newSuiWallet();
    const own = await client.requestChallenge(wallet, mainnet);
    for (const chain of [testnet, 'sui:35834a8a']) {
      const { message } = await client.requestChallenge(wallet, chain);
      const proof = { challengeId: own.challengeId, signature: await wallet.sign(message) };
      assertRefused(await client.post('/auth/verify', proof), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId: own.challengeId, signature: await wallet.sign(own.message) });
  });

  for (const { name, newWallet } of walletSdks) {
    test(`does not sign in by the signature of an Ethereum wallet of ${name}, which still can itself`, async () => {
      const [wallet, ethereum] = [newSuiWallet(), newWallet()];
      const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
      const signature = await ethereum.sign(message);
      assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
      await client.assertSignedIn(await client.signInByChallenge(ethereum, 'eip155:1'), ethereum, 'eip155:1');
    });

    test(`is no address of the chain of ${name}, nor the reverse`, async () => {
      const [{ address }, ethereum] = [newSuiWallet(), newWallet()];
      for (const body of [{ chain: 'eip155:1', address }, { chain: mainnet, address: ethereum.address }]) {
        assertRefused(await client.post('/auth/challenge', body), 400, 'INVALID_ADDRESS');
      }
    });
  }
}

function otherAccountTests() {
  for (const [name, newAccount] of [['a multisig account', newMultisig], ['a passkey', newPasskey]]) {
    test(`is refused: ${name}, though its own library verifies it`, async () => {
      const account = await newAccount();
      const { challengeId, message } = await client.requestChallenge(account, mainnet);
      const signature = await account.sign(message);
      assert.ok(await isValid(account.address, message, signature));
      assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
    });
  }
}

function addressTests() {
  for (const [name, address] of keylessAddresses) {
    test(`for an address ${name}`, async () => {
      const answer = await client.post('/auth/challenge', { chain: mainnet, address });
      assertRefused(answer, 400, 'INVALID_ADDRESS');
      assert.equal(answer.body.details.field, '/address');
      assert.match(answer.body.details.expected, /wallet/);
    });
  }

  for (const [name, misspell] of badSpellings) {
    test(`for an address ${name}`, async () => {
      const { address } = newSuiWallet();
      const answer = await client.post('/auth/challenge', { chain: mainnet, address: misspell(address) });
      assertRefused(answer, 400, 'INVALID_ADDRESS');
      assert.match(answer.body.details.expected, /0x and 64 hex digits/);
    });
  }

  test('for a chain that is not granted, in whatever words', async () => {
    const { address } = newSuiWallet();
    for (const chain of ['sui:localnet', 'sui:Mainnet', 'sui:aba3e445', 'sui:1']) {
      assertRefused(await client.post('/auth/challenge', { chain, address }), 400, 'CHAIN_NOT_ALLOWED');
    }
  });
}

async function prove(wallet, chain) {
  const { challengeId, message } = await client.requestChallenge(wallet, chain);
  return { challengeId, signature: await wallet.sign(message) };
}

async function assertSignsIn(proof) {
  const { status, body } = await client.post('/auth/verify', proof);
  assert.equal(status, 200, JSON.stringify(body));
}
