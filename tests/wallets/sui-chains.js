// The networks of Sui, and the server's configuration with the plugin that serves them.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// The names of the Sui Wallet Standard, then the ids of CAIP-2 for mainnet and testnet. A text writes the reference.
export const networks = ['mainnet', 'testnet', 'devnet', '35834a8a', '4c78adac'];
export const [mainnet, testnet] = networks.map((reference) => `sui:${reference}`);

const debugBuild = fileURLToPath(new URL('../../target/debug/libcountersign_plugin_sui.so', import.meta.url));
const library = path.resolve(process.env.COUNTERSIGN_SUI_PLUGIN || debugBuild);

// The plugin as an operator grants it: listed, with the hash of its file. It runs in processes of its own.
export async function withSui(dataDir) {
  const dir = path.join(dataDir, 'plugins');
  await mkdir(dir, { mode: 0o700 });
  await copyFile(library, path.join(dir, 'libcountersign_plugin_sui.so'));
  const sha256 = createHash('sha256').update(await readFile(library)).digest('hex');
  return `
[plugins]
dir = "${dir}"

[[plugins.load]]
name = "sui"
file = "libcountersign_plugin_sui.so"
sha256 = "${sha256}"
namespaces = ["sui"]
address_is_key = true
`;
}
