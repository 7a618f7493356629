// What has to be accepted.

import { signInText } from './texts.mjs';
import { prefixes, wallet } from './wallets.mjs';

export const made = (group, { chain, address, publicKey, name, reference }, message, signature, rest = {}) => ({
  id: [group, name, reference, rest.detail].filter(Boolean).join(' '),
  class: group, chain, address, message, signature, publicKey, valid: true, reason: '', ...rest,
});

export async function accepts() {
  const cases = [];
  for (const name of ['alice', 'bob', 'carol', 'dave', 'erin']) {
    for (const reference of Object.keys(prefixes)) {
      const signer = await wallet(name, reference);
      const text = signInText(signer);
      cases.push(made('sign-in text', signer, text, await signer.sign(text), { reason: 'as CosmJS signs it' }));
    }
  }
  const texts = ['', 'a', 'ab', 'abc', '<&>"\\', 'z\u00fc\u20ac\ud83d\ude00', '\u2028\u2029', '\n', 'x'.repeat(4096)];
  for (const [at, text] of texts.entries()) {
    const signer = await wallet('frank');
    cases.push(made('other text', signer, text, await signer.sign(text), { detail: `${at}`, reason: 'any text can be signed' }));
  }
  return cases;
}
