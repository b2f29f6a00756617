// Standard normals in tiles of 256: indices i and i + 128 of a tile share a block, and so a Box-Muller pair.
import { logOf } from "./exponential";
import { smallCosine, smallSine } from "./waves";
import { threefry4 } from "./threefry";

const TILE: i32 = 256;
const HALF: i32 = 128;
const scratch = memory.data(1024, 16);
const turns = memory.data(512, 16);

/** Normals for indices `first` … `first + count − 1`, all with the same counter. */
export function normals(k0: i32, k1: i32, first: i32, counter: i32, count: i32, out: usize): void {
  while (count > 0) {
    const within = first & (TILE - 1);
    const size = min(TILE - within, count);
    const block = (first >>> 8) * HALF;
    if (size == TILE) fillPairs(k0, k1, block, counter, out, 0, HALF);
    else part(k0, k1, block, counter, within, size, out);
    out += (<usize>size) << 2;
    first += size;
    count -= size;
  }
}

/** Some numbers of a tile: of the pairs, only those that hold one of them, where all are in the same half. */
function part(k0: i32, k1: i32, block: i32, counter: i32, within: i32, size: i32, out: usize): void {
  const last = within + size - 1;
  const isOneHalf = ((within ^ last) & HALF) == 0;
  const from = isOneHalf ? within & (HALF - 4) : 0;
  const to = isOneHalf ? (last & (HALF - 4)) + 4 : HALF;
  fillPairs(k0, k1, block, counter, scratch, from, to);
  memory.copy(out, scratch + ((<usize>within) << 2), (<usize>size) << 2);
}

/** Pairs from … to − 1 of a tile, in three short loops: one long one does not fit in what a processor looks ahead. */
function fillPairs(k0: i32, k1: i32, block: i32, counter: i32, out: usize, from: i32, to: i32): void {
  const half = (<usize>HALF) << 2;
  const start = (<usize>from) << 2;
  const end = (<usize>to) << 2;
  let index = i32x4.add(i32x4.splat(block + from), i32x4(0, 1, 2, 3));
  for (let at = start; at < end; at += 16) {
    const first = threefry4(k0, k1, index, counter, turns + at);
    v128.store(out + at, i32x4.shr_u(first, 8));
    index = i32x4.add(index, i32x4.splat(4));
  }
  for (let at = start; at < end; at += 16) {
    v128.store(out + at, f32x4.sqrt(minusTwoLog(v128.load(out + at))));
  }
  for (let at = start; at < end; at += 16) boxMuller(out + at, half, v128.load(turns + at));
}

/** From a radius at `at`, and an angle in units of 2π/2²⁴ less a half, to normals at `at` and `half` further. */
// @ts-ignore: decorator
@inline
function boxMuller(at: usize, half: usize, turn: v128): void {
  // The angle is (q + ½) quarter turns and r, |r| ≤ 45°; both are exact.
  const r = f32x4.mul(
    f32x4.add(
      f32x4.convert_i32x4_s(i32x4.sub(v128.and(turn, i32x4.splat(0x3fffff)), i32x4.splat(0x200000))),
      f32x4.splat(0.5),
    ),
    f32x4.splat(3.7450702829239286e-7),
  );
  const radius = f32x4.mul(v128.load(at), f32x4.splat(0.7071067811865476));
  const s = f32x4.mul(radius, smallSine(r));
  const c = f32x4.mul(radius, smallCosine(r));
  const along = f32x4.sub(c, s);
  const across = f32x4.add(c, s);
  // Quarter q of (cos, sin): (along, across), (−across, along), (−along, −across), (across, −along).
  const q = i32x4.shr_u(turn, 22);
  const odd = i32x4.shr_s(i32x4.shl(q, 31), 31);
  const upper = i32x4.shl(i32x4.shr_u(q, 1), 31);
  const flip = v128.xor(upper, i32x4.shl(q, 31));
  v128.store(at, v128.xor(v128.bitselect(across, along, odd), flip));
  v128.store(at + half, v128.xor(v128.bitselect(along, across, odd), upper));
}

/**
 * −2·log u for u = (k + ½)/2^24. Where u ≥ √½ the logarithm is that of 1 − (1 − u), with 1 − u from the whole
 * numbers: u itself would round.
 */
// @ts-ignore: decorator
@inline
function minusTwoLog(k: v128): v128 {
  const unit = f32x4.splat(5.960464477539063e-8);
  const u = f32x4.mul(f32x4.add(f32x4.convert_i32x4_s(k), f32x4.splat(0.5)), unit);
  const bits = i32x4.add(u, i32x4.splat(0x3f800000 - 0x3f3504f3));
  const e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(bits, 23), i32x4.splat(127)));
  const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const missing = f32x4.add(f32x4.convert_i32x4_s(i32x4.sub(i32x4.splat(0xffffff), k)), f32x4.splat(0.5));
  const near = f32x4.eq(e, f32x4.splat(0));
  const m = v128.bitselect(
    f32x4.neg(f32x4.mul(missing, unit)),
    f32x4.sub(mantissa, f32x4.splat(1)),
    near,
  );
  return f32x4.mul(f32x4.splat(-2), logOf(m, e));
}
