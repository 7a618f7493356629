/* Signatures of Ed25519 (RFC 8032), checked strictly. */
#ifndef ED25519_H
#define ED25519_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ED25519_KEY_LEN 32
#define ED25519_SIGNATURE_LEN 64

/* Whether one wallet can hold this key: it is a point of the curve, in its one encoding, and not of small order. */
bool ed25519_is_key(const uint8_t key[ED25519_KEY_LEN]);

/*
 * Whether the signature is one of exactly this message by this key. With `len` 0, `message` may be null.
 *
 * Refused besides what RFC 8032 refuses: a key for which ed25519_is_key() is false, and R of small order. The equation
 * is the one without the cofactor. So nobody makes a second signature from a first, and no signature fits two messages.
 */
bool ed25519_verify(const uint8_t key[ED25519_KEY_LEN], const uint8_t *message, size_t len,
                    const uint8_t signature[ED25519_SIGNATURE_LEN]);

#endif /* ED25519_H */
