"""Signs in with an Ethereum wallet, makes an API key for a program, uses it and revokes it.

COUNTERSIGN_URL  the server; by default http://127.0.0.1:8080
"""

import os
import sys
from typing import TypeVar

from countersign_ocx import AuthenticatedClient, Client, models
from countersign_ocx.api.api_keys import create_api_key, revoke_api_key
from countersign_ocx.api.authentication import get_me, issue_challenge, list_chains, verify_challenge
from eth_account import Account
from eth_account.messages import encode_defunct

SERVER = os.environ.get("COUNTERSIGN_URL", "http://127.0.0.1:8080")
T = TypeVar("T")


def expect(kind: type[T], answer: object) -> T:
    """An operation answers with what was asked for, or with an ApiError."""
    return answer if isinstance(answer, kind) else sys.exit(f"expected {kind.__name__}, got {answer}")


# Sign in: the server writes a message, and the wallet signs it.
wallet = Account.create()
anybody = Client(SERVER, raise_on_unexpected_status=True)
question = models.ChallengeRequest(chain="eip155:1", address=wallet.address)
challenge = expect(models.Challenge, issue_challenge.sync(client=anybody, body=question))
signature = wallet.sign_message(encode_defunct(text=challenge.message)).signature.hex()
proof = models.VerifyRequest(challenge_id=challenge.challenge_id, signature=signature)
account = expect(models.SignedIn, verify_challenge.sync(client=anybody, body=proof))
print(f"{account.wallet_address} has signed in as {account.user_id}")

# The session came as a cookie. Its value is also a bearer token.
session = anybody.get_httpx_client().cookies["astra_session"]
person = AuthenticatedClient(SERVER, token=session, raise_on_unexpected_status=True)

# Make an API key. Its secret is shown this once, and travels in a header of its own.
wanted = models.NewApiKey(name="example", scope=models.Scope.READ, expires_in_days=90)
key = expect(models.ApiKeyWithSecret, create_api_key.sync(client=person, body=wanted))
program = AuthenticatedClient(
    SERVER, token=key.secret, prefix="", auth_header_name="x-api-key", raise_on_unexpected_status=True
)
assert expect(models.Me, get_me.sync(client=program)).user_id == account.user_id
print(f"the key {key.id} acts for {account.user_id}")

# Revoke it: from then on it is nobody's, and refused.
assert revoke_api_key.sync_detailed(key.id, client=person).status_code == 204
assert get_me.sync(client=program) is None
refusal = expect(models.ApiError, list_chains.sync(client=program))
assert refusal.code == models.ErrorCode.REVOKED_CREDENTIAL
print(f"the key {key.id} is refused: {refusal.message}")
