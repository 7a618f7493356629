"""Wallets that sign in for real, by `countersign wallet` and the operations of the documents.

As a program: makes the wallets, signs in with each, and prints the credentials as JSON.
"""

import json
import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import requests

SERVER = os.environ["CONTRACT_SERVER"]
FOLDER = Path(os.environ["CONTRACT_WALLETS"])
COUNTERSIGN = os.environ["COUNTERSIGN_BIN"]
CHAINS = ("ethereum", "alephium")


def siwe_answer():
    """A body for POST /auth/siwe."""
    address = wallet("ethereum")[0]
    nonce = post("/auth/nonce", walletAddress=address).json()["nonce"]
    issued_at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    message = (
        f"{SERVER.removeprefix('http://')} wants you to sign in with your Ethereum account:\n{address}\n\n\n"
        f"URI: {SERVER}\nVersion: 1\nChain ID: 1\nNonce: {nonce}\nIssued At: {issued_at}"
    )
    return {"message": message, "signature": sign("ethereum", message)}


def challenge_answer(challenge=None):
    """A body for POST /auth/verify."""
    challenge = challenge or post("/auth/challenge", **question("ethereum")).json()
    return {"challengeId": challenge["challengeId"], "signature": sign("ethereum", challenge["message"])}


def mint_answer(challenge=None):
    """A body for POST /v1/auth/keys."""
    address, public_key = wallet("alephium")
    text = (challenge or post("/v1/auth/challenge", **question("alephium")).json())["challenge"]
    answer = {"address": address, "publicKey": public_key, "signature": sign("alephium", text)}
    return answer | {"challenge": text} if challenge else answer


def question(chain):
    """A body for POST /auth/challenge or, for Alephium, POST /v1/auth/challenge."""
    address = wallet(chain)[0]
    return {"address": address} if chain == "alephium" else {"chain": "eip155:1", "address": address}


def addresses():
    return {wallet(chain)[0] for chain in CHAINS}


def mint():
    """A fresh key of the wallet, as POST /v1/auth/keys answers it."""
    return post("/v1/auth/keys", **mint_answer()).json()


def wallet(chain):
    """What `wallet new` printed: the address and, if the chain needs it, the public key."""
    return (FOLDER / f"{chain}.txt").read_text().splitlines()


def sign(chain, message):
    return countersign("wallet", "sign", "--key", FOLDER / f"{chain}.key", stdin=message).strip()


def countersign(*arguments, stdin=""):
    run = subprocess.run([COUNTERSIGN, *arguments], input=stdin.encode(), check=True, capture_output=True)
    return run.stdout.decode()


def post(path, headers=None, **body):
    answer = requests.post(SERVER + path, json=body, headers=headers, timeout=10)
    answer.raise_for_status()
    return answer


def main():
    FOLDER.mkdir(parents=True)
    for chain in CHAINS:
        printed = countersign("wallet", "new", "--chain", chain, "--key", FOLDER / f"{chain}.key")
        (FOLDER / f"{chain}.txt").write_text(printed)
    session = post("/auth/verify", **challenge_answer()).cookies["astra_session"]
    bearer = {"Authorization": f"Bearer {session}"}
    ocx_key = post("/perps/me/api-keys", headers=bearer, name="contract", scope="trade").json()
    aura_key = mint()
    print(json.dumps({"session": session, "ocxKey": ocx_key, "auraKey": aura_key}))


if __name__ == "__main__":
    main()
