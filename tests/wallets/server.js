// Runs the real server binary on a free port, in a directory of its own. At its end, no secret may be in its log.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Secrets } from './secrets.js';

const debugBuild = fileURLToPath(new URL('../../target/debug/countersign', import.meta.url));
const binary = path.resolve(process.env.COUNTERSIGN_BIN || debugBuild);

// `configure` is given the directory and returns the text of a configuration file.
export async function startServer(configure = () => '') {
  if (!existsSync(binary)) {
    throw new Error(`${binary} is missing: run \`cargo build -p countersign-server\` or scripts/test.`);
  }
  const dataDir = await mkdtemp(path.join(tmpdir(), 'countersign-wallets-'));
  const config = path.join(dataDir, 'countersign.toml');
  await writeFile(config, await configure(dataDir));
  const child = spawn(binary, ['serve', '--config', config, '--listen', '127.0.0.1:0', '--data-dir', dataDir], {
    cwd: dataDir,
    env: {
      ...process.env,
      COUNTERSIGN__LIMITS__SCALE: '1000', // tests sign in more often than people
      COUNTERSIGN__DEMO: 'true',
      COUNTERSIGN__LOG__FILTER: 'debug',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000, // a server that hangs ends the run
    killSignal: 'SIGKILL',
  });
  let log = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk) => { log += chunk; });
  const closed = once(child, 'close');

  async function assertCleanEnd() {
    const [code, signal] = await closed.finally(() => rm(dataDir, { recursive: true }));
    assert.equal(code, 0, `the server ended with ${signal ?? `exit code ${code}`}:\n${log}`);
  }

  const secrets = new Secrets();
  async function stop() {
    child.kill('SIGTERM');
    await assertCleanEnd();
    assert.match(log, /DEBUG/, 'the log is not the whole log');
    secrets.assertKept(log);
  }

  const baseUrl = await listeningUrl(child.stdout);
  if (!baseUrl) {
    await assertCleanEnd();
    throw new Error(`the server ended without the line \`listening on\`:\n${log}`);
  }
  return { baseUrl, secrets, stop };
}

async function listeningUrl(stdout) {
  for await (const line of createInterface({ input: stdout })) {
    const found = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line);
    if (found) {
      stdout.resume(); // leaving the loop pauses the stream, and a full pipe would block the server
      return found[1];
    }
  }
}
