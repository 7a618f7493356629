// A client of the Aura dialect. Every answer it gets must tell how the caller stands with its limit.

import assert from 'node:assert/strict';

import { INSTANT, UUID } from './formats.js';
import { HttpClient } from './http-client.js';

export class AuraClient extends HttpClient {
  async request(method, path, body, headers) {
    const answer = await super.request(method, path, body, headers);
    assertWithinLimit(standing(answer));
    return answer;
  }

  async requestChallenge(wallet, fields) {
    const { status, body } = await this.post('/v1/auth/challenge', { address: wallet.address, ...fields });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(Object.keys(body).sort(), ['challenge', 'expiresAt']);
    return body;
  }

  // The body of a call that mints, by the answer to a fresh challenge. Fields are of that call.
  async prove(wallet, fields) {
    const { address = wallet.address, chain } = { ...fields };
    const { challenge } = await this.requestChallenge(wallet, { address, chain });
    return { ...await answerTo(challenge, wallet), ...fields };
  }

  async mint(wallet, fields) {
    return this.mintBy(await this.prove(wallet, fields));
  }

  async mintBy(proof) {
    const { status, body } = await this.post('/v1/auth/keys', proof);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }

  async assertMintRefused(proof, status, code, field) {
    assertRefused(await this.post('/v1/auth/keys', proof), status, code, field);
  }

  async list(caller) {
    const { status, body } = await this.get('/v1/auth/keys', bearer(caller));
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(Object.keys(body), ['keys']);
    return body.keys;
  }

  async revoke(key, caller) {
    const { status, body } = await this.delete(`/v1/auth/keys/${key.id}`, bearer(caller));
    assert.deepEqual({ status, body }, { status: 204, body: '' });
  }

  async assertLive(key) {
    assert.equal((await this.get('/v1/markets', bearer(key))).status, 200);
  }

  async assertDead(key) {
    const calls = [['GET', '/v1/markets'], ['POST', '/v1/tx/echo'], ['GET', '/v1/auth/keys'],
      ['DELETE', `/v1/auth/keys/${key.id}`]];
    for (const [method, path] of calls) {
      assertRefused(await this.request(method, path, undefined, bearer(key)), 401, 'unauthorized');
    }
  }
}

export async function answerTo(challenge, wallet) {
  return { address: wallet.address, publicKey: wallet.publicKey, signature: await wallet.sign(challenge) };
}

export function bearer({ key }) {
  return { authorization: `Bearer ${key}` };
}

// What a list shows of a key.
export function shown({ key, ...rest }) {
  return rest;
}

export function standing({ headers }) {
  const number = (name) => Number(headers.get(name) ?? NaN);
  return {
    limit: number('ratelimit-limit'), remaining: number('ratelimit-remaining'), reset: number('ratelimit-reset'),
  };
}

export function assertMinted(minted, expected) {
  const { id, key, keyPrefix, createdAt, ...rest } = minted;
  assert.match(id, UUID);
  assert.match(key, /^aura_live_[0-9A-Za-z]{32}$/);
  assert.equal(keyPrefix, key.slice(0, 'aura_live_'.length + 4));
  assert.match(createdAt, INSTANT);
  assert.deepEqual(rest, {
    scopes: ['read', 'write:tx'], rateLimitPerMin: null, lastUsedAt: null, revokedAt: null, name: null, ...expected,
  });
}

export function assertRefused({ status, body, cookies }, expectedStatus, code, field) {
  assert.deepEqual({ status, code: body.error?.code }, { status: expectedStatus, code }, JSON.stringify(body));
  assert.deepEqual(Object.keys(body), ['error']);
  assert.equal(typeof body.error.message, 'string');
  assert.equal(body.error.details?.field, field);
  assert.deepEqual(cookies, []);
}

function assertWithinLimit({ limit, remaining, reset }) {
  assert.ok(Number.isInteger(limit) && limit > 0, `RateLimit-Limit is ${limit}`);
  assert.ok(Number.isInteger(remaining) && remaining >= 0 && remaining <= limit, `RateLimit-Remaining is ${remaining}`);
  assert.ok(Number.isInteger(reset) && reset >= 0 && reset <= 60, `RateLimit-Reset is ${reset}`);
}
