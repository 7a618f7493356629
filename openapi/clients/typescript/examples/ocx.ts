// OCX with openapi-fetch: signs in with a wallet, makes an API key, uses it and revokes it.

import assert from "node:assert/strict";

import createClient from "openapi-fetch";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import type { paths } from "../generated/openapi-typescript/ocx.js";

const server = createClient<paths>({ baseUrl: process.env.COUNTERSIGN_URL ?? "http://127.0.0.1:8080" });
const wallet = privateKeyToAccount(generatePrivateKey());

// Ask for a message, sign it, hand in the signature.
const { challengeId, message } = dataOf(
  await server.POST("/auth/challenge", { body: { chain: "eip155:1", address: wallet.address } }),
);
const signature = await wallet.signMessage({ message });
const verified = await server.POST("/auth/verify", { body: { challengeId, signature } });
const { userId, walletAddress } = dataOf(verified);
assert.equal(walletAddress, wallet.address);

// The session is a cookie. A browser keeps it, where no script can read it, and sends it along when createClient is
// given `credentials: "include"`. Node.js keeps no cookies, so this program does.
const [setCookie] = verified.response.headers.getSetCookie();
assert(setCookie);
const session = { cookie: setCookie.split(";")[0] };
console.log(`OCX, openapi-fetch: ${walletAddress} signed in as user ${userId},`);

// The secret of an API key is in this answer and nowhere else.
const body = { name: "example", scope: "read", expiresInDays: 1 } as const;
const key = dataOf(await server.POST("/perps/me/api-keys", { headers: session, body }));

// A program shows the key instead of a session, and acts for the same user.
const asProgram = { headers: { "x-api-key": key.secret } };
const me = dataOf(await server.GET("/auth/me", asProgram));
assert.equal(me?.userId, userId);

// Once it is revoked it is nobody's key, and even what anybody may read is refused to whoever shows it.
dataOf(await server.DELETE("/perps/me/api-keys/{id}", { headers: session, params: { path: { id: key.id } } }));
assert.equal(dataOf(await server.GET("/auth/me", asProgram)), null);
const refused = await server.GET("/auth/chains", asProgram);
assert.equal(refused.error?.code, "REVOKED_CREDENTIAL");
console.log(`  made key ${key.id}, used it and revoked it; now it is refused: ${refused.error.message}`);

// What the server answered; a refusal is thrown.
function dataOf<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(error)}`);
  return data as T;
}
