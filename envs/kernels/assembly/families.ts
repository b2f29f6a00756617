// Landscapes that are sums over coordinates, L = Σ share(zⱼ): four coordinates at a time. A share at z = 0 is 0.
import { cosineOfTurns, sineOfTurns } from "./waves";

export const QUADRATIC: i32 = 0;
export const DOUBLE_WELL: i32 = 1;
export const RASTRIGIN: i32 = 2;
export const STYBLINSKI_TANG: i32 = 3;

/**
 * ∂L/∂z. `h` is the curvature of a parabola; `first` marks the first coordinate of an environment; `shape` is
 * the tilt of a double well, the amplitude of Rastrigin's waves.
 */
// @ts-ignore: decorator
@inline
export function slope4(family: i32, z: v128, h: v128, first: v128, shape: v128): v128 {
  if (family == QUADRATIC) return f32x4.mul(h, z);
  if (family == DOUBLE_WELL) {
    const well = f32x4.sub(f32x4.mul(z, z), f32x4.splat(1));
    const x = f32x4.sub(f32x4.mul(f32x4.mul(f32x4.splat(4), z), well), shape);
    return v128.bitselect(x, f32x4.add(z, z), first);
  }
  if (family == RASTRIGIN) {
    const wave = f32x4.mul(f32x4.mul(shape, f32x4.splat(6.283185307179586)), sineOfTurns(z));
    return f32x4.add(f32x4.add(z, z), wave);
  }
  const cubic = f32x4.sub(f32x4.mul(z, z), f32x4.splat(8));
  return f32x4.add(f32x4.mul(f32x4.add(z, z), cubic), f32x4.splat(2.5));
}

/** The share of each coordinate in L, with its slope at hand. */
// @ts-ignore: decorator
@inline
export function share4(family: i32, z: v128, slope: v128, first: v128, shape: v128): v128 {
  const s = f32x4.mul(z, z);
  if (family == QUADRATIC) return f32x4.mul(f32x4.mul(f32x4.splat(0.5), slope), z);
  if (family == DOUBLE_WELL) {
    const well = f32x4.sub(s, f32x4.splat(1));
    const x = f32x4.sub(f32x4.mul(well, well), f32x4.mul(shape, z));
    return v128.bitselect(x, s, first);
  }
  if (family == RASTRIGIN) {
    return f32x4.add(s, f32x4.mul(shape, f32x4.sub(f32x4.splat(1), cosineOfTurns(z))));
  }
  const quartic = f32x4.mul(s, f32x4.sub(s, f32x4.splat(16)));
  return f32x4.mul(f32x4.splat(0.5), f32x4.add(quartic, f32x4.mul(f32x4.splat(5), z)));
}

/** ∂²L/∂z². */
// @ts-ignore: decorator
@inline
export function bend4(family: i32, z: v128, h: v128, first: v128, shape: v128): v128 {
  if (family == QUADRATIC) return h;
  const s = f32x4.mul(z, z);
  if (family == DOUBLE_WELL) {
    const x = f32x4.sub(f32x4.mul(f32x4.splat(12), s), f32x4.splat(4));
    return v128.bitselect(x, f32x4.splat(2), first);
  }
  if (family == RASTRIGIN) {
    const wave = f32x4.mul(f32x4.mul(shape, f32x4.splat(39.47841760435743)), cosineOfTurns(z));
    return f32x4.add(f32x4.splat(2), wave);
  }
  return f32x4.sub(f32x4.mul(f32x4.splat(6), s), f32x4.splat(16));
}
