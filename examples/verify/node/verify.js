// Verifies a session token offline and prints its claims; exits with 1 if the token is refused.
//
//   COUNTERSIGN_URL=https://auth.example.com node verify.js < token.txt

import { readFileSync } from "node:fs";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const {
  COUNTERSIGN_URL = "http://127.0.0.1:8080",
  COUNTERSIGN_ISSUER = "countersign", // `session.issuer` of the server
  COUNTERSIGN_AUDIENCE = "ocx", // the dialect that the session was made in
  COUNTERSIGN_TOKEN,
} = process.env;

// Kept for as long as the server allows, and fetched again for a token of a key that is not among them. So a key that
// is replaced needs nothing here.
const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", COUNTERSIGN_URL), { cacheMaxAge: 300_000 });

async function verify(token) {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ["EdDSA"],
    issuer: COUNTERSIGN_ISSUER,
    audience: COUNTERSIGN_AUDIENCE,
    requiredClaims: ["exp", "sub", "sid", "wallet"],
  });
  return payload;
}

try {
  console.log(JSON.stringify(await verify((COUNTERSIGN_TOKEN ?? readFileSync(0, "utf8")).trim())));
} catch (error) {
  // A server that does not answer says nothing about the token.
  const isVerdict = error instanceof errors.JOSEError && !["ERR_JWKS_TIMEOUT", "ERR_JOSE_GENERIC"].includes(error.code);
  if (!isVerdict) throw error;
  console.error(`refused: ${error.message}`);
  process.exitCode = 1;
}
