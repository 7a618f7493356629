// Compiled and never run: what the libraries of wallets call a provider is one for this package.

import type { InteractiveSignerProvider } from "@alephium/web3";
import { signInWith } from "@countersign/wallet";
import type { EIP1193Provider } from "viem";

export function accepts(ethereum: EIP1193Provider, alephium: InteractiveSignerProvider) {
  return [signInWith(ethereum), signInWith(alephium)];
}
