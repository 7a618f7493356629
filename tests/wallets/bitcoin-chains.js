// The networks of Bitcoin, and the server's configuration with the plugin that serves them.

import { withPlugins } from './plugins.js';

// CAIP-2 ids: the first 32 digits of the genesis block's hash. A text writes the reference.
export const networks = {
  mainnet: 'bip122:000000000019d6689c085ae165831e93',
  testnet: 'bip122:000000000933ea01ad0ee984209779ba',
  signet: 'bip122:00000008819873e925422c1ff0f99f7c',
};

export const withBitcoin = withPlugins({ name: 'bitcoin', namespace: 'bip122' });
