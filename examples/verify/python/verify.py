"""Verifies a session token offline and prints its claims; exits with 1 if the token is refused.

COUNTERSIGN_URL=https://auth.example.com python verify.py < token.txt
"""

import json
import os
import sys

import jwt

URL = os.environ.get("COUNTERSIGN_URL", "http://127.0.0.1:8080")
ISSUER = os.environ.get("COUNTERSIGN_ISSUER", "countersign")  # `session.issuer` of the server
AUDIENCE = os.environ.get("COUNTERSIGN_AUDIENCE", "ocx")  # the dialect that the session was made in

# Kept for as long as the server allows, and fetched again for a token of a key that is not among them. So a key that is
# replaced needs nothing here.
KEYS = jwt.PyJWKClient(f"{URL}/.well-known/jwks.json", lifespan=300)


def verify(token: str) -> dict:
    return jwt.decode(
        token,
        KEYS.get_signing_key_from_jwt(token),
        algorithms=["EdDSA"],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": ["exp", "iss", "aud", "sub", "sid", "wallet"]},
    )


if __name__ == "__main__":
    try:
        print(json.dumps(verify((os.environ.get("COUNTERSIGN_TOKEN") or sys.stdin.read()).strip())))
    except jwt.PyJWKClientConnectionError:
        raise  # the server does not answer, which says nothing about the token
    except jwt.PyJWTError as error:
        sys.exit(f"refused: {error}")
