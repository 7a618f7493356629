/*
 * Verifies signatures of Ed25519. Sections are those of RFC 8032.
 *
 * All that comes in here is public: keys, messages and signatures. So the code need not take the same time for each,
 * and does not: never sign with it.
 */
#include "ed25519.h"

#include <string.h>

#include "sha512.h"

__extension__ typedef unsigned __int128 wide;

/* ---- The field: integers modulo p = 2^255 - 19 ---- */

/* The number with these digits of 51 bits, lowest first. Digits may be up to 2^52, so that a number has many forms. */
typedef struct field {
  uint64_t digit[5];
} field;

#define DIGIT_BITS 51
#define DIGIT_MASK ((UINT64_C(1) << DIGIT_BITS) - 1)

static const field ZERO = {{0, 0, 0, 0, 0}};
static const field ONE = {{1, 0, 0, 0, 0}};

/* d of the curve, -121665/121666 (section 5.1). */
static const field CURVE_D = {
    {0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff}};

/* A square root of -1: 2^((p - 1) / 4) (section 5.1.3). */
static const field ROOT_OF_MINUS_ONE = {
    {0x61b274a0ea0b0, 0x0d5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d}};

/* Brings digits below 2^63 back below 2^52. What is beyond 2^255 comes back in at the bottom, 19 times. */
static field carry(field a) {
  uint64_t a0 = a.digit[0];
  uint64_t a1 = a.digit[1] + (a0 >> DIGIT_BITS);
  uint64_t a2 = a.digit[2] + (a1 >> DIGIT_BITS);
  uint64_t a3 = a.digit[3] + (a2 >> DIGIT_BITS);
  uint64_t a4 = a.digit[4] + (a3 >> DIGIT_BITS);
  a0 = (a0 & DIGIT_MASK) + 19 * (a4 >> DIGIT_BITS);
  return (field){{a0, a1 & DIGIT_MASK, a2 & DIGIT_MASK, a3 & DIGIT_MASK, a4 & DIGIT_MASK}};
}

static field add(field a, field b) {
  for (size_t i = 0; i < 5; i++) {
    a.digit[i] += b.digit[i];
  }
  return carry(a);
}

static field subtract(field a, field b) {
  /* The digits of 4p: each is above any digit of `b`, so that none of the differences is below zero. */
  static const field four_p = {
      {0x1fffffffffffb4, 0x1ffffffffffffc, 0x1ffffffffffffc, 0x1ffffffffffffc, 0x1ffffffffffffc}};
  for (size_t i = 0; i < 5; i++) {
    a.digit[i] += four_p.digit[i] - b.digit[i];
  }
  return carry(a);
}

static field multiply(field a, field b) {
  const uint64_t a0 = a.digit[0], a1 = a.digit[1], a2 = a.digit[2], a3 = a.digit[3], a4 = a.digit[4];
  const uint64_t b0 = b.digit[0], b1 = b.digit[1], b2 = b.digit[2], b3 = b.digit[3], b4 = b.digit[4];
  /* Five products below 2^109 for each digit. What belongs to digits 5 to 8 is 19 times as much at 0 to 3. */
  const uint64_t c1 = 19 * b1, c2 = 19 * b2, c3 = 19 * b3, c4 = 19 * b4;
  wide r0 = (wide)a0 * b0 + (wide)a1 * c4 + (wide)a2 * c3 + (wide)a3 * c2 + (wide)a4 * c1;
  wide r1 = (wide)a0 * b1 + (wide)a1 * b0 + (wide)a2 * c4 + (wide)a3 * c3 + (wide)a4 * c2;
  wide r2 = (wide)a0 * b2 + (wide)a1 * b1 + (wide)a2 * b0 + (wide)a3 * c4 + (wide)a4 * c3;
  wide r3 = (wide)a0 * b3 + (wide)a1 * b2 + (wide)a2 * b1 + (wide)a3 * b0 + (wide)a4 * c4;
  wide r4 = (wide)a0 * b4 + (wide)a1 * b3 + (wide)a2 * b2 + (wide)a3 * b1 + (wide)a4 * b0;
  r1 += r0 >> DIGIT_BITS;
  r2 += r1 >> DIGIT_BITS;
  r3 += r2 >> DIGIT_BITS;
  r4 += r3 >> DIGIT_BITS;
  /* The last sum has no factor 19, and is below 2^107: 19 times its upper part fits into 64 bits. */
  uint64_t beyond = 19 * (uint64_t)(r4 >> DIGIT_BITS);
  return carry((field){{((uint64_t)r0 & DIGIT_MASK) + beyond, (uint64_t)r1 & DIGIT_MASK, (uint64_t)r2 & DIGIT_MASK,
                        (uint64_t)r3 & DIGIT_MASK, (uint64_t)r4 & DIGIT_MASK}});
}

static field square(field a) { return multiply(a, a); }

/* Raises to a power. Of the exponent's bits the low eight are given; all above them are ones. */
static field power(field base, unsigned bits, unsigned low) {
  field result = ONE;
  for (unsigned bit = bits; bit-- > 0;) {
    result = square(result);
    if (bit >= 8 || (low >> bit & 1) != 0) {
      result = multiply(result, base);
    }
  }
  return result;
}

/* The inverse: to the power of p - 2 = 2^255 - 21. */
static field invert(field a) { return power(a, 255, 0xeb); }

/* Reads 32 bytes, the lowest first, without the highest bit (section 5.1.3). */
static field read_field(const uint8_t bytes[32]) {
  field a = ZERO;
  for (size_t bit = 0; bit < 255; bit++) {
    uint64_t is_set = bytes[bit / 8] >> (bit % 8) & 1;
    a.digit[bit / DIGIT_BITS] |= is_set << (bit % DIGIT_BITS);
  }
  return a;
}

/* Writes the one form below p (section 5.1.2). */
static void write_field(uint8_t bytes[32], field a) {
  a = carry(carry(a));
  /* Now it is below 2^255, and at least p if 19 more are not. */
  uint64_t is_beyond = 19;
  for (size_t i = 0; i < 5; i++) {
    is_beyond = (a.digit[i] + is_beyond) >> DIGIT_BITS;
  }
  a.digit[0] += 19 * is_beyond;
  for (size_t i = 0; i < 4; i++) {
    a.digit[i + 1] += a.digit[i] >> DIGIT_BITS;
    a.digit[i] &= DIGIT_MASK;
  }
  a.digit[4] &= DIGIT_MASK;
  memset(bytes, 0, 32);
  for (size_t bit = 0; bit < 255; bit++) {
    unsigned is_set = a.digit[bit / DIGIT_BITS] >> (bit % DIGIT_BITS) & 1;
    bytes[bit / 8] |= (uint8_t)(is_set << (bit % 8));
  }
}

static bool are_equal(field a, field b) {
  uint8_t left[32], right[32];
  write_field(left, a);
  write_field(right, b);
  return memcmp(left, right, 32) == 0;
}

/* The lowest bit of the one form below p: the sign of an x (section 5.1.2). */
static unsigned sign_of(field a) {
  uint8_t bytes[32];
  write_field(bytes, a);
  return bytes[0] & 1;
}

/* ---- The curve: -x^2 + y^2 = 1 + d x^2 y^2 ---- */

/* x = X/Z, y = Y/Z, xy = T/Z (section 5.1.4). */
typedef struct point {
  field x, y, z, t;
} point;

static const point NEUTRAL = {{{0}}, {{1}}, {{1}}, {{0}}};

/* B of section 5.1: y is 4/5, and x is even. */
static const point BASE = {
    {{0x62d608f25d51a, 0x412a4b4f6592a, 0x75b7171a4b31d, 0x1ff60527118fe, 0x216936d3cd6e5}},
    {{0x6666666666658, 0x4cccccccccccc, 0x1999999999999, 0x3333333333333, 0x6666666666666}},
    {{1}},
    {{0x68ab3a5b7dda3, 0x00eea2a5eadbb, 0x2af8df483c27e, 0x332b375274732, 0x67875f0fd78b7}}};

/* What both formulas of section 5.1.4 end with. */
static point combine(field e, field f, field g, field h) {
  return (point){multiply(e, f), multiply(g, h), multiply(f, g), multiply(e, h)};
}

/* Adds any two points: the formula has no exceptions (section 5.1.4). */
static point add_points(const point *p, const point *q) {
  field a = multiply(subtract(p->y, p->x), subtract(q->y, q->x));
  field b = multiply(add(p->y, p->x), add(q->y, q->x));
  field c = multiply(multiply(p->t, q->t), add(CURVE_D, CURVE_D));
  field zz = multiply(p->z, q->z);
  field d = add(zz, zz);
  return combine(subtract(b, a), subtract(d, c), add(d, c), add(b, a));
}

static point twice(const point *p) {
  field a = square(p->x);
  field b = square(p->y);
  field zz = square(p->z);
  field h = add(a, b);
  field e = subtract(h, square(add(p->x, p->y)));
  field g = subtract(a, b);
  return combine(e, add(add(zz, zz), g), g, h);
}

static point negate(const point *p) { return (point){subtract(ZERO, p->x), p->y, p->z, subtract(ZERO, p->t)}; }

/* Whether eight times the point is the neutral one. */
static bool is_of_small_order(const point *p) {
  point q = twice(p);
  q = twice(&q);
  q = twice(&q);
  return are_equal(q.x, ZERO) && are_equal(q.y, q.z);
}

/* Writes the one encoding of a point (section 5.1.2). */
static void write_point(uint8_t bytes[32], const point *p) {
  field inverse = invert(p->z);
  write_field(bytes, multiply(p->y, inverse));
  bytes[31] |= (uint8_t)(sign_of(multiply(p->x, inverse)) << 7);
}

/* Reads a point (section 5.1.3), if the bytes are its one encoding. */
static bool read_point(point *p, const uint8_t bytes[32]) {
  field y = read_field(bytes);
  /* x^2 = u / v. A candidate for the root is u v^3 (u v^7)^((p - 5) / 8), where (p - 5) / 8 = 2^252 - 3. */
  field u = subtract(square(y), ONE);
  field v = add(multiply(CURVE_D, square(y)), ONE);
  field v_3 = multiply(square(v), v);
  field v_7 = multiply(square(v_3), v);
  field x = multiply(multiply(u, v_3), power(multiply(u, v_7), 252, 0xfd));
  field v_xx = multiply(v, square(x));
  if (are_equal(v_xx, subtract(ZERO, u))) {
    x = multiply(x, ROOT_OF_MINUS_ONE);
  } else if (!are_equal(v_xx, u)) {
    return false;
  }
  if (sign_of(x) != bytes[31] >> 7) {
    x = subtract(ZERO, x);
  }
  *p = (point){x, y, ONE, multiply(x, y)};
  /* The second spelling of a number, p or more, is not what is written; nor is the sign of an x that is zero. */
  uint8_t again[32];
  write_field(again, y);
  again[31] |= (uint8_t)(sign_of(x) << 7);
  return memcmp(again, bytes, 32) == 0;
}

/* ---- Scalars: integers modulo L, the order of B ---- */

/* Digits of 64 bits, lowest first. */
typedef struct scalar {
  uint64_t digit[4];
} scalar;

/* L = 2^252 + 27742317777372353535851937790883648493 (section 5.1). */
static const scalar ORDER = {{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000}};

static bool is_below(const scalar *a, const scalar *b) {
  for (size_t i = 4; i-- > 0;) {
    if (a->digit[i] != b->digit[i]) {
      return a->digit[i] < b->digit[i];
    }
  }
  return false;
}

static unsigned bit_of(const scalar *a, size_t bit) { return a->digit[bit / 64] >> (bit % 64) & 1; }

/* Reads 32 bytes, the lowest first, whatever number they are. */
static scalar read_scalar(const uint8_t bytes[32]) {
  scalar a = {{0}};
  for (size_t i = 0; i < 32; i++) {
    a.digit[i / 8] |= (uint64_t)bytes[i] << (8 * (i % 8));
  }
  return a;
}

/* Reads 64 bytes, the lowest first, modulo L: bit by bit from the highest, by doubling what there is. */
static scalar reduce(const uint8_t bytes[64]) {
  scalar a = {{0}};
  for (size_t bit = 512; bit-- > 0;) {
    /* It was below L, which is below 2^253, and is now below 2L. */
    for (size_t i = 3; i > 0; i--) {
      a.digit[i] = a.digit[i] << 1 | a.digit[i - 1] >> 63;
    }
    a.digit[0] = a.digit[0] << 1 | (bytes[bit / 8] >> (bit % 8) & 1);
    if (is_below(&a, &ORDER)) {
      continue;
    }
    uint64_t borrowed = 0;
    for (size_t i = 0; i < 4; i++) {
      wide difference = (wide)a.digit[i] - ORDER.digit[i] - borrowed;
      a.digit[i] = (uint64_t)difference;
      borrowed = (uint64_t)(difference >> 64) & 1;
    }
  }
  return a;
}

/* ---- Verification (section 5.1.7) ---- */

/* s times B and k times another point, added: both at once, bit by bit from the highest. */
static point multiply_points(const scalar *s, const scalar *k, const point *other) {
  const point both = add_points(&BASE, other);
  const point *const added[4] = {NULL, &BASE, other, &both};
  point sum = NEUTRAL;
  for (size_t bit = 253; bit-- > 0;) {
    sum = twice(&sum);
    const point *now = added[bit_of(s, bit) | bit_of(k, bit) << 1];
    if (now != NULL) {
      sum = add_points(&sum, now);
    }
  }
  return sum;
}

static bool read_key(point *a, const uint8_t key[32]) { return read_point(a, key) && !is_of_small_order(a); }

bool ed25519_is_key(const uint8_t key[ED25519_KEY_LEN]) {
  point a;
  return read_key(&a, key);
}

bool ed25519_verify(const uint8_t key[ED25519_KEY_LEN], const uint8_t *message, size_t len,
                    const uint8_t signature[ED25519_SIGNATURE_LEN]) {
  point a;
  scalar s = read_scalar(signature + 32);
  if (!is_below(&s, &ORDER) || !read_key(&a, key)) {
    return false;
  }
  uint8_t digest[SHA512_LEN];
  sha512 hash;
  sha512_start(&hash);
  sha512_add(&hash, signature, 32);
  sha512_add(&hash, key, 32);
  sha512_add(&hash, message, len);
  sha512_finish(&hash, digest);
  /* Modulo L, as everybody takes it; it matters for keys that have a part of small order. */
  scalar k = reduce(digest);
  /* R = sB - kA. As it is written here in its one encoding, bytes that are another one, or no point, never match. */
  point minus_a = negate(&a);
  point r = multiply_points(&s, &k, &minus_a);
  uint8_t expected[32];
  write_point(expected, &r);
  return !is_of_small_order(&r) && memcmp(expected, signature, 32) == 0;
}
