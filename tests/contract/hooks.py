"""What Schemathesis cannot know by itself: how a wallet signs, and which faults are beyond a schema."""

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
# By the field that the answer blames: the form a schema can demand; what lies beyond it is above the line.
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
    # The dialects put it in different places.
    fault = answer["error"] if isinstance(answer["error"], dict) else answer
    field, _, index = fault.get("details", {}).get("field", "/").removeprefix("/").partition("/")
    if fault["code"] in BEYOND_SCHEMAS_CODES:
        return False
    if field not in case.body:
        # Only some chains need a public key.
        return field != "publicKey"
    value = case.body[field][int(index)] if index else case.body[field]
    # No text holds NUL. To publish that would take a pattern in every string, each a type of its own in clients.
    return not isinstance(value, str) or not ("\0" in value or has_form(field, value))


def has_form(field, value):
    return field in BEYOND_SCHEMAS and re.fullmatch(BEYOND_SCHEMAS[field], value, re.DOTALL) is not None


@schemathesis.hook
def before_call(context, case, kwargs):
    """Answers some challenges as a wallet does; a generated signature is never right."""
    if (case.path_parameters or {}).get("id") == os.environ.get("CONTRACT_OWN_KEY", ""):
        # A run that revokes the key it authenticates with gets nothing but 401 from then on.
        case.path_parameters["id"] = wallets.mint()["id"]
    answer = ANSWERS.get(case.operation.label)
    if answer and case.meta and case.meta.generation.mode.is_positive and is_chosen(case):
        case.body = answer(case.body)


def is_chosen(case):
    """The first of an operation in each phase and one in four of the others, so that a request sent again is the same."""
    checksum = zlib.crc32(json.dumps(case.body, sort_keys=True).encode())
    first = FIRST.setdefault((case.meta.phase.name, case.operation.label), checksum)
    return checksum == first or checksum % 4 == 0


FIRST = {}


def mint_answer(generated):
    """A wallet has no say in the name and the scopes."""
    kept = {field: generated[field] for field in ("name", "scopes") if field in generated}
    return wallets.mint_answer() | kept


ANSWERS = {
    "POST /auth/siwe": lambda _: wallets.siwe_answer(),
    "POST /auth/verify": lambda _: wallets.challenge_answer(),
    "POST /v1/auth/keys": mint_answer,
}
