"""What Schemathesis cannot know by itself: what is beyond schemas, how a wallet signs, which header comes back."""

import json
import os
import re
import sys
import zlib
from pathlib import Path

import schemathesis

sys.path.append(str(Path(__file__).parent))
import wallets  # noqa: E402

# Some requests fit the document and get 400 all the same, because no schema can say what is wrong with them.
# The field that the answer blames, and the form that a schema can demand of it; what more there is to it is above each.
BEYOND_SCHEMAS = {
    # An address's form depends on the chain, and mixed case is a checksum (EIP-55).
    "walletAddress": r".*",
    "address": r".*",
    # Which chains are accepted is configuration.
    "chain": r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}",
    # Which kinds of key there are depends on the chain.
    "keyType": r".*",
    # The host bits of a CIDR block must be zero.
    "allowedIps": r"[0-9a-fA-F.:]+(/[0-9]{1,3})?",
}
# Faults of a whole message: its grammar (EIP-4361), and that it fits the server, the time and a live challenge.
BEYOND_SCHEMAS_CODES = {
    "INVALID_SIWE_MESSAGE",
    "NONCE_MISMATCH",
    "DOMAIN_MISMATCH",
    "URI_MISMATCH",
    "CHAIN_NOT_ALLOWED",
    "MESSAGE_EXPIRED",
    "MESSAGE_NOT_YET_VALID",
}


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops "schema-valid request rejected" where the answer gives one of the reasons above."""
    if failure.code != "ST202" or response.status_code != 400:
        return True
    answer = response.json()
    if "error_description" in answer:
        # Which texts are addresses; and a list in an unknown field is written as that field several times.
        return not answer["error_description"].startswith(("The field ip ", "The body has a field twice"))
    # The dialects put it in different places.
    fault = answer["error"] if isinstance(answer["error"], dict) else answer
    field, _, index = fault.get("details", {}).get("field", "/").removeprefix("/").partition("/")
    if fault.get("code") in BEYOND_SCHEMAS_CODES:
        return False
    if field not in case.body:
        # In OCX only some chains need a public key.
        return (field, case.operation.label) != ("publicKey", "POST /auth/verify")
    value = case.body[field][int(index)] if index else case.body[field]
    # No text holds NUL. To publish that would take a pattern in every string, each a type of its own in clients.
    return not isinstance(value, str) or not ("\0" in value or has_form(field, value))


def has_form(field, value):
    return field in BEYOND_SCHEMAS and re.fullmatch(BEYOND_SCHEMAS[field], value, re.DOTALL) is not None


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets a wallet ask and answer in some of the cases; what is generated is never its address or its signature."""
    if (case.path_parameters or {}).get("id") == os.environ.get("CONTRACT_OWN_KEY", ""):
        # A run that revokes the key it authenticates with gets nothing but 401 from then on.
        case.path_parameters["id"] = wallets.mint()["id"]
    act = WALLET.get(case.operation.label)
    if act and case.meta and case.meta.generation.mode.is_positive:
        case.body = act(case, is_chosen(case))


@schemathesis.hook
def after_call(context, case, response):
    """Keeps the challenges of our wallets, for when a link leads from them to their answers."""
    is_issued = case.operation.label.endswith("/auth/challenge") and response.status_code == 200
    if is_issued and case.body["address"] in wallets.addresses():
        challenge = response.json()
        # OCX names a challenge by an id, Aura by its text.
        ISSUED[challenge.get("challengeId") or challenge["challenge"]] = challenge


ISSUED = {}


def is_chosen(case):
    """The first of an operation in each phase and one in four of the others, so that a request sent again is the same."""
    generated = {field: value for field, value in case.body.items() if field not in ("challengeId", "challenge")}
    checksum = zlib.crc32(json.dumps(generated, sort_keys=True).encode())
    first = FIRST.setdefault((case.meta.phase.name, case.operation.label), checksum)
    return checksum == first or checksum % 4 == 0


FIRST = {}


def ask(chain):
    def act(case, chosen):
        # Links lead on from a challenge in the stateful phase; in the others the generated addresses are the test.
        return wallets.question(chain) if chosen and case.meta.phase.name == "stateful" else case.body

    return act


def sign_in(case, chosen):
    issued = ISSUED.get(case.body["challengeId"])
    return wallets.challenge_answer(issued) if issued or chosen else case.body


def mint(case, chosen):
    issued = ISSUED.get(case.body.get("challenge"))
    # A wallet has no say in the name and the scopes.
    kept = {field: case.body[field] for field in ("name", "scopes") if field in case.body}
    return wallets.mint_answer(issued) | kept if issued or chosen else case.body


WALLET = {
    "POST /auth/siwe": lambda case, chosen: wallets.siwe_answer() if chosen else case.body,
    "POST /auth/challenge": ask("ethereum"),
    "POST /auth/verify": sign_in,
    "POST /v1/auth/challenge": ask("alephium"),
    "POST /v1/auth/keys": mint,
}


@schemathesis.check
def request_id_is_sent_back(context, response, case):
    """A client's X-Request-Id comes back if it has the form that the documents tell, and no other does."""
    sent = response.request.headers.get("X-Request-Id")
    if sent is None:
        return
    has_form = re.fullmatch(r"[A-Za-z0-9._-]{1,64}", sent) is not None
    assert (response.headers.get("x-request-id") == [sent]) == has_form, f"sent {sent!r}"
