// The clusters of Solana, and the server's configuration with the plugin that serves them.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// CAIP-2 id: the first 32 characters of the genesis hash. Text: as Sign-In With Solana writes it.
export const clusters = [
  { id: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', text: 'mainnet' },
  { id: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1', text: 'devnet' },
  { id: 'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z', text: 'testnet' },
];

export const [mainnet, devnet] = clusters.map(({ id }) => id);

const debugBuild = fileURLToPath(new URL('../../target/debug/libcountersign_plugin_solana.so', import.meta.url));
const library = path.resolve(process.env.COUNTERSIGN_SOLANA_PLUGIN || debugBuild);

// The plugin as an operator grants it: listed, with the hash of its file.
export async function withSolana(dataDir) {
  const dir = path.join(dataDir, 'plugins');
  await mkdir(dir, { mode: 0o700 });
  await copyFile(library, path.join(dir, 'libcountersign_plugin_solana.so'));
  const sha256 = createHash('sha256').update(await readFile(library)).digest('hex');
  return `
[plugins]
dir = "${dir}"

[[plugins.load]]
name = "solana"
file = "libcountersign_plugin_solana.so"
sha256 = "${sha256}"
namespaces = ["solana"]
address_is_key = true
`;
}
