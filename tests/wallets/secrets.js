// Collects every secret that passes between a client and the server, to show at the end that none went anywhere else.

import assert from 'node:assert/strict';

export class Secrets {
  #kinds = new Map();
  #errors = [];

  note(sent, path, { status, body, cookies }) {
    this.#add('signature', sent?.signature?.replace(/^0x/i, ''));
    this.#add('secret', body?.secret);
    this.#add('key', body?.key);
    for (const cookie of cookies) this.#add('cookie', /=([^;]*)/.exec(cookie)[1]);
    if (status >= 400) this.#errors.push({ place: `the answer ${status} of ${path}`, text: JSON.stringify(body) });
  }

  assertKept(log) {
    assert.notEqual(this.#kinds.size, 0, 'no secret has passed');
    for (const { place, text } of [{ place: 'the log', text: log }, ...this.#errors]) this.#assertNoneIn(place, text);
  }

  #add(kind, secret) {
    if (secret) this.#kinds.set(secret.toLowerCase(), kind); // hex is the same in either case
  }

  #assertNoneIn(place, text) {
    const folded = text.toLowerCase();
    for (const [secret, kind] of this.#kinds) {
      assert.ok(!folded.includes(secret), `a ${kind} is in ${place}: ${secret}`);
    }
  }
}
