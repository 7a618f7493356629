// Runs the real server binary on a free port, in a directory of its own.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const debugBuild = path.resolve(import.meta.dirname, "../../../../../target/debug/countersign");
const binary = path.resolve(process.env.COUNTERSIGN_BIN || debugBuild);

export interface Server {
  baseUrl: string;
  stop(): Promise<void>;
}

export async function startServer(): Promise<Server> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "countersign-wallet-package-"));
  const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--data-dir", dataDir], {
    cwd: dataDir,
    env: {
      ...process.env,
      COUNTERSIGN__LIMITS__SCALE: "1000", // tests sign in more often than people
      COUNTERSIGN__LOG__FILTER: "error",
    },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 300_000, // a server that hangs ends the run
    killSignal: "SIGKILL",
  });
  const closed = once(child, "close").finally(() => rm(dataDir, { recursive: true }));

  async function stop() {
    child.kill("SIGTERM");
    const [code] = await closed;
    assert.equal(code, 0);
  }

  for await (const line of createInterface({ input: child.stdout })) {
    const baseUrl = /^listening on (http:\S+)$/.exec(line)?.[1];
    if (!baseUrl) continue;
    child.stdout.resume(); // leaving the loop pauses the stream, and a full pipe would block the server
    return { baseUrl, stop };
  }
  await closed;
  throw new Error(`${binary} ended without the line \`listening on\``);
}
