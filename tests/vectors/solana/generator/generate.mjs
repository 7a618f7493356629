// Writes solana.json and solana-mutations.json; with --check, compares them with what it would write.

import { readFileSync, writeFileSync } from 'node:fs';

import { accepts } from './accepts.mjs';
import { addresses } from './addresses.mjs';
import { asText, hex } from './bytes.mjs';
import { addressOf } from './curve.mjs';
import { mutations } from './mutations.mjs';
import { isStrictlyValid, judge } from './oracle.mjs';
import { policy } from './policy.mjs';
import { rejects } from './rejects.mjs';

const FILES = { 'solana.json': vectorFile, 'solana-mutations.json': mutationFile };

if (!process.versions.node.startsWith('20.')) throw new Error('@solana/keys verifies with what Node has: run Node 20');
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
    set: 'solana',
    generatedWith: versions(),
    counts: {
      accepts: cases.filter(({ valid }) => valid).length,
      rejects: cases.filter(({ valid }) => !valid).length,
      strictOnly: cases.filter(({ strictOnly }) => strictOnly).length,
      byClass: tally(cases),
    },
    cases,
    addresses: (await addresses()).map(addressRecord),
    policy: await Promise.all((await policy()).map(policyRecord)),
  };
  assertUnique([...file.cases, ...file.policy]);
  assertUnique(file.addresses);
  return `${JSON.stringify(file, null, 1)}\n`;
}

// The verdict must be that of the strict verifier, and an accept also that of both official libraries.
async function caseRecord(made) {
  const oracle = await judge(made);
  const isAccepted = oracle.keys === true && oracle.util === true && oracle.accepts;
  if (made.valid !== isStrictlyValid(made) || (made.valid && !isAccepted)) {
    throw new Error(`${made.id} is not what it should be: ${JSON.stringify(oracle)}`);
  }
  const { id, class: group, valid, reason } = made;
  return { id, class: group, ...proofRecord(made), valid, strictOnly: !valid && oracle.accepts, reason, oracle };
}

async function policyRecord(made) {
  const { id, recommend, reason } = made;
  return { id, ...proofRecord(made), recommend, reason, oracle: await judge(made) };
}

function addressRecord({ id, class: group, address, valid, refusedFor, reason, oracle }) {
  const jsDiffers = valid !== (oracle.address === 'valid');
  return { id, class: group, address, valid, refusedFor, reason, oracle, jsDiffers };
}

function proofRecord({ chain, address, message, signature, publicKey }) {
  const text = asText(message);
  return {
    chain,
    address,
    ...text === undefined ? { messageHex: hex(message) } : { message: text },
    signature: hex(signature),
    publicKey: publicKey === undefined ? null : hex(publicKey),
  };
}

async function mutationFile() {
  const { bases, cases } = await mutations();
  const counts = Object.fromEntries([...new Set(cases.map(([, letters]) => letters))].sort().map((letters) => (
    [letters, cases.filter(([, other]) => other === letters).length]
  )));
  const head = {
    format: 1, set: 'solana-mutations', generatedWith: versions(), fields: ['key', 'message', 'signature'], counts,
    bases: bases.map(({ key, message, signature }) => (
      { address: addressOf(key), key: hex(key), message: hex(message), signature: hex(signature) }
    )),
  };
  const opening = JSON.stringify(head, null, 1).replace(/\n}$/, ',\n "cases": [\n');
  return `${opening}${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]}\n`;
}

function versions() {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  return { node: '20', ...dependencies };
}

function tally(cases) {
  const counts = {};
  for (const { class: group, valid } of cases) {
    const kind = valid ? 'accepts' : 'rejects';
    counts[group] = { accepts: 0, rejects: 0, ...counts[group] };
    counts[group][kind] += 1;
  }
  return counts;
}

function assertUnique(records) {
  const ids = records.map(({ id }) => id);
  const repeated = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (repeated.length > 0) throw new Error(`not unique: ${repeated}`);
}
