// Operations on rows of lanes, `count` of them, a multiple of 8. See `FeatureOperations` for the equations.

/** out = factor · x, or added. */
export function scale(factor: f32, x: usize, out: usize, accumulate: bool, count: i32): void {
  const f = f32x4.splat(factor);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, out += 16) {
    const value = f32x4.mul(f, v128.load(x));
    v128.store(out, accumulate ? f32x4.add(v128.load(out), value) : value);
  }
}

/** out = factor · x ⊙ y, or added. */
export function product(factor: f32, x: usize, y: usize, out: usize, accumulate: bool, count: i32): void {
  const f = f32x4.splat(factor);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, y += 16, out += 16) {
    const value = f32x4.mul(f, f32x4.mul(v128.load(x), v128.load(y)));
    v128.store(out, accumulate ? f32x4.add(v128.load(out), value) : value);
  }
}

/** out = (x − center)/scale. */
export function standardise(center: usize, scale: f32, x: usize, out: usize, count: i32): void {
  const s = f32x4.splat(scale);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, center += 16, out += 16) {
    v128.store(out, f32x4.div(f32x4.sub(v128.load(x), v128.load(center)), s));
  }
}

/** x = min(max(x, −limit), limit). */
export function clamp(limit: f32, x: usize, count: i32): void {
  const high = f32x4.splat(limit);
  const low = f32x4.splat(-limit);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16) v128.store(x, f32x4.min(f32x4.max(v128.load(x), low), high));
}

/** after = (1 − fresh) · before + fresh · source. */
export function blend(fresh: f32, source: usize, before: usize, after: usize, count: i32): void {
  const b = f32x4.splat(fresh);
  const kept = f32x4.splat(1 - fresh);
  const end = source + ((<usize>count) << 2);
  for (; source < end; source += 16, before += 16, after += 16) {
    v128.store(after, f32x4.add(f32x4.mul(kept, v128.load(before)), f32x4.mul(b, v128.load(source))));
  }
}

/** sourceGradient += fresh · gradient; gradient *= 1 − fresh. */
export function blendGradient(fresh: f32, gradient: usize, sourceGradient: usize, count: i32): void {
  const b = f32x4.splat(fresh);
  const kept = f32x4.splat(1 - fresh);
  const end = gradient + ((<usize>count) << 2);
  for (; gradient < end; gradient += 16, sourceGradient += 16) {
    const g = v128.load(gradient);
    v128.store(sourceGradient, f32x4.add(v128.load(sourceGradient), f32x4.mul(b, g)));
    v128.store(gradient, f32x4.mul(kept, g));
  }
}
