// Finding the wallets of a browser, by real events.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { discoverWallets, signInWith } from "@countersign/wallet";

import { Browser } from "./browser.js";
import { ethereumWallet, newAccount } from "./ethereum-wallet.js";
import { startServer, type Server } from "./server.js";

let server: Server;
let target: EventTarget;
before(async () => {
  server = await startServer();
});
beforeEach(() => {
  target = new EventTarget();
});
after(() => server?.stop());

test("finds the wallets that answer, and signs in with one", async () => {
  const account = newAccount();
  install(wallet("Other"));
  install(wallet("Mine", ethereumWallet(account)));
  const found = await discoverWallets({ target });
  assert.deepEqual(found.map(({ info }) => info.name), ["Other", "Mine"]);
  const mine = found.find(({ info }) => info.rdns === "example.mine");
  assert(mine);
  const { walletAddress } = await signInWith(mine.provider, new Browser(server.baseUrl).page);
  assert.equal(walletAddress, account.address);
});

test("lists a wallet once, as it announced itself first", async () => {
  const first = wallet("Mine");
  install(first);
  install(first);
  install({ ...first, info: { ...first.info, name: "Somebody else" } });
  assert.deepEqual(await discoverWallets({ target }), [first]);
});

test("lists two wallets of one name", async () => {
  const [one, two] = [wallet("Mine"), wallet("Mine")];
  install(one);
  install(two);
  assert.deepEqual(await discoverWallets({ target }), [one, two]);
});

test("waits for a wallet that is slow", async () => {
  const slow = wallet("Slow");
  const discovery = discoverWallets({ target });
  announce(slow);
  assert.deepEqual(await discovery, [slow]);
});

test("ignores what is no wallet", async () => {
  const { info, provider } = wallet("Mine");
  for (const detail of [undefined, null, "Mine", {}, { info }, { provider }, { info, provider: {} }]) announce(detail);
  install({ info, provider: {} });
  assert.deepEqual(await discoverWallets({ target }), []);
});

test("finds nothing where there is no window", async () => {
  assert.deepEqual(await discoverWallets(), []);
});

function wallet(name: string, provider = ethereumWallet()) {
  const rdns = `example.${name.toLowerCase()}`;
  return { info: { uuid: crypto.randomUUID(), name, icon: "data:image/svg+xml,<svg/>", rdns }, provider };
}

// What a wallet's script does in a page.
function install(detail: unknown) {
  target.addEventListener("eip6963:requestProvider", () => announce(detail));
  announce(detail);
}

function announce(detail: unknown) {
  target.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze(detail) }));
}
