// Signing in with an Ethereum wallet, against the real server.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { signInWith } from "@countersign/wallet";
import type { Hex } from "viem";

import { Browser } from "./browser.js";
import { ethereumWallet, newAccount, refusal } from "./ethereum-wallet.js";
import { startServer, type Server } from "./server.js";

let server: Server;
let browser: Browser;
before(async () => {
  server = await startServer();
});
beforeEach(() => {
  browser = new Browser(server.baseUrl);
});
after(() => server?.stop());

test("signs in, and the browser has the session", async () => {
  const account = newAccount();
  const signedIn = await signInWith(ethereumWallet(account), browser.page);
  assert.deepEqual(Object.keys(signedIn).sort(), ["userId", "walletAddress"]);
  assert.equal(signedIn.walletAddress, account.address);
  assert.deepEqual(await browser.me(), { ...signedIn, chain: "eip155:1" });
});

test("signs in whatever the letter case in which the wallet writes its address", async () => {
  const account = newAccount();
  const digits = account.address.slice(2);
  const miscased = [...digits].map((digit) => (digit < "a" ? digit.toLowerCase() : digit.toUpperCase())).join("");
  for (const written of [`0x${digits}`, `0x${digits.toUpperCase()}`, `0X${digits.toUpperCase()}`, `0x${miscased}`]) {
    const wallet = ethereumWallet(account, {
      eth_requestAccounts: () => [written],
      personal_sign: ([message, address]) => {
        assert.equal(address, written);
        return account.signMessage({ message: { raw: message as Hex } });
      },
    });
    assert.equal((await signInWith(wallet, browser.page)).walletAddress, account.address);
  }
});

test("signs in on the chain that the wallet is on, as the same user", async () => {
  const account = newAccount();
  const users = new Set<string>();
  for (const [chainId, chain] of [["0x1", "eip155:1"], ["0x2105", "eip155:8453"]]) {
    const wallet = ethereumWallet(account, { eth_chainId: () => chainId });
    for (const asked of [undefined, chain]) {
      users.add((await signInWith(wallet, { ...browser.page, chain: asked })).userId);
      assert.equal((await browser.me())?.chain, chain);
    }
  }
  assert.equal(users.size, 1);
});

test("does not ask the server when the wallet is on another chain than the page wants", async () => {
  await assert.rejects(signInWith(ethereumWallet(), { ...browser.page, chain: "eip155:8453" }), {
    name: "SignInError",
    code: "WRONG_CHAIN",
    message: "The wallet is on eip155:1 instead of eip155:8453.",
    status: undefined,
    details: undefined,
  });
  assert.deepEqual(browser.requests, []);
});

test("does not ask the server when the wallet shows no account", async () => {
  const wallet = ethereumWallet(newAccount(), { eth_requestAccounts: () => [] });
  await assert.rejects(signInWith(wallet, browser.page), { name: "SignInError", code: "NO_ACCOUNT" });
  assert.deepEqual(browser.requests, []);
});

for (const [method, requests] of [["eth_requestAccounts", []], ["personal_sign", ["/auth/challenge"]]] as const) {
  test(`passes on that the user refuses ${method}; then nothing has happened`, async () => {
    const [account, refused] = [newAccount(), refusal()];
    const wallet = ethereumWallet(account, { [method]: () => Promise.reject(refused) });
    await assert.rejects(signInWith(wallet, browser.page), (error) => error === refused && refused.code === 4001);
    assert.deepEqual(browser.requests, requests);
    assert.equal(await browser.me(), null);
    assert.equal((await signInWith(ethereumWallet(account), browser.page)).walletAddress, account.address);
  });
}

test("says that the server does not accept the chain, and where it said so", async () => {
  const wallet = ethereumWallet(newAccount(), { eth_chainId: () => "0x5" });
  await assert.rejects(signInWith(wallet, browser.page), {
    name: "SignInError",
    code: "CHAIN_NOT_ALLOWED",
    status: 400,
    message: "This chain is not accepted here; GET /auth/chains lists those that are.",
    details: { field: "/chain", expected: "one of the chain ids of GET /auth/chains" },
  });
});

test("says that another account signed, and nobody is signed in", async () => {
  const other = newAccount();
  const wallet = ethereumWallet(newAccount(), {
    personal_sign: ([message]) => other.signMessage({ message: { raw: message as Hex } }),
  });
  const attempt = signInWith(wallet, browser.page);
  await assert.rejects(attempt, { name: "SignInError", code: "INVALID_SIGNATURE", status: 401 });
  assert.equal(await browser.me(), null);
});
