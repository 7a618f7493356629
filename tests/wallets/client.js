// A client of the OCX dialect, with the steps of a sign-in that every test shares.

import assert from 'node:assert/strict';

import { ULID } from './formats.js';
import { HttpClient } from './http-client.js';

const WEEK = 604_800;

export class Client extends HttpClient {
  async signIn(wallet, build, changes) {
    return this.post('/auth/siwe', await this.prove(wallet, build, changes));
  }

  async signInByChallenge(wallet, chain) {
    const { challengeId, message } = await this.requestChallenge(wallet, chain);
    const signature = await wallet.sign(message);
    return this.post('/auth/verify', { challengeId, signature, publicKey: wallet.publicKey });
  }

  async prove(wallet, build, changes) {
    const message = build(this.messageFields(wallet, await this.requestNonce(wallet), changes));
    return { message, signature: await wallet.sign(message) };
  }

  async requestNonce(wallet) {
    const { status, body } = await this.post('/auth/nonce', { walletAddress: wallet.address });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(Object.keys(body).sort(), ['expiresAt', 'nonce']);
    assert.ok(new Date(body.expiresAt) > new Date());
    return body.nonce;
  }

  async requestChallenge(wallet, chain) {
    const { status, body } = await this.post('/auth/challenge', { chain, address: wallet.address });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(Object.keys(body).sort(), ['challengeId', 'expiresAt', 'message', 'nonce']);
    assert.ok(new Date(body.expiresAt) > new Date());
    return body;
  }

  async createKey(session, fields) {
    const request = { name: 'a key', scope: 'read', ...fields };
    const { status, body } = await this.post('/perps/me/api-keys', request, session);
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  }

  async listKeys(session) {
    const { status, body } = await this.get('/perps/me/api-keys', session);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(Object.keys(body), ['keys']);
    return body.keys;
  }

  async revokeKey(session, { id }) {
    const { status, body } = await this.delete(`/perps/me/api-keys/${id}`, session);
    assert.deepEqual({ status, body }, { status: 204, body: '' });
  }

  messageFields(wallet, nonce, changes) {
    return {
      scheme: 'http',
      domain: new URL(this.baseUrl).host,
      address: wallet.address,
      uri: this.baseUrl,
      version: '1',
      chainId: 1,
      nonce,
      issuedAt: new Date(),
      ...changes,
    };
  }

  async assertSignedIn(answer, wallet, chain) {
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { userId } = answer.body;
    assert.match(userId, ULID);
    assert.deepEqual(answer.body, { userId, walletAddress: wallet.address });

    const { value: jwt, attributes } = sessionCookie(answer);
    assert.deepEqual(attributes, ['HttpOnly', `Max-Age=${WEEK}`, 'Path=/', 'SameSite=Lax']);
    assertSessionToken(jwt, userId, `${chain}:${wallet.address}`);

    const { cookie, bearer } = credentials(answer);
    for (const credential of [cookie, bearer]) {
      const me = await this.get('/auth/me', credential);
      assert.equal(me.status, 200);
      assert.deepEqual(me.body, { userId, walletAddress: wallet.address, chain });
    }
  }

  async assertLogoutEnds(credential, allCredentials) {
    const answer = await this.post('/auth/logout', undefined, credential);
    assert.equal(answer.status, 204);
    const { attributes } = sessionCookie(answer);
    assert.ok(attributes.includes('Max-Age=0'));
    assert.ok(attributes.includes('Path=/'));
    for (const ended of allCredentials) await this.assertNobody(ended);
  }

  async assertNobody(credential) {
    const { status, body } = await this.get('/auth/me', credential);
    assert.equal(status, 200);
    assert.equal(body, null);
  }
}

export function sessionCookie({ cookies }) {
  assert.equal(cookies.length, 1);
  const [pair, ...attributes] = cookies[0].split(/; */);
  const [name, value] = pair.split('=');
  assert.equal(name, 'astra_session');
  return { value, attributes: attributes.sort() };
}

export function credentials(answer) {
  const { value } = sessionCookie(answer);
  return { cookie: { cookie: `astra_session=${value}` }, bearer: { authorization: `Bearer ${value}` } };
}

export function assertRefused({ status, body, cookies }, expectedStatus, code) {
  assert.deepEqual({ status, code: body.code }, { status: expectedStatus, code });
  assert.equal(typeof body.error, 'string');
  assert.equal(typeof body.message, 'string');
  assert.deepEqual(cookies, []);
}

function assertSessionToken(jwt, userId, wallet) {
  const parts = jwt.split('.');
  assert.equal(parts.length, 3);
  const [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  assert.equal(header.alg, 'EdDSA');
  assert.equal(claims.iss, 'countersign');
  assert.equal(claims.aud, 'ocx');
  assert.equal(claims.sub, userId);
  assert.equal(claims.wallet, wallet);
  assert.equal(claims.exp - claims.iat, WEEK);
  assert.ok(claims.sid);
  assert.ok(claims.jti);
}
