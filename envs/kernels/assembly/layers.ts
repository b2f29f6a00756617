// Matrix products of a network's layers over a block of examples, in float64. Matrices are row-major, and all
// three functions add to `out`. Two units and four examples are treated at once, so that a number loaded is used
// often; where fewer are left, the first stands in for the missing ones and what comes of it is not used.

const BYTES: usize = 8;

@inline
function sum2(value: v128): f64 {
  return f64x2.extract_lane(value, 0) + f64x2.extract_lane(value, 1);
}

@inline
function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b));
}

@inline
function increase(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}

/** out `[rows, units]` += X Wᵀ, for inputs X `[rows, inputs]` and weights W `[units, inputs]`. */
export function addProducts(x: usize, rows: i32, inputs: i32, weights: usize, units: i32, out: usize): void {
  for (let e = 0; e < rows; e += 4) {
    for (let u = 0; u < units; u += 2) {
      addTile(x, rows - e, inputs, weights + BYTES * <usize>(u * inputs), units, units - u, out + BYTES * <usize>u);
    }
    x += BYTES * <usize>(4 * inputs);
    out += BYTES * <usize>(4 * units);
  }
}

/** Up to four rows of X by up to two of W. */
@inline
function addTile(x: usize, rows: i32, inputs: i32, w: usize, units: i32, unitsLeft: i32, out: usize): void {
  const row = BYTES * <usize>inputs;
  const x1 = rows > 1 ? row : 0;
  const x2 = rows > 2 ? 2 * row : 0;
  const x3 = rows > 3 ? 3 * row : 0;
  const w1 = unitsLeft > 1 ? row : 0;
  let a0 = f64x2.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  const end = x + BYTES * <usize>(inputs & ~1);
  while (x < end) {
    const a = v128.load(w);
    const b = v128.load(w + w1);
    let y = v128.load(x);
    a0 = multiplyAdd(a0, a, y);
    b0 = multiplyAdd(b0, b, y);
    y = v128.load(x + x1);
    a1 = multiplyAdd(a1, a, y);
    b1 = multiplyAdd(b1, b, y);
    y = v128.load(x + x2);
    a2 = multiplyAdd(a2, a, y);
    b2 = multiplyAdd(b2, b, y);
    y = v128.load(x + x3);
    a3 = multiplyAdd(a3, a, y);
    b3 = multiplyAdd(b3, b, y);
    x += 16;
    w += 16;
  }
  // Where the inputs are odd in number, the last of them.
  const odd = (inputs & 1) != 0;
  const a = odd ? load<f64>(w) : 0;
  const b = odd ? load<f64>(w + w1) : 0;
  const y0 = odd ? load<f64>(x) : 0;
  const y1 = odd ? load<f64>(x + x1) : 0;
  const y2 = odd ? load<f64>(x + x2) : 0;
  const y3 = odd ? load<f64>(x + x3) : 0;
  const next = BYTES * <usize>units;
  increase(out, sum2(a0) + a * y0);
  if (rows > 1) increase(out + next, sum2(a1) + a * y1);
  if (rows > 2) increase(out + 2 * next, sum2(a2) + a * y2);
  if (rows > 3) increase(out + 3 * next, sum2(a3) + a * y3);
  if (unitsLeft < 2) return;
  increase(out + 8, sum2(b0) + b * y0);
  if (rows > 1) increase(out + next + 8, sum2(b1) + b * y1);
  if (rows > 2) increase(out + 2 * next + 8, sum2(b2) + b * y2);
  if (rows > 3) increase(out + 3 * next + 8, sum2(b3) + b * y3);
}

/** out `[units, inputs]` += ΔᵀX, for Δ `[rows, units]` and X `[rows, inputs]`. */
export function addOuterProducts(delta: usize, rows: i32, units: i32, x: usize, inputs: i32, out: usize): void {
  for (let e = 0; e < rows; e += 4) {
    for (let u = 0; u < units; u += 2) {
      addOuterTile(delta + BYTES * <usize>u, rows - e, units, units - u, x, inputs, out + BYTES * <usize>(u * inputs));
    }
    x += BYTES * <usize>(4 * inputs);
    delta += BYTES * <usize>(4 * units);
  }
}

@inline
function addOuterTile(delta: usize, rows: i32, units: i32, unitsLeft: i32, x: usize, inputs: i32, out: usize): void {
  const row = BYTES * <usize>inputs;
  const next = BYTES * <usize>units;
  const x1 = rows > 1 ? row : 0;
  const x2 = rows > 2 ? 2 * row : 0;
  const x3 = rows > 3 ? 3 * row : 0;
  const two = unitsLeft > 1;
  const w1 = two ? row : 0;
  const a0 = load<f64>(delta);
  const a1 = rows > 1 ? load<f64>(delta + next) : 0;
  const a2 = rows > 2 ? load<f64>(delta + 2 * next) : 0;
  const a3 = rows > 3 ? load<f64>(delta + 3 * next) : 0;
  const b0 = two ? load<f64>(delta + 8) : 0;
  const b1 = two && rows > 1 ? load<f64>(delta + next + 8) : 0;
  const b2 = two && rows > 2 ? load<f64>(delta + 2 * next + 8) : 0;
  const b3 = two && rows > 3 ? load<f64>(delta + 3 * next + 8) : 0;
  const va0 = f64x2.splat(a0), va1 = f64x2.splat(a1), va2 = f64x2.splat(a2), va3 = f64x2.splat(a3);
  const vb0 = f64x2.splat(b0), vb1 = f64x2.splat(b1), vb2 = f64x2.splat(b2), vb3 = f64x2.splat(b3);
  const end = x + BYTES * <usize>(inputs & ~1);
  while (x < end) {
    const y0 = v128.load(x);
    const y1 = v128.load(x + x1);
    const y2 = v128.load(x + x2);
    const y3 = v128.load(x + x3);
    v128.store(out, multiplyAdd(multiplyAdd(multiplyAdd(multiplyAdd(v128.load(out), va0, y0), va1, y1), va2, y2), va3, y3));
    v128.store(out + w1, multiplyAdd(multiplyAdd(multiplyAdd(multiplyAdd(v128.load(out + w1), vb0, y0), vb1, y1), vb2, y2), vb3, y3));
    x += 16;
    out += 16;
  }
  if ((inputs & 1) == 0) return;
  const y0 = load<f64>(x);
  const y1 = load<f64>(x + x1);
  const y2 = load<f64>(x + x2);
  const y3 = load<f64>(x + x3);
  increase(out, a0 * y0 + a1 * y1 + a2 * y2 + a3 * y3);
  increase(out + w1, b0 * y0 + b1 * y1 + b2 * y2 + b3 * y3);
}

/** out `[rows, inputs]` += ΔW, for Δ `[rows, units]` and weights W `[units, inputs]`. */
export function addBackward(delta: usize, rows: i32, units: i32, weights: usize, inputs: i32, out: usize): void {
  const row = BYTES * <usize>inputs;
  for (let e = 0; e < rows; e++) {
    let w = weights;
    for (let u = 0; u < units; u++) {
      const d = load<f64>(delta);
      const v = f64x2.splat(d);
      let to = out;
      const end = w + BYTES * <usize>(inputs & ~1);
      while (w < end) {
        v128.store(to, multiplyAdd(v128.load(to), v, v128.load(w)));
        to += 16;
        w += 16;
      }
      if ((inputs & 1) != 0) {
        increase(to, d * load<f64>(w));
        w += 8;
      }
      delta += 8;
    }
    out += row;
  }
}
