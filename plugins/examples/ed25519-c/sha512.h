/* SHA-512 (FIPS 180-4). */
#ifndef SHA512_H
#define SHA512_H

#include <stddef.h>
#include <stdint.h>

#define SHA512_LEN 64

/* A hash that is being made. */
typedef struct sha512 {
  uint64_t state[8];
  uint8_t block[128]; /* what does not fill a block yet */
  size_t filled;      /* bytes in it, always below 128 */
  uint64_t len;       /* bytes that came in so far */
} sha512;

void sha512_start(sha512 *hash);

/* Takes in `len` more bytes. With `len` 0, `bytes` may be null. */
void sha512_add(sha512 *hash, const uint8_t *bytes, size_t len);

/* Writes the hash. `hash` is used up. */
void sha512_finish(sha512 *hash, uint8_t out[SHA512_LEN]);

#endif /* SHA512_H */
