// Landscapes that are sums over coordinates, L = Σ share(zⱼ): four coordinates at a time.
import { cosineOfTurns, sineOfTurns } from "./waves";

export const QUADRATIC: i32 = 0;
export const DOUBLE_WELL: i32 = 1;
export const RASTRIGIN: i32 = 2;
export const STYBLINSKI_TANG: i32 = 3;
export const SADDLE: i32 = 4;
export const LEVY: i32 = 5;

/**
 * What tells coordinates apart, of which `at` is the address: the curvatures h of a parabola; marks of the first
 * coordinate of a double well and of the last of a saddle; Lévy's are 1 for the first and 2 for the last, added up.
 */
@inline
export function particular4(family: i32, at: usize): v128 {
  return family == RASTRIGIN || family == STYBLINSKI_TANG ? f32x4.splat(0) : v128.load(at);
}

/** ∂L/∂z. `shape` is the tilt of a double well, the amplitude of Rastrigin's waves, the descent of a saddle. */
@inline
export function slope4(family: i32, z: v128, h: v128, shape: v128): v128 {
  if (family == QUADRATIC) return f32x4.mul(h, z);
  if (family == DOUBLE_WELL) {
    const well = f32x4.sub(f32x4.mul(z, z), f32x4.splat(1));
    const x = f32x4.sub(f32x4.mul(f32x4.mul(f32x4.splat(4), z), well), shape);
    return v128.bitselect(x, f32x4.add(z, z), isMarked(h));
  }
  if (family == RASTRIGIN) {
    const wave = f32x4.mul(f32x4.mul(shape, f32x4.splat(6.283185307179586)), sineOfTurns(z));
    return f32x4.add(f32x4.add(z, z), wave);
  }
  if (family == SADDLE) {
    const y = f32x4.mul(z, f32x4.sub(f32x4.mul(z, z), shape));
    return v128.bitselect(y, z, isMarked(h));
  }
  if (family == LEVY) {
    const u = levyPlace(z);
    const last = isLast(h);
    const turns = levyTurns(u, last);
    const sine = sineOfTurns(turns);
    const amplitude = levyAmplitude(last);
    const factor = f32x4.add(f32x4.splat(1), f32x4.mul(amplitude, f32x4.mul(sine, sine)));
    // a·ω/2, ω of p = ωu + φ.
    const wave = f32x4.mul(f32x4.mul(amplitude, levyHalfFrequency(last)), f32x4.mul(sine, cosineOfTurns(turns)));
    const usual = f32x4.mul(u, f32x4.add(f32x4.mul(f32x4.splat(0.5), factor), f32x4.mul(u, wave)));
    const first = f32x4.mul(f32x4.splat(0.7853981633974483), sineOfTurns(u));
    return f32x4.add(usual, v128.and(isFirst(h), first));
  }
  const cubic = f32x4.sub(f32x4.mul(z, z), f32x4.splat(8));
  return f32x4.add(f32x4.mul(f32x4.add(z, z), cubic), f32x4.splat(2.5));
}

/** The share of each coordinate in L, with its slope at hand, in the unit of `loss4`. */
@inline
export function share4(family: i32, z: v128, slope: v128, h: v128, shape: v128): v128 {
  const s = f32x4.mul(z, z);
  if (family == QUADRATIC) return f32x4.mul(slope, z);
  if (family == DOUBLE_WELL) {
    const well = f32x4.sub(s, f32x4.splat(1));
    const x = f32x4.sub(f32x4.mul(well, well), f32x4.mul(shape, z));
    return v128.bitselect(x, s, isMarked(h));
  }
  if (family == RASTRIGIN) {
    return f32x4.add(s, f32x4.mul(shape, f32x4.sub(f32x4.splat(1), cosineOfTurns(z))));
  }
  if (family == SADDLE) {
    const half = f32x4.mul(f32x4.splat(0.5), s);
    const y = f32x4.mul(half, f32x4.sub(half, shape));
    return v128.bitselect(y, half, isMarked(h));
  }
  if (family == LEVY) {
    const u = levyPlace(z);
    const last = isLast(h);
    const sine = sineOfTurns(levyTurns(u, last));
    const factor = f32x4.add(f32x4.splat(1), f32x4.mul(levyAmplitude(last), f32x4.mul(sine, sine)));
    const first = sineOfTurns(f32x4.mul(f32x4.splat(0.5), u));
    return f32x4.add(f32x4.mul(f32x4.mul(u, u), factor), v128.and(isFirst(h), f32x4.mul(first, first)));
  }
  const quartic = f32x4.mul(s, f32x4.sub(s, f32x4.splat(16)));
  return f32x4.mul(f32x4.splat(0.5), f32x4.add(quartic, f32x4.mul(f32x4.splat(5), z)));
}

/** L from sums of shares. */
@inline
export function loss4(family: i32, shares: v128): v128 {
  return family == QUADRATIC ? f32x4.mul(f32x4.splat(0.5), shares) : shares;
}

/** ∂²L/∂z². */
@inline
export function bend4(family: i32, z: v128, h: v128, shape: v128): v128 {
  if (family == QUADRATIC) return h;
  const s = f32x4.mul(z, z);
  if (family == DOUBLE_WELL) {
    const x = f32x4.sub(f32x4.mul(f32x4.splat(12), s), f32x4.splat(4));
    return v128.bitselect(x, f32x4.splat(2), isMarked(h));
  }
  if (family == RASTRIGIN) {
    const wave = f32x4.mul(f32x4.mul(shape, f32x4.splat(39.47841760435743)), cosineOfTurns(z));
    return f32x4.add(f32x4.splat(2), wave);
  }
  if (family == SADDLE) {
    return v128.bitselect(f32x4.sub(f32x4.mul(f32x4.splat(3), s), shape), f32x4.splat(1), isMarked(h));
  }
  if (family == LEVY) {
    const u = levyPlace(z);
    const last = isLast(h);
    const turns = levyTurns(u, last);
    const sine = sineOfTurns(turns);
    const squared = f32x4.mul(sine, sine);
    const amplitude = levyAmplitude(last);
    const factor = f32x4.add(f32x4.splat(1), f32x4.mul(amplitude, squared));
    const halfFrequency = levyHalfFrequency(last);
    const wave = f32x4.mul(f32x4.mul(amplitude, halfFrequency), f32x4.mul(sine, cosineOfTurns(turns)));
    // a·ω²/8·cos 2p.
    const swing = f32x4.mul(
      f32x4.mul(f32x4.mul(f32x4.splat(0.5), amplitude), f32x4.mul(halfFrequency, halfFrequency)),
      f32x4.sub(f32x4.splat(1), f32x4.add(squared, squared)),
    );
    const usual = f32x4.add(
      f32x4.mul(f32x4.splat(0.125), factor),
      f32x4.mul(u, f32x4.add(wave, f32x4.mul(u, swing))),
    );
    const first = f32x4.mul(f32x4.splat(1.2337005501361697), cosineOfTurns(u));
    return f32x4.add(usual, v128.and(isFirst(h), first));
  }
  return f32x4.sub(f32x4.mul(f32x4.splat(6), s), f32x4.splat(16));
}

@inline
function isMarked(h: v128): v128 {
  return f32x4.gt(h, f32x4.splat(0));
}

@inline
function isLast(h: v128): v128 {
  return f32x4.ge(h, f32x4.splat(2));
}

@inline
function isFirst(h: v128): v128 {
  return v128.or(f32x4.eq(h, f32x4.splat(1)), f32x4.eq(h, f32x4.splat(3)));
}

/** u = (z − 1)/4. */
@inline
function levyPlace(z: v128): v128 {
  return f32x4.mul(f32x4.splat(0.25), f32x4.sub(z, f32x4.splat(1)));
}

/** p/2π: (πu + π + 1)/2π, or 2πu/2π for the last. */
@inline
function levyTurns(u: v128, last: v128): v128 {
  const usual = f32x4.add(f32x4.mul(f32x4.splat(0.5), u), f32x4.splat(0.6591549430918953));
  return v128.bitselect(u, usual, last);
}

@inline
function levyAmplitude(last: v128): v128 {
  return v128.bitselect(f32x4.splat(1), f32x4.splat(10), last);
}

@inline
function levyHalfFrequency(last: v128): v128 {
  return v128.bitselect(f32x4.splat(3.141592653589793), f32x4.splat(1.5707963267948966), last);
}
