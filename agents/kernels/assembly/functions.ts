// Functions of four numbers.

/** Bounds of the argument, then the coefficients of numerator and denominator, highest power first. */
const TANH = memory.data<f32>([
  7.905311107635498, -7.905311107635498, -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11,
  5.12229709037114e-8, 1.48572235717979e-5, 6.37261928875436e-4, 4.89352455891786e-3, 1.19825839466702e-6,
  1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3,
]);

/**
 * tanh as an odd rational function of degree 13/6 on the clamped argument, absolute error below 5e-7
 * (the coefficients are those of Eigen's and XLA's single-precision tanh). The polynomials are added up in
 * pairs, which takes half as long as one term after another.
 */
@inline
export function tanh4(value: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(value, v128.load32_splat(TANH)), v128.load32_splat(TANH, 4));
  const s = f32x4.mul(x, x);
  const s2 = f32x4.mul(s, s);
  const p01 = pair(s, 28, 32);
  const p23 = pair(s, 20, 24);
  const p45 = pair(s, 12, 16);
  const high = f32x4.add(p45, f32x4.mul(s2, v128.load32_splat(TANH, 8)));
  const middle = f32x4.add(p23, f32x4.mul(s2, high));
  const p = f32x4.add(p01, f32x4.mul(s2, middle));
  const q = f32x4.add(pair(s, 44, 48), f32x4.mul(s2, pair(s, 36, 40)));
  return f32x4.div(f32x4.mul(x, p), q);
}

/** s times a coefficient plus the next, by their addresses. */
@inline
function pair(s: v128, first: usize, second: usize): v128 {
  return f32x4.add(f32x4.mul(s, v128.load32_splat(TANH + first)), v128.load32_splat(TANH + second));
}

/** tanh of eight numbers, to the same bits: each coefficient is fetched once for two vectors. */
@inline
export function tanhPair(from: usize, to: usize): void {
  let c = v128.load32_splat(TANH);
  let x = f32x4.pmin(v128.load(from), c);
  let y = f32x4.pmin(v128.load(from, 16), c);
  c = v128.load32_splat(TANH, 4);
  x = f32x4.pmax(x, c);
  y = f32x4.pmax(y, c);
  const s = f32x4.mul(x, x);
  const t = f32x4.mul(y, y);
  const s2 = f32x4.mul(s, s);
  const t2 = f32x4.mul(t, t);
  c = v128.load32_splat(TANH, 8);
  let p = f32x4.mul(s2, c);
  let q = f32x4.mul(t2, c);
  c = v128.load32_splat(TANH, 12);
  let d = v128.load32_splat(TANH, 16);
  p = f32x4.add(f32x4.add(f32x4.mul(s, c), d), p);
  q = f32x4.add(f32x4.add(f32x4.mul(t, c), d), q);
  c = v128.load32_splat(TANH, 20);
  d = v128.load32_splat(TANH, 24);
  p = f32x4.add(f32x4.add(f32x4.mul(s, c), d), f32x4.mul(s2, p));
  q = f32x4.add(f32x4.add(f32x4.mul(t, c), d), f32x4.mul(t2, q));
  c = v128.load32_splat(TANH, 28);
  d = v128.load32_splat(TANH, 32);
  p = f32x4.add(f32x4.add(f32x4.mul(s, c), d), f32x4.mul(s2, p));
  q = f32x4.add(f32x4.add(f32x4.mul(t, c), d), f32x4.mul(t2, q));
  p = f32x4.mul(x, p);
  q = f32x4.mul(y, q);
  c = v128.load32_splat(TANH, 36);
  d = v128.load32_splat(TANH, 40);
  x = f32x4.add(f32x4.mul(s, c), d);
  y = f32x4.add(f32x4.mul(t, c), d);
  c = v128.load32_splat(TANH, 44);
  d = v128.load32_splat(TANH, 48);
  x = f32x4.add(f32x4.add(f32x4.mul(s, c), d), f32x4.mul(s2, x));
  y = f32x4.add(f32x4.add(f32x4.mul(t, c), d), f32x4.mul(t2, y));
  v128.store(to, f32x4.div(p, x));
  v128.store(to, f32x4.div(q, y), 16);
}

@inline
export function sigmoid4(value: v128): v128 {
  const half = f32x4.splat(0.5);
  return f32x4.add(half, f32x4.mul(half, tanh4(f32x4.mul(half, value))));
}
