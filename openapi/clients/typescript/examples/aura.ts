// Aura with openapi-fetch: exchanges the signature of an Alephium wallet for an API key, uses it and revokes it.

import assert from "node:assert/strict";

import { PrivateKeyWallet } from "@alephium/web3-wallet";
import createClient from "openapi-fetch";

import type { paths } from "../generated/openapi-typescript/aura.js";

const server = createClient<paths>({ baseUrl: process.env.COUNTERSIGN_URL ?? "http://127.0.0.1:8080" });
const wallet = PrivateKeyWallet.Random();
const { address, publicKey } = wallet;

// Ask for a text, sign it, get a key for it. The secret is in this answer and nowhere else.
const { challenge } = dataOf(await server.POST("/v1/auth/challenge", { body: { address } }));
const { signature } = await wallet.signMessage({
  signerAddress: address,
  message: challenge,
  messageHasher: "alephium",
});
const minted = dataOf(
  await server.POST("/v1/auth/keys", {
    body: { address, publicKey, signature, challenge, name: "example", scopes: ["read"] },
  }),
);
assert.equal(minted.ownerAddress, address);
console.log(`Aura, openapi-fetch: ${address} minted key ${minted.id},`);

// The key lists the keys of its wallet: itself alone, because the wallet is new.
const asProgram = { headers: { authorization: `Bearer ${minted.key}` } };
const { keys } = dataOf(await server.GET("/v1/auth/keys", asProgram));
assert.deepEqual(
  keys.map(({ id, scopes, revokedAt }) => ({ id, scopes, revokedAt })),
  [{ id: minted.id, scopes: ["read"], revokedAt: null }],
);

// A key may revoke any key of its wallet, itself too. From then on it is refused.
dataOf(await server.DELETE("/v1/auth/keys/{id}", { ...asProgram, params: { path: { id: minted.id } } }));
const refused = await server.GET("/v1/auth/keys", asProgram);
assert.equal(refused.response.status, 401);
assert.equal(refused.error?.error.code, "unauthorized");
console.log(`  listed it and revoked it; now it is refused: ${refused.error.error.message}`);

// What the server answered; a refusal is thrown.
function dataOf<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(error)}`);
  return data as T;
}
