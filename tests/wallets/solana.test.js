// Sign-in with Solana's own SDK, in the OCX dialect, by the plugin.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { createSignInMessageText, parseSignInMessageText, verifySignIn } from '@solana/wallet-standard-util';

import { assertRefused, Client, credentials } from './client.js';
import { startServer } from './server.js';
import { clusters, devnet, mainnet, withSolana } from './solana-chains.js';
import { badSpellings, forgeries, keylessAddresses } from './solana-forgeries.js';
import { newSolanaWallet, walletSdks } from './wallets.js';

let server;
let client;
before(async () => {
  server = await startServer(withSolana);
  client = new Client(server);
});
after(() => server?.stop());

test('GET /auth/chains lists Solana beside the chains that are built in', async () => {
  const { status, body } = await client.get('/auth/chains');
  assert.equal(status, 200);
  assert.deepEqual(body.chains.find(({ namespace }) => namespace === 'solana'), {
    namespace: 'solana',
    name: 'Solana',
    chainIds: clusters.map(({ id }) => id),
    keyTypes: ['ed25519'],
    needsPublicKey: false,
    source: 'plugin',
    available: true,
  });
  const builtIn = body.chains.filter(({ source }) => source === 'builtin').map(({ namespace }) => namespace);
  assert.deepEqual(builtIn.sort(), ['alephium', 'eip155']);
});

for (const { id, text } of clusters) {
  describe(`a Solana wallet on ${text}`, () => {
    signInTests(id);
    textTests(id, text);
    refusalTests(id);
  });
}
describe('a Solana wallet', () => {
  identityTests();
  otherChainTests();
});
describe('a challenge for Solana is refused', addressTests);

function signInTests(chain) {
  test('signs in in every spelling of its proof, as one user', async () => {
    const wallet = await newSolanaWallet();
    const { publicKey, keyType } = wallet;
    const users = new Set();
    for (const named of [{}, { publicKey }, { keyType }, { publicKey: `0x${publicKey}`, keyType }]) {
      for (const write of [(hex) => hex, (hex) => `0x${hex}`, (hex) => hex.toUpperCase()]) {
        const { challengeId, signature } = await prove(wallet, chain);
        const answer = await client.post('/auth/verify', { challengeId, signature: write(signature), ...named });
        await client.assertSignedIn(answer, wallet, chain);
        users.add(answer.body.userId);
      }
    }
    assert.equal(users.size, 1);
  });

  test('cannot use one challenge twice', async () => {
    const proof = await prove(await newSolanaWallet(), chain);
    await assertSignsIn(proof);
    assertRefused(await client.post('/auth/verify', proof), 400, 'NONCE_MISMATCH');
  });

  for (const credential of ['cookie', 'bearer']) {
    test(`logs out by ${credential}`, async () => {
      const both = credentials(await client.post('/auth/verify', await prove(await newSolanaWallet(), chain)));
      await client.assertLogoutEnds(both[credential], Object.values(both));
    });
  }
}

function textTests(chain, chainText) {
  test('is given a text of Sign-In With Solana, as its own library writes and verifies it', async () => {
    const wallet = await newSolanaWallet();
    const { message, nonce, expiresAt } = await client.requestChallenge(wallet, chain);
    const input = parseSignInMessageText(message);
    assert.equal(createSignInMessageText(input), message);
    assert.deepEqual({ ...input, issuedAt: undefined }, {
      domain: `http://${new URL(server.baseUrl).host}`,
      address: wallet.address,
      statement: `Sign in to ${new URL(server.baseUrl).host}.`,
      uri: server.baseUrl,
      version: '1',
      chainId: chainText,
      nonce,
      issuedAt: undefined,
      expirationTime: expiresAt,
      notBefore: undefined,
      requestId: undefined,
      resources: undefined,
    });
    const output = {
      account: { publicKey: Buffer.from(wallet.publicKey, 'hex') },
      signedMessage: Buffer.from(message),
      signature: Buffer.from(await wallet.sign(message), 'hex'),
    };
    assert.ok(verifySignIn(input, output));
  });

  test('signs in by the text that its own library builds from the fields', async () => {
    const wallet = await newSolanaWallet();
    const { challengeId, message } = await client.requestChallenge(wallet, chain);
    const built = createSignInMessageText(parseSignInMessageText(message));
    await assertSignsIn({ challengeId, signature: await wallet.sign(built) });
  });
}

function refusalTests(chain) {
  for (const [name, forge] of forgeries) {
    test(`is refused with ${name} for its signature, and keeps its challenge`, async () => {
      const proof = await prove(await newSolanaWallet(), chain);
      const signature = forge(proof.signature);
      assert.notEqual(signature, proof.signature);
      assertRefused(await client.post('/auth/verify', { ...proof, signature }), 401, 'INVALID_SIGNATURE');
      await assertSignsIn(proof);
    });
  }

  test('is refused when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [await newSolanaWallet(), await newSolanaWallet()];
    const { challengeId, message } = await client.requestChallenge(wallet, chain);
    const [own, foreign] = [await wallet.sign(message), await other.sign(message)];
    const { publicKey } = other;
    for (const forged of [{ signature: foreign }, { signature: foreign, publicKey }, { signature: own, publicKey }]) {
      assertRefused(await client.post('/auth/verify', { challengeId, ...forged }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId, signature: own });
  });

  test('is refused when it signed another text, and keeps its challenge', async () => {
    const wallet = await newSolanaWallet();
    const { challengeId, message } = await client.requestChallenge(wallet, chain);
    for (const other of [`${message}\n`, message.replaceAll('\n', '\r\n'), message.toLowerCase(), 'hello']) {
      const signature = await wallet.sign(other);
      assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId, signature: await wallet.sign(message) });
  });

  test('is refused with a public key that is not 32 bytes, and keeps its challenge', async () => {
    const wallet = await newSolanaWallet();
    const proof = await prove(wallet, chain);
    for (const publicKey of [`${wallet.publicKey}00`, wallet.publicKey.slice(2), '00'.repeat(32), 'ff'.repeat(100)]) {
      assertRefused(await client.post('/auth/verify', { ...proof, publicKey }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn(proof);
  });

  test('is refused under a key type of another chain, and keeps its challenge', async () => {
    const proof = await prove(await newSolanaWallet(), chain);
    for (const keyType of ['secp256k1', 'Ed25519', 'gl-ed25519']) {
      const answer = await client.post('/auth/verify', { ...proof, keyType });
      assertRefused(answer, 400, 'INVALID_REQUEST');
      assert.equal(answer.body.details.field, '/keyType');
    }
    await assertSignsIn(proof);
  });

  test('is refused with a signature that is no hex, and keeps its challenge', async () => {
    const proof = await prove(await newSolanaWallet(), chain);
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
  test('is one user on every cluster, because its address is its key', async () => {
    const wallet = await newSolanaWallet();
    const users = new Set();
    for (const { id } of clusters) {
      const answer = await client.signInByChallenge(wallet, id);
      await client.assertSignedIn(answer, wallet, id);
      users.add(answer.body.userId);
    }
    assert.equal(users.size, 1);
  });

  test('is another user than another wallet', async () => {
    const one = await client.signInByChallenge(await newSolanaWallet(), mainnet);
    const two = await client.signInByChallenge(await newSolanaWallet(), mainnet);
    assert.notEqual(one.body.userId, two.body.userId);
  });

  test('uses an API key that it made after signing in', async () => {
    const { bearer } = credentials(await client.signInByChallenge(await newSolanaWallet(), mainnet));
    const { secret } = await client.createKey(bearer, { scope: 'trade' });
    assert.equal((await client.get('/perps/positions', { 'x-api-key': secret })).status, 200);
  });
}

function otherChainTests() {
  test('does not sign in on one cluster by the text of another', async () => {
    const wallet = await newSolanaWallet();
    const own = await client.requestChallenge(wallet, mainnet);
    const { message } = await client.requestChallenge(wallet, devnet);
    const proof = { challengeId: own.challengeId, signature: await wallet.sign(message) };
    assertRefused(await client.post('/auth/verify', proof), 401, 'INVALID_SIGNATURE');
    await assertSignsIn({ ...proof, signature: await wallet.sign(own.message) });
  });

  for (const { name, newWallet } of walletSdks) {
    test(`does not sign in by the signature of an Ethereum wallet of ${name}, which still can itself`, async () => {
      const [wallet, ethereum] = [await newSolanaWallet(), newWallet()];
      const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
      const signature = await ethereum.sign(message);
      assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
      await client.assertSignedIn(await client.signInByChallenge(ethereum, 'eip155:1'), ethereum, 'eip155:1');
    });

    test(`is no address of the chain of ${name}, nor the reverse`, async () => {
      const [{ address }, ethereum] = [await newSolanaWallet(), newWallet()];
      for (const body of [{ chain: 'eip155:1', address }, { chain: mainnet, address: ethereum.address }]) {
        assertRefused(await client.post('/auth/challenge', body), 400, 'INVALID_ADDRESS');
      }
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
      const { address } = await newSolanaWallet();
      const answer = await client.post('/auth/challenge', { chain: mainnet, address: misspell(address) });
      assertRefused(answer, 400, 'INVALID_ADDRESS');
      assert.match(answer.body.details.expected, /Base58/);
    });
  }

  test('for a chain that is not granted, in whatever words', async () => {
    const { address } = await newSolanaWallet();
    for (const chain of ['solana:mainnet', 'solana:localnet', 'solana:8E9rvCKLFQia2Y35HXjjpWzj8weVo44K']) {
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
