// A client of the OCX dialect, with the steps of a sign-in that every test shares.

import assert from 'node:assert/strict';

export class Client {
  constructor(baseUrl) {
    this.baseUrl = baseUrl;
  }

  get(path, headers) {
    return this.request(path, { headers });
  }

  post(path, body, headers) {
    return this.request(path, {
      method: 'POST',
      headers: body ? { 'content-type': 'application/json', ...headers } : headers,
      body: body && JSON.stringify(body),
    });
  }

  async request(path, init) {
    const answer = await fetch(this.baseUrl + path, init);
    const text = await answer.text();
    return { status: answer.status, body: text && JSON.parse(text), cookies: answer.headers.getSetCookie() };
  }

  async signIn(wallet, build, changes) {
    return this.post('/auth/siwe', await this.prove(wallet, build, changes));
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
