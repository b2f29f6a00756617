import { threefry4, UNWANTED } from "./threefry";

/**
 * Marks by 1 the environments whose uniform number at `counter` is at least (threshold + ½)/2^24, and the others
 * by 0; returns how many there are. `changed` has room for four more.
 */
export function hazards(
  k0: i32,
  k1: i32,
  first: i32,
  counter: i32,
  threshold: i32,
  count: i32,
  changed: usize,
): i32 {
  let index = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  let total = 0;
  for (let n = 0; n < count; n += 4) {
    const k = i32x4.shr_u(threefry4(k0, k1, index, counter, UNWANTED), 8);
    let mask = i32x4.bitmask(i32x4.ge_s(k, i32x4.splat(threshold)));
    if (count - n < 4) mask &= (1 << (count - n)) - 1;
    total += i32.popcnt(mask);
    store<u8>(changed + n, <u8>(mask & 1));
    store<u8>(changed + n, <u8>((mask >> 1) & 1), 1);
    store<u8>(changed + n, <u8>((mask >> 2) & 1), 2);
    store<u8>(changed + n, <u8>(mask >> 3), 3);
    index = i32x4.add(index, i32x4.splat(4));
  }
  return total;
}

/** μ ← mean + survival·(μ − mean) + spread ⊙ normals, with mean and spread `[dimension]`, padded by 16 bytes. */
export function drift(
  minima: usize,
  mean: usize,
  spread: usize,
  normals: usize,
  survival: f32,
  count: i32,
  dimension: i32,
): void {
  const kept = f32x4.splat(survival);
  const row = (<usize>dimension) << 2;
  const whole = row & ~15;
  for (let n = 0; n < count; n++, minima += row, normals += row) {
    for (let at: usize = 0; at < whole; at += 16) {
      const m = v128.load(mean + at);
      const moved = f32x4.add(m, f32x4.mul(kept, f32x4.sub(v128.load(minima + at), m)));
      v128.store(
        minima + at,
        f32x4.add(moved, f32x4.mul(v128.load(spread + at), v128.load(normals + at))),
      );
    }
    for (let at = whole; at < row; at += 4) {
      const m = load<f32>(mean + at);
      const moved = m + survival * (load<f32>(minima + at) - m);
      store<f32>(minima + at, moved + load<f32>(spread + at) * load<f32>(normals + at));
    }
  }
}
