import { SignInError } from "./error.js";
import { agreedChain, type Wallet } from "./wallet.js";

/** A wallet of Ethereum, as web pages see it: https://eips.ethereum.org/EIPS/eip-1193 */
export interface Eip1193Provider {
  request(args: { method: string; params?: readonly unknown[] | object | undefined }): Promise<unknown>;
}

export async function connectEthereum(provider: Eip1193Provider, chain: string | undefined): Promise<Wallet> {
  const [account] = (await provider.request({ method: "eth_requestAccounts" })) as string[];
  if (!account) throw new SignInError("NO_ACCOUNT", "The wallet shows no account.");
  const chainId = (await provider.request({ method: "eth_chainId" })) as string;

  // Letter case is a checksum against typing errors. Nobody typed this, and some wallets write another one (EIP-1191).
  const address = account.toLowerCase();
  return {
    chain: agreedChain(`eip155:${BigInt(chainId)}`, chain),
    address,
    is: (other) => other.toLowerCase() === address,
    async sign(message) {
      const signature = await provider.request({ method: "personal_sign", params: [hex(message), account] });
      return { signature: signature as string };
    },
  };
}

// In hex, because wallets disagree about a text that happens to begin with 0x.
function hex(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  return `0x${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
