// OCX with the client of @hey-api/openapi-ts: signs in with a wallet, makes an API key, uses it and revokes it.

import assert from "node:assert/strict";

import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { client } from "../generated/hey-api/ocx/client.gen.js";
import {
  createApiKey,
  getMe,
  issueChallenge,
  listChains,
  revokeApiKey,
  verifyChallenge,
} from "../generated/hey-api/ocx/index.js";

client.setConfig({ baseUrl: process.env.COUNTERSIGN_URL ?? "http://127.0.0.1:8080" });
const wallet = privateKeyToAccount(generatePrivateKey());

// Ask for a message, sign it, hand in the signature. With `throwOnError` a refusal is thrown.
const challenge = await issueChallenge({
  body: { chain: "eip155:1", address: wallet.address },
  throwOnError: true,
});
const { challengeId, message } = challenge.data;
const signature = await wallet.signMessage({ message });
const verified = await verifyChallenge({ body: { challengeId, signature }, throwOnError: true });
const { userId, walletAddress } = verified.data;
assert.equal(walletAddress, wallet.address);

// The session is a cookie. A browser keeps it, where no script can read it, and sends it along when the client is
// configured with `credentials: "include"`. Node.js keeps no cookies, so this program does.
const [setCookie] = verified.response.headers.getSetCookie();
assert(setCookie);
const session = { cookie: setCookie.split(";")[0] };
console.log(`OCX, hey-api: ${walletAddress} signed in as user ${userId},`);

// The secret of an API key is in this answer and nowhere else.
const created = await createApiKey({
  headers: session,
  body: { name: "example", scope: "read", expiresInDays: 1 },
  throwOnError: true,
});
const { id, secret } = created.data;

// A program shows the key instead of a session, and acts for the same user.
const asProgram = { headers: { "x-api-key": secret }, throwOnError: true } as const;
const me = await getMe(asProgram);
assert.equal(me.data?.userId, userId);

// Once it is revoked it is nobody's key, and even what anybody may read is refused to whoever shows it.
await revokeApiKey({ headers: session, path: { id }, throwOnError: true });
assert.equal((await getMe(asProgram)).data, null);
const refused = await listChains({ headers: { "x-api-key": secret } });
assert(refused.error);
assert.equal(refused.error.code, "REVOKED_CREDENTIAL");
console.log(`  made key ${id}, used it and revoked it; now it is refused: ${refused.error.message}`);
