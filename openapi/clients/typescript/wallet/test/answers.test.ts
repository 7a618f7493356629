// What becomes of a sign-in when the answers are not the server's, or not those they should be.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { inspect } from "node:util";

import { SignInError, signInWith } from "@countersign/wallet";

import { Browser } from "./browser.js";
import { ethereumWallet, newAccount } from "./ethereum-wallet.js";
import { startServer, type Server } from "./server.js";

let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

test("says that the server is away, and why", async () => {
  const away = await startServer();
  await away.stop();
  await assert.rejects(signInWith(ethereumWallet(), { baseUrl: away.baseUrl }), (error) => {
    assert(error instanceof SignInError);
    assert.deepEqual([error.code, error.status], ["NO_ANSWER", undefined]);
    assert.match(inspect(error.cause), /ECONNREFUSED/);
    return true;
  });
});

const pages = [
  ["an error page of a proxy", 502, "<h1>Bad Gateway</h1>", 502],
  ["an error without a page", 502, "", 502],
  ["an error in another form", 404, '{"error":{"code":"not_found","message":"There is nothing here."}}', 404],
  ["the start page of a site", 200, "<h1>Welcome</h1>", undefined],
  ["an empty page", 200, "", 200],
] as const;
for (const [name, status, page, expected] of pages) {
  test(`takes ${name} for no answer`, async () => {
    const site = createServer((_, response) => response.writeHead(status).end(page)).listen(0, "127.0.0.1");
    await once(site, "listening");
    const baseUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    const attempt = signInWith(ethereumWallet(), { baseUrl }).finally(() => site.close());
    await assert.rejects(attempt, { name: "SignInError", code: "NO_ANSWER", status: expected });
  });
}

test("ends the session at once when the server signs somebody else in", async () => {
  const browser = new Browser(server.baseUrl);
  const other = newAccount().address;
  const { baseUrl, fetch } = browser.page;
  async function fetchOther(request: Request) {
    const response = await fetch(request);
    if (!request.url.endsWith("/auth/verify")) return response;
    assert(await browser.me());
    return Response.json({ ...(await response.json()), walletAddress: other });
  }
  await assert.rejects(signInWith(ethereumWallet(), { baseUrl, fetch: fetchOther }), {
    name: "SignInError",
    code: "WRONG_WALLET",
  });
  assert.equal(await browser.me(), null);
});
