// Normal numbers from a counter: Threefry-2x32 with 13 rounds, then Box-Muller by polynomials. Plain loops
// without branches, which the compiler turns into vectors of whatever width the target has.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
  uint32_t high, low;
} key_t2;

static inline uint32_t rotated(uint32_t x, int by) { return (x << by) | (x >> (32 - by)); }

#define ROUND(by) \
  x += y;         \
  y = rotated(y, by) ^ x;

static inline void threefry(key_t2 key, uint32_t counter0, uint32_t counter1, uint32_t *first, uint32_t *second) {
  const uint32_t k0 = key.high, k1 = key.low, k2 = 0x1bd11bdau ^ k0 ^ k1;
  uint32_t x = counter0 + k0, y = counter1 + k1;
  ROUND(13) ROUND(15) ROUND(26) ROUND(6)
  x += k1, y += k2 + 1;
  ROUND(17) ROUND(29) ROUND(16) ROUND(24)
  x += k2, y += k0 + 2;
  ROUND(13) ROUND(15) ROUND(26) ROUND(6)
  x += k0, y += k1 + 3;
  ROUND(17)
  *first = x, *second = y;
}

static inline float as_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t as_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/** log x of a normal positive number: Cephes' logf. */
static inline float log_poly(float x) {
  // x = 2^e · (1 + m), 1 + m in [√½, √2): the offset carries into the exponent where it is beyond.
  const uint32_t bits = as_bits(x) + (0x3f800000u - 0x3f3504f3u);
  const float e = (float)((int32_t)(bits >> 23) - 127);
  const float m = as_float((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  const float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m - 1.151461031e-1f;
  p = p * m + 1.167699874e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  return m + (p * m * z - 0.5f * z) + e * 0.69314718056f;
}

/** Blocks drawn at once. */
#define DRAWS 128

/**
 * The normals of counters `from` … `from + DRAWS − 1`: cosines to `first`, sines to `second`. One short loop for each
 * part: a single long one would not fit the window in which the processor overlaps its iterations.
 */
static inline void fill_normals(key_t2 key, uint32_t from, uint32_t counter, float *restrict first, float *restrict second) {
  uint32_t a[DRAWS], b[DRAWS];
  float radius[DRAWS], sine[DRAWS], cosine[DRAWS];
  for (int i = 0; i < DRAWS; i++) threefry(key, from + (uint32_t)i, counter, a + i, b + i);
  for (int i = 0; i < DRAWS; i++)
    radius[i] = sqrtf(-2.0f * log_poly(((float)(int32_t)(a[i] >> 8) + 0.5f) * 0x1p-24f));
  for (int i = 0; i < DRAWS; i++) {
    // The angle is a quarter (2 bits of b) and a part r in (-½, ½) of one, in units of π/2.
    const float r = (float)(int32_t)((b[i] >> 8) & 0x3fffffu) * 0x1p-22f + (0x1p-23f - 0.5f);
    const float s = r * r;
    float p = 0.0001604412f, q = -0.0000252042f;
    p = p * s - 0.0046817541f, q = q * s + 0.0009192602f;
    p = p * s + 0.0796926260f, q = q * s - 0.0208634807f;
    p = p * s - 0.6459640976f, q = q * s + 0.2536695079f;
    p = p * s + 1.5707963268f, q = q * s - 1.2337005501f;
    sine[i] = p * r, cosine[i] = q * s + 1.0f;
  }
  for (int i = 0; i < DRAWS; i++) {
    const uint32_t quarter = b[i] >> 30, swap = 0u - (quarter & 1u);
    const uint32_t difference = (as_bits(cosine[i]) ^ as_bits(sine[i])) & swap;
    first[i] = radius[i] * as_float(as_bits(cosine[i]) ^ difference ^ (((quarter + 1u) & 2u) << 30));
    second[i] = radius[i] * as_float(as_bits(sine[i]) ^ difference ^ ((quarter & 2u) << 30));
  }
}
