import type { Eip1193Provider } from "./ethereum.js";

/** What a wallet says of itself. Any script can say the same, so it proves nothing. */
export interface WalletInfo {
  /** Names the wallet as long as the page is open. */
  uuid: string;
  name: string;
  /** A data URI of an image. */
  icon: string;
  /** A domain of its makers in reverse, such as `io.metamask`. */
  rdns: string;
}

export interface DiscoveredWallet {
  info: WalletInfo;
  provider: Eip1193Provider;
}

export interface DiscoverOptions {
  /** Milliseconds to wait for wallets that do not answer at once. Absent: 100. */
  wait?: number | undefined;
  /** Where wallets announce themselves. Absent: the window, if there is one. */
  target?: EventTarget | undefined;
}

/** Lists the Ethereum wallets in the browser, as EIP-6963 has it: https://eips.ethereum.org/EIPS/eip-6963 */
export async function discoverWallets(options: DiscoverOptions = {}): Promise<DiscoveredWallet[]> {
  const { wait = 100, target = globalThis.window } = options;
  if (!target) return []; // a page that is rendered on a server has no wallets yet
  const found = new Map<string, DiscoveredWallet>();

  function add(event: Event) {
    const wallet = (event as CustomEvent<unknown>).detail;
    if (isWallet(wallet) && !found.has(wallet.info.uuid)) found.set(wallet.info.uuid, wallet);
  }

  target.addEventListener("eip6963:announceProvider", add);
  target.dispatchEvent(new Event("eip6963:requestProvider"));
  await new Promise((resolve) => setTimeout(resolve, wait));
  target.removeEventListener("eip6963:announceProvider", add);
  return [...found.values()];
}

function isWallet(detail: unknown): detail is DiscoveredWallet {
  const { info, provider } = (detail ?? {}) as Partial<DiscoveredWallet>;
  return typeof info?.uuid === "string" && typeof provider?.request === "function";
}
