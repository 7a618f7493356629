// The server's configuration with plugins, as an operator grants them: listed, with the hashes of their files. Each
// runs in processes of its own.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const debugBuilds = fileURLToPath(new URL('../../target/debug', import.meta.url));
const libraries = path.resolve(process.env.COUNTERSIGN_PLUGIN_BUILDS || debugBuilds);

// A function for startServer. Each plugin is `{ name, namespace, settings? }`; settings are TOML.
export function withPlugins(...plugins) {
  return async (dataDir) => {
    const dir = path.join(dataDir, 'plugins');
    await mkdir(dir, { mode: 0o700 });
    const stanzas = await Promise.all(plugins.map((plugin) => stanza(dir, plugin)));
    return `[plugins]\ndir = "${dir}"\n${stanzas.join('')}`;
  };
}

async function stanza(dir, { name, namespace, settings = '' }) {
  const file = `libcountersign_plugin_${name}.so`;
  const library = path.join(libraries, file);
  await copyFile(library, path.join(dir, file));
  const sha256 = createHash('sha256').update(await readFile(library)).digest('hex');
  return `
[[plugins.load]]
name = "${name}"
file = "${file}"
sha256 = "${sha256}"
namespaces = ["${namespace}"]
address_is_key = true
${settings}`;
}
