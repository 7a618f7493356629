import createClient from "openapi-fetch";

import { connectAlephium, isAlephium, type AlephiumProvider } from "./alephium.js";
import { refusal, SignInError } from "./error.js";
import { connectEthereum, type Eip1193Provider } from "./ethereum.js";
import type { components, paths } from "./ocx.js";

/** Who has signed in. */
export type SignedIn = components["schemas"]["SignedIn"];

export interface SignInOptions {
  /** The origin of the server, such as `https://auth.example.com`. Absent: that of the page. */
  baseUrl?: string | undefined;
  /**
   * The chain to sign in on, as CAIP-2, such as `eip155:1` or `alephium:mainnet`. Absent: the one the wallet is on.
   * A wallet that is on another one is an error.
   */
  chain?: string | undefined;
  /** Sends the requests. Absent: the global `fetch`. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
}

/**
 * Signs in with a wallet: asks the server for a message, has the wallet sign it and hands in the signature. The session
 * is in the cookie that the server sets.
 *
 * @throws {SignInError} when the server refuses, or the wallet does not fit. What the wallet itself throws, such as the
 * refusal of its user, passes through as it is; until the wallet has signed, nothing but a challenge has come about.
 */
export async function signInWith(
  provider: Eip1193Provider | AlephiumProvider,
  options: SignInOptions = {},
): Promise<SignedIn> {
  const { baseUrl = "", chain, fetch = globalThis.fetch } = options;
  const server = createClient<paths>({ baseUrl, fetch, credentials: "include" });
  const wallet = await (isAlephium(provider) ? connectAlephium(provider, chain) : connectEthereum(provider, chain));

  const request = { chain: wallet.chain, address: wallet.address };
  const { challengeId, message } = await answerOf(server.POST("/auth/challenge", { body: request }));
  const proof = await wallet.sign(message);
  const signedIn = await answerOf(server.POST("/auth/verify", { body: { challengeId, ...proof } }));

  if (!wallet.is(signedIn.walletAddress)) {
    await server.POST("/auth/logout"); // that session is somebody else's
    throw new SignInError("WRONG_WALLET", `Signed in as ${signedIn.walletAddress} instead of ${wallet.address}.`);
  }
  return signedIn;
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

async function answerOf<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw new SignInError("NO_ANSWER", "The server cannot be reached, or what it answers cannot be read.", { cause });
  });
  if (data === undefined) throw refusal(error, response);
  return data;
}
