// Writes cosmos.json; with --check, compares it with what it would write.

import { readFileSync, writeFileSync } from 'node:fs';

import { accepts } from './accepts.mjs';
import { addresses } from './addresses.mjs';
import { hex } from './bytes.mjs';
import { rejects } from './rejects.mjs';
import { judge } from './wallets.mjs';

const cases = await Promise.all([...await accepts(), ...await rejects()].map(record));
const file = {
  format: 1,
  set: 'cosmos',
  generatedWith: JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')).dependencies,
  counts: {
    accepts: cases.filter(({ valid }) => valid).length,
    rejects: cases.filter(({ valid }) => !valid).length,
    strictOnly: cases.filter(({ strictOnly }) => strictOnly).length,
    byClass: tally(),
  },
  cases,
  addresses: await addresses(),
};
for (const records of [file.cases, file.addresses]) {
  const ids = records.map(({ id }) => id);
  const repeated = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (repeated.length > 0) throw new Error(`not unique: ${repeated}`);
}
const text = `${JSON.stringify(file, null, 1)}\n`;
const url = new URL('../cosmos.json', import.meta.url);
if (!process.argv.includes('--check')) writeFileSync(url, text);
else if (readFileSync(url, 'utf8') !== text) throw new Error('cosmos.json is not what this generator writes');
console.log(file.counts, file.addresses.length);

// An accept must be accepted by CosmJS.
async function record({ id, class: group, chain, address, message, signature, publicKey, valid, reason }) {
  const oracle = await judge({ address, message, signature, publicKey });
  if (valid && oracle !== true) throw new Error(`${id} is not accepted by CosmJS: ${oracle}`);
  const isAsked = group !== 'other chain';
  return {
    id, class: group, chain, address, message, signature: hex(signature),
    publicKey: publicKey === undefined ? null : hex(publicKey), valid, strictOnly: !valid && isAsked && oracle === true, reason, oracle,
  };
}

function tally() {
  const counts = {};
  for (const { class: group, valid } of cases) {
    counts[group] ??= { accepts: 0, rejects: 0 };
    counts[group][valid ? 'accepts' : 'rejects'] += 1;
  }
  return counts;
}
