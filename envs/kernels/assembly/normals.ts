// Standard normals in tiles of 256: indices i and i + 128 of a tile share a block, and so a Box-Muller pair.
import { thirdOrder } from "./exponential";
import { smallCosine, smallSine } from "./waves";
import { threefry4 } from "./threefry";

const TILE: i32 = 256;
const HALF: i32 = 128;
const scratch = memory.data(1024, 16);
const turns = memory.data(512, 16);
/** In memory, since V8 makes what is known beforehand anew in every turn. */
const FOURS = memory.data<u32>([4, 4, 4, 4], 16);

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
  let at = start;
  do {
    const first = threefry4(k0, k1, index, counter, turns + at);
    v128.store(out + at, i32x4.shr_u(first, 8));
    index = i32x4.add(index, v128.load(FOURS));
    at += 16;
  } while (at < end);
  at = start;
  do {
    v128.store(out + at, f32x4.sqrt(minusLog(v128.load(out + at))));
    at += 16;
  } while (at < end);
  at = start;
  do {
    boxMuller(out + at, half, v128.load(turns + at));
    at += 16;
  } while (at < end);
}

/** From a radius over √2 at `at`, and a word that tells an angle, to normals at `at` and `half` further. */
@inline
function boxMuller(at: usize, half: usize, word: v128): void {
  // The upper 24 bits are the angle in units of 2π/2²⁴ less a half: q + ½ quarter turns and r, |r| ≤ 45°; all exact.
  const part = v128.and(word, i32x4.splat(0x3fffff00));
  const r = f32x4.mul(
    f32x4.sub(f32x4.convert_i32x4_s(part), f32x4.splat(256 * (0x1fffff + 0.5))),
    f32x4.splat(3.7450702829239286e-7 / 256),
  );
  const sign = i32x4.splat(0x80000000);
  const radius = v128.xor(v128.load(at), v128.and(word, sign));
  const c = f32x4.mul(radius, smallCosine(r));
  // Quarter q of (cos, sin): (c − s, c + s), (−c − s, c − s), (s − c, −c − s), (c + s, s − c).
  const odd = v128.and(i32x4.shl(word, 1), sign);
  const s = v128.xor(f32x4.mul(radius, smallSine(r)), odd);
  v128.store(at, v128.xor(f32x4.sub(c, s), odd));
  v128.store(at + half, f32x4.add(c, s));
}

/** −log u for u = (k + ½)/2²⁴. */
@inline
function minusLog(k: v128): v128 {
  const one = f32x4.splat(1);
  const whole = f32x4.convert_i32x4_s(k);
  const x = f32x4.add(whole, f32x4.splat(0.5));
  // u = 2^e·(1 + m) with 1 + m in [√½, √2). Beyond 2²³ x has no room for the half, which m gets back.
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3 + (24 << 23)));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const lost = f32x4.add(f32x4.sub(whole, x), f32x4.splat(0.5));
  const m = f32x4.add(f32x4.sub(mantissa, one), f32x4.mul(lost, f32x4.splat(5.960464477539063e-8)));
  const bend = f32x4.sub(f32x4.splat(0.5), f32x4.mul(m, thirdOrder(m)));
  const nearOne = f32x4.sub(f32x4.mul(f32x4.mul(m, m), bend), m);
  return f32x4.sub(nearOne, f32x4.mul(e, f32x4.splat(0.6931471805599453)));
}
