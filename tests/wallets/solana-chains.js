// The clusters of Solana, and the server's configuration with the plugin that serves them.

import { withPlugins } from './plugins.js';

// CAIP-2 id: the first 32 characters of the genesis hash. Text: as Sign-In With Solana writes it.
export const clusters = [
  { id: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', text: 'mainnet' },
  { id: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1', text: 'devnet' },
  { id: 'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z', text: 'testnet' },
];

export const [mainnet, devnet] = clusters.map(({ id }) => id);

export const withSolana = withPlugins({ name: 'solana', namespace: 'solana' });
