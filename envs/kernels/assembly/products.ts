import { sum4 } from "./lanes";

/** a·b over a row of so many bytes. */
export function dot(a: usize, b: usize, row: usize): f32 {
  const whole = row & ~15;
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16)
    sum = f32x4.add(sum, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  let total = sum4(sum);
  for (let at = whole; at < row; at += 4) total += load<f32>(a + at) * load<f32>(b + at);
  return total;
}

/** w·(a − b). */
export function differenceAlong(w: usize, a: usize, b: usize, row: usize): f32 {
  const whole = row & ~15;
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const z = f32x4.sub(v128.load(a + at), v128.load(b + at));
    sum = f32x4.add(sum, f32x4.mul(v128.load(w + at), z));
  }
  let total = sum4(sum);
  for (let at = whole; at < row; at += 4) total += load<f32>(w + at) * (load<f32>(a + at) - load<f32>(b + at));
  return total;
}
