// Sine and cosine of whole turns, float32.

/** sin r / cos r for |r| ≤ π/4, Cephes' sinf and cosf; error below 1e-7. */
@inline
export function smallSine(r: v128): v128 {
  const s = f32x4.mul(r, r);
  let p = f32x4.splat(-1.9515295891e-4);
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(8.3321608736e-3));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(-1.6666654611e-1));
  return f32x4.add(r, f32x4.mul(f32x4.mul(p, s), r));
}

@inline
export function smallCosine(r: v128): v128 {
  const s = f32x4.mul(r, r);
  let p = f32x4.splat(2.443315711809948e-5);
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(-1.388731625493765e-3));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(4.166664568298827e-2));
  const half = f32x4.mul(f32x4.splat(0.5), s);
  return f32x4.add(f32x4.sub(f32x4.splat(1), half), f32x4.mul(p, f32x4.mul(s, s)));
}

/** sin 2πx. The whole turns are taken off exactly, so the error is 1e-7 plus that of x. */
@inline
export function sineOfTurns(x: v128): v128 {
  const t = f32x4.sub(x, f32x4.nearest(x));
  const quarters = f32x4.nearest(f32x4.mul(t, f32x4.splat(4)));
  const r = f32x4.mul(f32x4.sub(t, f32x4.mul(quarters, f32x4.splat(0.25))), f32x4.splat(6.283185307179586));
  return turned(i32x4.trunc_sat_f32x4_s(quarters), smallSine(r), smallCosine(r));
}

/** cos 2πx. */
@inline
export function cosineOfTurns(x: v128): v128 {
  const t = f32x4.sub(x, f32x4.nearest(x));
  const quarters = f32x4.nearest(f32x4.mul(t, f32x4.splat(4)));
  const r = f32x4.mul(f32x4.sub(t, f32x4.mul(quarters, f32x4.splat(0.25))), f32x4.splat(6.283185307179586));
  return turned(
    i32x4.add(i32x4.trunc_sat_f32x4_s(quarters), i32x4.splat(1)),
    smallSine(r),
    smallCosine(r),
  );
}

/** The sine after q quarter turns: sin, cos, −sin, −cos. */
@inline
function turned(q: v128, sine: v128, cosine: v128): v128 {
  const odd = i32x4.shr_s(i32x4.shl(q, 31), 31);
  const sign = i32x4.shl(i32x4.shr_u(q, 1), 31);
  return v128.xor(v128.bitselect(cosine, sine, odd), sign);
}
