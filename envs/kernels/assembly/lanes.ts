/** Ones in the first r lanes, r = 0 … 3. */
const MASKS = memory.data<u32>([0, 0, 0, 0, 0xffffffff, 0, 0, 0, 0xffffffff, 0xffffffff, 0, 0, 0xffffffff, 0xffffffff, 0xffffffff, 0]);

@inline
export function firstLanes(r: usize): v128 {
  return v128.load(MASKS + (r << 4));
}

/** Stores the first r lanes, r = 1 … 3. */
@inline
export function storeFirst(at: usize, value: v128, r: usize): void {
  if (r == 1) {
    v128.store32_lane(at, value, 0);
  } else {
    v128.store64_lane(at, value, 0);
    if (r == 3) v128.store32_lane(at, value, 2, 8);
  }
}

@inline
export function sum4(value: v128): f32 {
  const pairs = f32x4.add(value, v128.shuffle<f32>(value, value, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** A number less itself is 0, unless it is not finite. */
@inline
export function nonFinite(value: f32): bool {
  return value - value != 0;
}
