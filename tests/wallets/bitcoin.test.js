// Sign-in with Bitcoin's own SDKs, in the OCX dialect, by the plugin.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { networks, withBitcoin } from './bitcoin-chains.js';
import { isValid, kinds, newBitcoinWallet, sameSecret } from './bitcoin-wallets.js';
import { assertRefused, Client, credentials } from './client.js';
import { startServer } from './server.js';

const { mainnet, testnet, signet } = networks;
const legacyHeaders = [['p2wpkh', 'p2wpkh'], ['p2wpkh', undefined], ['p2sh-p2wpkh', 'p2sh(p2wpkh)'], ['p2sh-p2wpkh', undefined]];

let server;
let client;
before(async () => {
  server = await startServer(withBitcoin);
  client = new Client(server);
});
after(() => server?.stop());

test('GET /auth/chains lists Bitcoin', async () => {
  const { body } = await client.get('/auth/chains');
  assert.deepEqual(body.chains.find(({ namespace }) => namespace === 'bip122'), {
    namespace: 'bip122',
    name: 'Bitcoin',
    chainIds: Object.values(networks),
    keyTypes: ['secp256k1'],
    needsPublicKey: false,
    source: 'plugin',
    available: true,
  });
});

for (const kind of kinds) {
  describe(`a Bitcoin wallet of ${kind}`, () => {
    signInTests(kind);
    refusalTests(kind);
  });
}
describe('a Bitcoin wallet', identityTests);
describe('a challenge for Bitcoin is refused', addressTests);

function signInTests(kind) {
  for (const [net, chain] of Object.entries(networks)) {
    test(`signs in on ${net} by a text that names it, which its own library verifies`, async () => {
      const wallet = newBitcoinWallet(kind, net);
      const { challengeId, message } = await client.requestChallenge(wallet, chain);
      const lines = message.split('\n');
      assert.match(lines[0], / wants you to sign in with your Bitcoin account:$/);
      assert.equal(lines[1], wallet.address);
      assert.ok(lines.includes(`Chain ID: ${chain.slice('bip122:'.length)}`), message);
      const signature = await wallet.sign(message);
      assert.ok(isValid(wallet.address, message, signature));
      await client.assertSignedIn(await client.post('/auth/verify', { challengeId, signature }), wallet, chain);
    });
  }

  test('signs in in every spelling of its proof, as one user', async () => {
    const wallet = newBitcoinWallet(kind);
    const { publicKey, keyType } = wallet;
    const users = new Set();
    for (const named of [{}, { publicKey }, { keyType }, { publicKey: `0x${publicKey}`, keyType }]) {
      for (const write of [(hex) => hex, (hex) => `0x${hex}`, (hex) => hex.toUpperCase()]) {
        const { challengeId, signature } = await prove(wallet, mainnet);
        const answer = await client.post('/auth/verify', { challengeId, signature: write(signature), ...named });
        await client.assertSignedIn(answer, wallet, mainnet);
        users.add(answer.body.userId);
      }
    }
    assert.equal(users.size, 1);
  });

  test('cannot use one challenge twice', async () => {
    const proof = await prove(newBitcoinWallet(kind), mainnet);
    await assertSignsIn(proof);
    assertRefused(await client.post('/auth/verify', proof), 400, 'NONCE_MISMATCH');
  });

  test('logs out', async () => {
    const both = credentials(await client.post('/auth/verify', await prove(newBitcoinWallet(kind), mainnet)));
    await client.assertLogoutEnds(both.bearer, Object.values(both));
  });
}

function refusalTests(kind) {
  const forgeries = [
    ['its last byte missing', (signature) => signature.slice(0, -2)],
    ['a byte after it', (signature) => `${signature}00`],
    ['a bit of it flipped', (signature) => signature.replace(/..(.{20})$/, (end) => `${flip(end.slice(0, 2))}${end.slice(2)}`)],
    ['zeros', (signature) => '00'.repeat(signature.length / 2)],
    ['no byte', () => '0x'],
    ['65 bytes of 0xff', () => 'ff'.repeat(65)],
  ];
  for (const [name, forge] of forgeries) {
    test(`is refused with ${name} for its signature, and keeps its challenge`, async () => {
      const proof = await prove(newBitcoinWallet(kind), mainnet);
      const signature = forge(proof.signature);
      assert.notEqual(signature, proof.signature);
      assertRefused(await client.post('/auth/verify', { ...proof, signature }), 401, 'INVALID_SIGNATURE');
      await assertSignsIn(proof);
    });
  }

  test('is refused when another wallet signed, and keeps its challenge', async () => {
    const [wallet, other] = [newBitcoinWallet(kind), newBitcoinWallet(kind)];
    const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
    const [own, foreign] = [await wallet.sign(message), await other.sign(message)];
    const { publicKey } = other;
    for (const forged of [{ signature: foreign }, { signature: foreign, publicKey }, { signature: own, publicKey }]) {
      assertRefused(await client.post('/auth/verify', { challengeId, ...forged }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId, signature: own });
  });

  test('is refused when it signed another text, and keeps its challenge', async () => {
    const wallet = newBitcoinWallet(kind);
    const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
    for (const other of [`${message}\n`, message.replaceAll('\n', '\r\n'), message.toLowerCase(), 'hello']) {
      const signature = await wallet.sign(other);
      assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
    }
    await assertSignsIn({ challengeId, signature: await wallet.sign(message) });
  });

  test('gets no challenge on another network than that of its address', async () => {
    for (const [net, chain, words] of [['mainnet', testnet, /tb1/], ['mainnet', signet, /tb1/], ['testnet', mainnet, /bc1/]]) {
      const { address } = newBitcoinWallet(kind, net);
      const answer = await client.post('/auth/challenge', { chain, address });
      assertRefused(answer, 400, 'INVALID_ADDRESS');
      assert.equal(answer.body.details.field, '/address');
      assert.match(answer.body.details.expected, words);
    }
  });
}

function identityTests() {
  for (const [kind, segwitType] of legacyHeaders) {
    const header = segwitType ? 'of BIP-137' : 'of a compressed key';
    test(`signs in with ${kind} by a legacy signed message under the header ${header}`, async () => {
      const wallet = newBitcoinWallet(kind);
      const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
      await assertSignsIn({ challengeId, signature: wallet.signLegacy(message, segwitType) });
    });
  }

  test('does not sign in with P2TR by a legacy signed message', async () => {
    const wallet = newBitcoinWallet('p2tr');
    const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
    const signature = wallet.signLegacy(message);
    assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
  });

  test('is one user on testnet and signet, where its address is the same', async () => {
    const wallet = newBitcoinWallet('p2tr', 'testnet');
    const users = [];
    for (const chain of [testnet, signet]) users.push((await client.signInByChallenge(wallet, chain)).body.userId);
    assert.equal(users[0], users[1]);
  });

  test('is another user by each kind of address, though its private key is the same', async () => {
    const users = new Set();
    for (const wallet of sameSecret()) users.add((await client.signInByChallenge(wallet, mainnet)).body.userId);
    assert.equal(users.size, 4);
  });

  test('signs for no other kind of address with its private key', async () => {
    const wallets = sameSecret();
    for (const wallet of wallets) {
      const { challengeId, message } = await client.requestChallenge(wallet, mainnet);
      for (const other of wallets.filter(({ kind }) => kind !== wallet.kind && kind !== 'p2pkh')) {
        const signature = await other.sign(message);
        assertRefused(await client.post('/auth/verify', { challengeId, signature }), 401, 'INVALID_SIGNATURE');
      }
    }
  });

  test('uses an API key that it made after signing in', async () => {
    const { bearer } = credentials(await client.signInByChallenge(newBitcoinWallet(), mainnet));
    const { secret } = await client.createKey(bearer, { scope: 'trade' });
    assert.equal((await client.get('/perps/positions', { 'x-api-key': secret })).status, 200);
  });
}

function addressTests() {
  const refused = [
    ['of a script', 'bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3', /P2WSH/],
    ['of Litecoin', 'LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1', /another chain/],
    ['with a wrong checksum', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5', /checksum/],
    ['of regtest', 'bcrt1q6rhpng9evdsfnn833a4f4vej0asu6dk5srld6x', /mainnet, testnet or signet/],
    ['of an anchor', 'bc1pfeessrawgf', /P2TR/],
    ['that is none', '0x0000000000000000000000000000000000000001', /Base58/],
  ];
  for (const [name, address, words] of refused) {
    test(`for an address ${name}`, async () => {
      const answer = await client.post('/auth/challenge', { chain: mainnet, address });
      assertRefused(answer, 400, 'INVALID_ADDRESS');
      assert.equal(answer.body.details.field, '/address');
      assert.match(answer.body.details.expected, words);
    });
  }

  test('for a chain that is not served', async () => {
    const { address } = newBitcoinWallet();
    for (const chain of ['bip122:12a765e31ffd4059bada1e25190f6e98', 'bip122:mainnet']) {
      assertRefused(await client.post('/auth/challenge', { chain, address }), 400, 'CHAIN_NOT_ALLOWED');
    }
  });

  test('but not in upper case, which QR codes have: it is the same account', async () => {
    const wallet = newBitcoinWallet();
    const { message } = await client.requestChallenge({ address: wallet.address.toUpperCase() }, mainnet);
    assert.equal(message.split('\n')[1], wallet.address);
  });
}

const flip = (byte) => (parseInt(byte, 16) ^ 1).toString(16).padStart(2, '0');

async function prove(wallet, chain) {
  const { challengeId, message } = await client.requestChallenge(wallet, chain);
  return { challengeId, signature: await wallet.sign(message) };
}

async function assertSignsIn(proof) {
  const { status, body } = await client.post('/auth/verify', proof);
  assert.equal(status, 200, JSON.stringify(body));
}
