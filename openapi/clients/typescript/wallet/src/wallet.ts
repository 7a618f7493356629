import { SignInError } from "./error.js";
import type { components } from "./ocx.js";

/** A wallet that is ready to sign in. */
export interface Wallet {
  /** The chain it is on, as CAIP-2. */
  chain: string;
  /** Its address, in a form that the server takes. */
  address: string;
  /** Whether an address, as the server writes it, is its own. */
  is(address: string): boolean;
  /** Signs a message; the parts of `POST /auth/verify` that come from the wallet. */
  sign(message: string): Promise<Omit<components["schemas"]["VerifyRequest"], "challengeId">>;
}

/** The chain that both the wallet and its caller mean; either may leave it open. */
export function agreedChain(walletChain: string | undefined, askedFor: string | undefined): string {
  const chain = askedFor ?? walletChain;
  if (chain === undefined) {
    throw new SignInError("WRONG_CHAIN", "The wallet does not say which chain it is on; name one.");
  }
  if (walletChain !== undefined && walletChain !== chain) {
    throw new SignInError("WRONG_CHAIN", `The wallet is on ${walletChain} instead of ${chain}.`);
  }
  return chain;
}
