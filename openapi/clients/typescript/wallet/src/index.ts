export { signInWith, type SignedIn, type SignInOptions } from "./sign-in.js";
export { discoverWallets, type DiscoveredWallet, type DiscoverOptions, type WalletInfo } from "./discovery.js";
export { SignInError, type SignInErrorCode } from "./error.js";
export type { Eip1193Provider } from "./ethereum.js";
export type { AlephiumAccount, AlephiumProvider } from "./alephium.js";
export type { components, paths } from "./ocx.js";
