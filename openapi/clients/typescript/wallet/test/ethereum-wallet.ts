// Ethereum wallets as web pages see them (EIP-1193), over accounts of viem.

import assert from "node:assert/strict";

import type { Eip1193Provider } from "@countersign/wallet";
import { type Hex, UserRejectedRequestError } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

type Answers = Record<string, (params: readonly unknown[]) => unknown>;

export function newAccount() {
  return privateKeyToAccount(generatePrivateKey());
}

/** A wallet that answers as wallets do, save for `answers`. */
export function ethereumWallet(account = newAccount(), answers: Answers = {}): Eip1193Provider {
  const all: Answers = {
    eth_requestAccounts: () => [account.address.toLowerCase()],
    eth_chainId: () => "0x1",
    personal_sign: ([message]) => account.signMessage({ message: { raw: message as Hex } }),
    ...answers,
  };
  return {
    async request({ method, params }) {
      const answer = all[method];
      assert(answer, `no wallet needs to know ${method}`);
      return answer(params as readonly unknown[]);
    },
  };
}

/** What a wallet throws when its user does not want to. */
export function refusal() {
  return new UserRejectedRequestError(new Error("The user does not want to."));
}
