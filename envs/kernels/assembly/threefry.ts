// Threefry-2x32 with 13 rounds on four counters at once: the generator of envs/core/random.ts, bit for bit.

const PARITY: i32 = 0x1bd11bda;

/** Where the second words go that nobody wants. */
export const UNWANTED = memory.data(16, 16);

@inline
function rotated(y: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(y, bits), i32x4.shr_u(y, 32 - bits));
}

/** Rotated by 16 bits: the halves change places. */
@inline
function halfTurned(y: v128): v128 {
  return v128.shuffle<i16>(y, y, 1, 0, 3, 2, 5, 4, 7, 6);
}

/** The first words of the blocks of counters (index, counter), by lanes; the other ones go to `second`. */
@inline
export function threefry4(k0: i32, k1: i32, index: v128, counter: i32, second: usize): v128 {
  const k2 = PARITY ^ k0 ^ k1;
  // The first additions together: all but the index is the same in each lane, and in each call of a loop.
  let x = i32x4.add(index, i32x4.splat(k0 + k1 + counter));
  let y = v128.xor(i32x4.splat(rotl(counter + k1, 13)), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 15), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 26), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 6), x);
  x = i32x4.add(x, i32x4.splat(k1));
  y = i32x4.add(y, i32x4.splat(k2 + 1));
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 17), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 29), x);
  x = i32x4.add(x, y);
  y = v128.xor(halfTurned(y), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 24), x);
  x = i32x4.add(x, i32x4.splat(k2));
  y = i32x4.add(y, i32x4.splat(k0 + 2));
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 13), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 15), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 26), x);
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 6), x);
  x = i32x4.add(x, i32x4.splat(k0));
  y = i32x4.add(y, i32x4.splat(k1 + 3));
  x = i32x4.add(x, y);
  y = v128.xor(rotated(y, 17), x);
  v128.store(second, y);
  return x;
}
