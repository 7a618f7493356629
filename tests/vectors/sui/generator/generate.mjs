// Writes sui.json and sui-mutations.json; with --check, compares them with what it would write.

import { readFileSync, writeFileSync } from 'node:fs';

import { accepts } from './accepts.mjs';
import { addresses } from './addresses.mjs';
import { asText, hex } from './bytes.mjs';
import { mutations } from './mutations.mjs';
import { judge, refusal } from './oracle.mjs';
import { policy } from './policy.mjs';
import { rejects } from './rejects.mjs';

const FILES = { 'sui.json': vectorFile, 'sui-mutations.json': mutationFile };

if (!process.versions.node.startsWith('20.')) throw new Error('the strict verifier is what Node has: run Node 20');
for (const [name, make] of Object.entries(FILES)) {
  const url = new URL(`../${name}`, import.meta.url);
  const text = await make();
  if (!process.argv.includes('--check')) writeFileSync(url, text);
  else if (readFileSync(url, 'utf8') !== text) throw new Error(`${name} is not what this generator writes`);
  console.log(`${name}: ${text.length} bytes`);
}

async function vectorFile() {
  const cases = await Promise.all([...await accepts(), ...await rejects()].map(caseRecord));
  const file = {
    format: 1,
    set: 'sui',
    generatedWith: versions(),
    counts: {
      accepts: cases.filter(({ valid }) => valid).length,
      rejects: cases.filter(({ valid }) => !valid).length,
      strictOnly: cases.filter(({ strictOnly }) => strictOnly).length,
      byClass: tally(cases, ({ class: group }) => group),
      byStep: tally(cases.filter(({ valid }) => !valid), ({ refusedFor }) => refusedFor),
    },
    cases,
    addresses: addresses(),
    policy: await Promise.all((await policy()).map(policyRecord)),
  };
  assertUnique([...file.cases, ...file.policy]);
  assertUnique(file.addresses);
  return `${JSON.stringify(file, null, 1)}\n`;
}

// The verdict must be that of the strict verifier, and an accept also that of the official library.
async function caseRecord(made) {
  const [oracle, refusedFor] = [await judge(made), refusal(made)];
  if (made.valid !== (refusedFor === null) || (made.valid && !oracle.accepts)) {
    throw new Error(`${made.id} is not what it should be: ${refusedFor}, ${JSON.stringify(oracle)}`);
  }
  const { id, class: group, valid, reason } = made;
  const strictOnly = !valid && oracle.accepts;
  return { id, class: group, ...proofRecord(made), valid, refusedFor, strictOnly, reason, oracle };
}

async function policyRecord(made) {
  const { id, recommend, reason } = made;
  return { id, ...proofRecord(made), recommend, reason, oracle: await judge(made) };
}

function proofRecord({ chain, address, message, signature, publicKey, keyType }) {
  const text = asText(message);
  return {
    chain,
    address,
    ...text === undefined ? { messageHex: hex(message) } : { message: text },
    signature: hex(signature),
    publicKey: publicKey === undefined ? null : hex(publicKey),
    keyType: keyType ?? null,
  };
}

async function mutationFile() {
  const { bases, cases } = await mutations();
  const count = (letters) => cases.filter(([,, who]) => who === letters).length;
  const head = {
    format: 1, set: 'sui-mutations', generatedWith: versions(), fields: ['message', 'signature'],
    counts: Object.fromEntries(['', 's', 'vs'].map((letters) => [letters, count(letters)])),
    bases: bases.map(({ address, message, signature }) => (
      { address, message: hex(message), signature: hex(signature) }
    )),
  };
  const opening = JSON.stringify(head, null, 1).replace(/\n}$/, ',\n "cases": [\n');
  return `${opening}${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]}\n`;
}

function versions() {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  return { node: '20', ...dependencies };
}

function tally(cases, keyOf) {
  const counts = {};
  for (const made of cases) {
    const kind = made.valid ? 'accepts' : 'rejects';
    const key = keyOf(made);
    counts[key] = { accepts: 0, rejects: 0, ...counts[key] };
    counts[key][kind] += 1;
  }
  return counts;
}

function assertUnique(records) {
  const ids = records.map(({ id }) => id);
  const repeated = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (repeated.length > 0) throw new Error(`not unique: ${repeated}`);
}
