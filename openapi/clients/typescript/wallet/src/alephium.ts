import { agreedChain, type Wallet } from "./wallet.js";

export interface AlephiumAccount {
  address: string;
  publicKey: string;
  keyType: string;
}

/**
 * A wallet of Alephium: any `SignerProvider` of `@alephium/web3`. The optional members are those of the browser
 * extension, which `@alephium/get-extension-wallet` finds.
 */
export interface AlephiumProvider {
  getSelectedAccount(): Promise<AlephiumAccount>;
  signMessage(params: {
    signerAddress: string;
    message: string;
    messageHasher: "alephium";
  }): Promise<{ signature: string }>;
  enable?(options?: { networkId?: string; onDisconnected(): void }): Promise<AlephiumAccount>;
  readonly connectedAccount?: AlephiumAccount | undefined;
  readonly connectedNetworkId?: string | undefined;
}

export function isAlephium(provider: object): provider is AlephiumProvider {
  return "getSelectedAccount" in provider;
}

export async function connectAlephium(provider: AlephiumProvider, chain: string | undefined): Promise<Wallet> {
  const { address, publicKey, keyType } = await selectedAccount(provider, chain);
  const network = provider.connectedNetworkId;

  // A groupless address may name a group, which is no part of it for the server.
  const ungrouped = address.replace(/:[0-3]$/, "");
  return {
    chain: agreedChain(network && `alephium:${network}`, chain),
    address: ungrouped,
    is: (other) => other === ungrouped,
    async sign(message) {
      const { signature } = await provider.signMessage({ signerAddress: address, message, messageHasher: "alephium" });
      return { signature, publicKey, keyType };
    },
  };
}

// The extension must be asked to connect, once: asked again it would forget who listens for the end of the connection.
function selectedAccount(provider: AlephiumProvider, chain: string | undefined): Promise<AlephiumAccount> {
  if (!provider.enable || provider.connectedAccount) return provider.getSelectedAccount();
  const networkId = chain?.split(":")[1];
  return provider.enable({ ...(networkId && { networkId }), onDisconnected() {} });
}
