// Signing in with an Alephium wallet, the one of Alephium's own SDK, against the real server.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import type { Account, KeyType, NetworkId } from "@alephium/web3";
import { PrivateKeyWallet } from "@alephium/web3-wallet";
import { signInWith, type AlephiumProvider } from "@countersign/wallet";

import { Browser } from "./browser.js";
import { startServer, type Server } from "./server.js";

const chain = "alephium:mainnet";

let server: Server;
let browser: Browser;
before(async () => {
  server = await startServer();
});
beforeEach(() => {
  browser = new Browser(server.baseUrl);
});
after(() => server?.stop());

for (const keyType of ["default", "bip340-schnorr", "gl-secp256k1"] as const) {
  for (const chain of ["alephium:mainnet", "alephium:testnet"]) {
    test(`signs in with a key of type ${keyType} on ${chain}`, async () => {
      const wallet = newWallet(keyType);
      const signedIn = await signInWith(wallet, { ...browser.page, chain });
      assert.equal(signedIn.walletAddress, wallet.address);
      assert.deepEqual(await browser.me(), { ...signedIn, chain });
    });
  }
}

test("signs in with a groupless address that names a group, as the address without it", async () => {
  const wallet = newWallet("gl-secp256k1");
  const grouped: AlephiumProvider = {
    getSelectedAccount: async () => ({ ...wallet.account, address: `${wallet.address}:2` }),
    signMessage: ({ signerAddress, ...params }) => {
      assert.equal(signerAddress, `${wallet.address}:2`);
      return wallet.signMessage({ signerAddress: wallet.address, ...params });
    },
  };
  assert.equal((await signInWith(grouped, { ...browser.page, chain })).walletAddress, wallet.address);
});

test("tells the server of which type the key is", async () => {
  const wallet = newWallet("default");
  const mistaken: AlephiumProvider = {
    getSelectedAccount: async () => ({ ...wallet.account, keyType: "bip340-schnorr" }),
    signMessage: (params) => wallet.signMessage(params),
  };
  const attempt = signInWith(mistaken, { ...browser.page, chain });
  await assert.rejects(attempt, { name: "SignInError", code: "INVALID_SIGNATURE" });
});

test("connects the browser extension, and signs in on its network", async () => {
  const extension = new Extension("testnet");
  const signedIn = await signInWith(extension, browser.page);
  assert.deepEqual(await browser.me(), { ...signedIn, chain: "alephium:testnet" });
});

test("asks the browser extension for the network of the chain", async () => {
  const extension = new Extension("testnet");
  await signInWith(extension, { ...browser.page, chain });
  assert.equal(extension.connectedNetworkId, "mainnet");
  assert.equal((await browser.me())?.chain, chain);
});

test("leaves a connection to the browser extension as it is", async () => {
  const extension = new Extension("mainnet");
  const onDisconnected = () => {};
  await extension.enable({ onDisconnected });
  await signInWith(extension, browser.page);
  assert.equal(extension.onDisconnected, onDisconnected);
});

test("does not ask the server when the wallet is on another network than the page wants", async () => {
  const extension = new Extension("testnet");
  await extension.enable({ onDisconnected() {} });
  await assert.rejects(signInWith(extension, { ...browser.page, chain }), { name: "SignInError", code: "WRONG_CHAIN" });
  assert.deepEqual(browser.requests, []);
});

test("does not ask the server when nobody says which network it is", async () => {
  await assert.rejects(signInWith(newWallet("default"), browser.page), { name: "SignInError", code: "WRONG_CHAIN" });
  assert.deepEqual(browser.requests, []);
});

test("says that the server does not accept the network", async () => {
  const attempt = signInWith(newWallet("default"), { ...browser.page, chain: "alephium:devnet" });
  await assert.rejects(attempt, { name: "SignInError", code: "CHAIN_NOT_ALLOWED", status: 400 });
});

test("passes on that the user refuses; then nobody is signed in", async () => {
  const wallet = newWallet("default");
  const refused = new Error("User rejected signing message"); // the extension has no code for it
  wallet.signMessage = () => Promise.reject(refused);
  await assert.rejects(signInWith(wallet, { ...browser.page, chain }), (error) => error === refused);
  assert.deepEqual(browser.requests, ["/auth/challenge"]);
  assert.equal(await browser.me(), null);
});

test("says that another key signed, and nobody is signed in", async () => {
  const [wallet, other] = [newWallet("default"), newWallet("default")];
  wallet.signMessage = (params) => other.signMessage({ ...params, signerAddress: other.address });
  const attempt = signInWith(wallet, { ...browser.page, chain });
  await assert.rejects(attempt, { name: "SignInError", code: "INVALID_SIGNATURE", status: 401 });
  assert.equal(await browser.me(), null);
});

function newWallet(keyType: KeyType): PrivateKeyWallet {
  return PrivateKeyWallet.Random(undefined, undefined, keyType);
}

// As the browser extension's object: until it is connected it knows neither an account nor a network.
class Extension implements AlephiumProvider {
  connectedAccount: Account | undefined;
  onDisconnected: (() => void) | undefined;
  #wallet = newWallet("default");
  #network: NetworkId;

  constructor(network: NetworkId) {
    this.#network = network;
  }

  get connectedNetworkId(): NetworkId {
    if (!this.connectedAccount) throw new Error("Invalid network id undefined");
    return this.#network;
  }

  async enable({ networkId, onDisconnected }: { networkId?: NetworkId; onDisconnected: () => void }) {
    this.#network = networkId ?? this.#network;
    this.onDisconnected = onDisconnected;
    this.connectedAccount = this.#wallet.account;
    return this.connectedAccount;
  }

  async getSelectedAccount() {
    if (!this.connectedAccount) throw new Error("No selected account");
    return this.connectedAccount;
  }

  signMessage(params: Parameters<PrivateKeyWallet["signMessage"]>[0]) {
    return this.#wallet.signMessage(params);
  }

  // With this alone it could be taken for a wallet of Ethereum.
  async request(): Promise<boolean> {
    throw new Error("Not implemented");
  }
}
