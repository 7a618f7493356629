// Chains of Cosmos, and the server's configuration with the plugin that serves them.

import { withPlugins } from './plugins.js';

// Bech32 prefixes by CAIP-2 reference. A text writes the reference. The last is not known to the plugin: it is a setting.
export const prefixes = { 'cosmoshub-4': 'cosmos', 'osmosis-1': 'osmo', celestia: 'celestia', 'theta-testnet-001': 'cosmos' };
export const [hub, osmosis, , theta] = Object.keys(prefixes).map((reference) => `cosmos:${reference}`);

export const withCosmos = withPlugins({
  name: 'cosmos',
  namespace: 'cosmos',
  settings: `chain_ids = [${Object.keys(prefixes).map((reference) => `"cosmos:${reference}"`)}]
config = { prefixes = { "theta-testnet-001" = "cosmos" } }
`,
});
