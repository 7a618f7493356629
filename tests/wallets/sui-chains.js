// The networks of Sui, and the server's configuration with the plugin that serves them.

import { withPlugins } from './plugins.js';

// The names of the Sui Wallet Standard, then the ids of CAIP-2 for mainnet and testnet. A text writes the reference.
export const networks = ['mainnet', 'testnet', 'devnet', '35834a8a', '4c78adac'];
export const [mainnet, testnet] = networks.map((reference) => `sui:${reference}`);

export const withSui = withPlugins({ name: 'sui', namespace: 'sui' });
