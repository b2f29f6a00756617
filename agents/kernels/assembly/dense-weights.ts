// The gradient of a dense layer with respect to its weights and bias: sums over lanes. A register tile is
// 4 outputs × 2 inputs, each sum in four partial sums; lanes go in blocks that stay in the first-level cache.

const BLOCK: usize = 128 << 2;

/** weightGradient += outputGradient · inputᵀ and biasGradient += Σ outputGradient; no bias when it is 0. */
export function denseWeightGradient(
  outputGradient: usize,
  input: usize,
  weightGradient: usize,
  biasGradient: usize,
  outputs: i32,
  inputs: i32,
  lanes: i32,
): void {
  const stride = (<usize>lanes) << 2;
  const row = (<usize>inputs) << 2;
  for (let lane: usize = 0; lane < stride; lane += BLOCK) {
    const width = min(BLOCK, stride - lane);
    const from = outputGradient + lane;
    layerWeightGradient(from, stride, input + lane, stride, weightGradient, row, outputs, inputs, width);
    if (biasGradient) layerBiasGradient(from, stride, biasGradient, outputs, width);
  }
}

/** The same on `width` bytes of lanes, where gradients and inputs have rows of different lengths. */
export function layerWeightGradient(
  dy: usize,
  dyStride: usize,
  x: usize,
  xStride: usize,
  dw: usize,
  row: usize,
  outputs: i32,
  inputs: i32,
  width: usize,
): void {
  const tiled = outputs & ~3;
  const paired = inputs & ~1;
  for (let o = 0; o < tiled; o += 4) {
    let from = x;
    let to = dw;
    for (let i = 0; i < paired; i += 2) {
      fourByTwo(dy, dyStride, from, xStride, to, row, width);
      from += xStride << 1;
      to += 8;
    }
    if (paired < inputs) {
      for (let r: usize = 0; r < 4; r++) addTo(to + r * row, product(dy + r * dyStride, from, width));
    }
    dy += dyStride << 2;
    dw += row << 2;
  }
  for (let o = tiled; o < outputs; o++) {
    for (let i: usize = 0; i < <usize>inputs; i++) addTo(dw + (i << 2), product(dy, x + i * xStride, width));
    dy += dyStride;
    dw += row;
  }
}

export function layerBiasGradient(dy: usize, dyStride: usize, db: usize, outputs: i32, width: usize): void {
  for (let o: usize = 0; o < <usize>outputs; o++) addTo(db + (o << 2), rowSum(dy + o * dyStride, width));
}

function fourByTwo(
  dy: usize,
  dyStride: usize,
  x: usize,
  xStride: usize,
  dw: usize,
  row: usize,
  width: usize,
): void {
  let a0 = f32x4.splat(0),
    a1 = a0,
    b0 = a0,
    b1 = a0,
    c0 = a0,
    c1 = a0,
    d0 = a0,
    d1 = a0;
  let dyB = dy + dyStride;
  let dyC = dyB + dyStride;
  let dyD = dyC + dyStride;
  let xB = x + xStride;
  const end = dy + width;
  while (dy < end) {
    const x0 = v128.load(x);
    const x1 = v128.load(xB);
    let g = v128.load(dy);
    a0 = f32x4.add(a0, f32x4.mul(g, x0));
    a1 = f32x4.add(a1, f32x4.mul(g, x1));
    g = v128.load(dyB);
    b0 = f32x4.add(b0, f32x4.mul(g, x0));
    b1 = f32x4.add(b1, f32x4.mul(g, x1));
    g = v128.load(dyC);
    c0 = f32x4.add(c0, f32x4.mul(g, x0));
    c1 = f32x4.add(c1, f32x4.mul(g, x1));
    g = v128.load(dyD);
    d0 = f32x4.add(d0, f32x4.mul(g, x0));
    d1 = f32x4.add(d1, f32x4.mul(g, x1));
    dy += 16;
    dyB += 16;
    dyC += 16;
    dyD += 16;
    x += 16;
    xB += 16;
  }
  addTwoByTwo(dw, row, a0, a1, b0, b1);
  addTwoByTwo(dw + (row << 1), row, c0, c1, d0, d1);
}

/** Adds the totals of four vectors to two numbers of a row and two of the next. The totals are those of `total`. */
@inline
function addTwoByTwo(dw: usize, row: usize, a0: v128, a1: v128, b0: v128, b1: v128): void {
  const a = f32x4.add(i32x4.shuffle(a0, a1, 0, 1, 4, 5), i32x4.shuffle(a0, a1, 2, 3, 6, 7));
  const b = f32x4.add(i32x4.shuffle(b0, b1, 0, 1, 4, 5), i32x4.shuffle(b0, b1, 2, 3, 6, 7));
  const totals = f32x4.add(i32x4.shuffle(a, b, 0, 2, 4, 6), i32x4.shuffle(a, b, 1, 3, 5, 7));
  const before = v128.load64_lane(dw + row, v128.load64_zero(dw), 1);
  const after = f32x4.add(before, totals);
  v128.store64_lane(dw, after, 0);
  v128.store64_lane(dw + row, after, 1);
}

function product(a: usize, b: usize, count: usize): f32 {
  let s0 = f32x4.splat(0),
    s1 = s0;
  const end = a + count;
  while (a < end) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    a += 32;
    b += 32;
  }
  return total(f32x4.add(s0, s1));
}

function rowSum(a: usize, count: usize): f32 {
  let s0 = f32x4.splat(0),
    s1 = s0;
  const end = a + count;
  while (a < end) {
    s0 = f32x4.add(s0, v128.load(a));
    s1 = f32x4.add(s1, v128.load(a, 16));
    a += 32;
  }
  return total(f32x4.add(s0, s1));
}

function total(v: v128): f32 {
  const pairs = f32x4.add(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

function addTo(address: usize, value: f32): void {
  store<f32>(address, load<f32>(address) + value);
}
