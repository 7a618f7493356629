"""Makes an API key with an Alephium wallet, lists it and revokes it.

COUNTERSIGN_URL  the server; by default http://127.0.0.1:8080
"""

import hashlib
import os
import sys
from typing import TypeVar

import base58
from coincurve import PrivateKey
from countersign_aura import AuthenticatedClient, Client, models
from countersign_aura.api.auth import issue_challenge, list_keys, mint_key, revoke_key

SERVER = os.environ.get("COUNTERSIGN_URL", "http://127.0.0.1:8080")
T = TypeVar("T")


def expect(kind: type[T], answer: object) -> T:
    """An operation answers with what was asked for, or with an ApiError."""
    return answer if isinstance(answer, kind) else sys.exit(f"expected {kind.__name__}, got {answer}")


def blake2b(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=32).digest()


# A wallet of Alephium: its address is made from its public key, so both are shown.
wallet = PrivateKey()
public_key = wallet.public_key.format()
address = base58.b58encode(b"\x00" + blake2b(public_key)).decode()

# Mint: the server writes a text, and the wallet's signature of it is exchanged for an API key.
anybody = Client(SERVER, raise_on_unexpected_status=True)
question = models.ChallengeRequest(address=address)
challenge = expect(models.Challenge, issue_challenge.sync(client=anybody, body=question))
digest = blake2b(b"Alephium Signed Message: " + challenge.challenge.encode())
signature = wallet.sign_recoverable(digest, hasher=None)[:64]
proof = models.MintKeyRequest(address=address, public_key=public_key.hex(), signature=signature.hex(), name="example")
key = expect(models.MintedKey, mint_key.sync(client=anybody, body=proof))
print(f"{key.owner_address} has the key {key.id}")

# Whoever has the key can list the wallet's keys, without their secrets.
program = AuthenticatedClient(SERVER, token=key.key, raise_on_unexpected_status=True)
listed = expect(models.ApiKeys, list_keys.sync(client=program))
assert [each.id for each in listed.keys] == [key.id]

# A key can revoke itself, and is refused from then on.
assert revoke_key.sync_detailed(key.id, client=program).status_code == 204
refusal = expect(models.ApiError, list_keys.sync(client=program))
assert refusal.error.code == models.ErrorCode.UNAUTHORIZED
print(f"the key {key.id} is refused: {refusal.error.message}")
