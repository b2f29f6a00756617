// Dense layers over lane-major float32 data: a matrix [rows, lanes] holds one row of `lanes` numbers after
// another, `lanes` a multiple of 8. Register tiles are 4 outputs × 8 lanes; what does not fill one goes by ones.

/** output = weights · input + bias; without a bias, output += weights · input. */
export function dense(
  weights: usize,
  bias: usize,
  input: usize,
  output: usize,
  outputs: i32,
  inputs: i32,
  lanes: i32,
): void {
  const stride = (<usize>lanes) << 2;
  layer(weights, (<usize>inputs) << 2, bias, input, stride, output, stride, outputs, stride, inputs);
}

/** The same on `width` bytes of lanes, where weights, inputs and outputs have rows of different lengths. */
export function layer(
  weights: usize,
  row: usize,
  bias: usize,
  input: usize,
  inputStride: usize,
  output: usize,
  outputStride: usize,
  outputs: i32,
  width: usize,
  inputs: i32,
): void {
  const length = (<usize>inputs) << 2;
  const tiled = outputs & ~3;
  for (let lane: usize = 0; lane < width; lane += 32) {
    let to = output + lane;
    let from = weights;
    let offset = bias;
    for (let o = 0; o < tiled; o += 4) {
      forwardFour(from, row, length, offset, input + lane, inputStride, to, outputStride);
      to += outputStride << 2;
      from += row << 2;
      if (bias) offset += 16;
    }
    for (let o = tiled; o < outputs; o++) {
      forwardOne(from, length, offset, input + lane, inputStride, to);
      to += outputStride;
      from += row;
      if (bias) offset += 4;
    }
  }
}

function forwardFour(
  weights: usize,
  row: usize,
  length: usize,
  bias: usize,
  input: usize,
  inputStride: usize,
  output: usize,
  outputStride: usize,
): void {
  let a0: v128, a1: v128, b0: v128, b1: v128, c0: v128, c1: v128, d0: v128, d1: v128;
  const outputB = output + outputStride;
  const outputC = outputB + outputStride;
  const outputD = outputC + outputStride;
  if (!bias) {
    a0 = v128.load(output);
    a1 = v128.load(output, 16);
    b0 = v128.load(outputB);
    b1 = v128.load(outputB, 16);
    c0 = v128.load(outputC);
    c1 = v128.load(outputC, 16);
    d0 = v128.load(outputD);
    d1 = v128.load(outputD, 16);
  } else {
    a0 = v128.load32_splat(bias);
    a1 = a0;
    b0 = v128.load32_splat(bias, 4);
    b1 = b0;
    c0 = v128.load32_splat(bias, 8);
    c1 = c0;
    d0 = v128.load32_splat(bias, 12);
    d1 = d0;
  }
  let weightA = weights;
  let weightB = weightA + row;
  let weightC = weightB + row;
  let weightD = weightC + row;
  const end = weightA + length;
  while (weightA < end) {
    const x0 = v128.load(input);
    const x1 = v128.load(input, 16);
    let w = v128.load32_splat(weightA);
    a0 = f32x4.add(a0, f32x4.mul(w, x0));
    a1 = f32x4.add(a1, f32x4.mul(w, x1));
    w = v128.load32_splat(weightB);
    b0 = f32x4.add(b0, f32x4.mul(w, x0));
    b1 = f32x4.add(b1, f32x4.mul(w, x1));
    w = v128.load32_splat(weightC);
    c0 = f32x4.add(c0, f32x4.mul(w, x0));
    c1 = f32x4.add(c1, f32x4.mul(w, x1));
    w = v128.load32_splat(weightD);
    d0 = f32x4.add(d0, f32x4.mul(w, x0));
    d1 = f32x4.add(d1, f32x4.mul(w, x1));
    weightA += 4;
    weightB += 4;
    weightC += 4;
    weightD += 4;
    input += inputStride;
  }
  v128.store(output, a0);
  v128.store(output, a1, 16);
  v128.store(outputB, b0);
  v128.store(outputB, b1, 16);
  v128.store(outputC, c0);
  v128.store(outputC, c1, 16);
  v128.store(outputD, d0);
  v128.store(outputD, d1, 16);
}

function forwardOne(
  weights: usize,
  length: usize,
  bias: usize,
  input: usize,
  inputStride: usize,
  output: usize,
): void {
  let a0: v128, a1: v128;
  if (!bias) {
    a0 = v128.load(output);
    a1 = v128.load(output, 16);
  } else {
    a0 = v128.load32_splat(bias);
    a1 = a0;
  }
  const end = weights + length;
  while (weights < end) {
    const w = v128.load32_splat(weights);
    a0 = f32x4.add(a0, f32x4.mul(w, v128.load(input)));
    a1 = f32x4.add(a1, f32x4.mul(w, v128.load(input, 16)));
    weights += 4;
    input += inputStride;
  }
  v128.store(output, a0);
  v128.store(output, a1, 16);
}

/** inputGradient = weightsᵀ · outputGradient; or += . */
export function denseInputGradient(
  weights: usize,
  outputGradient: usize,
  inputGradient: usize,
  outputs: i32,
  inputs: i32,
  lanes: i32,
  accumulate: bool,
): void {
  const stride = (<usize>lanes) << 2;
  const row = (<usize>inputs) << 2;
  layerInputGradient(
    weights,
    row,
    outputGradient,
    stride,
    inputGradient,
    stride,
    outputs,
    inputs,
    stride,
    accumulate,
  );
}

/** The same on `width` bytes of lanes, where weights and gradients have rows of different lengths. */
export function layerInputGradient(
  weights: usize,
  row: usize,
  outputGradient: usize,
  outputStride: usize,
  inputGradient: usize,
  inputStride: usize,
  outputs: i32,
  inputs: i32,
  width: usize,
  accumulate: bool,
): void {
  const end = weights + <usize>outputs * row;
  const tiled = inputs & ~3;
  for (let lane: usize = 0; lane < width; lane += 32) {
    const from = outputGradient + lane;
    let to = inputGradient + lane;
    for (let i = 0; i < tiled; i += 4) {
      const column = (<usize>i) << 2;
      backwardFour(weights + column, end, row, from, outputStride, to, inputStride, accumulate);
      to += inputStride << 2;
    }
    for (let i = tiled; i < inputs; i++) {
      const column = (<usize>i) << 2;
      backwardOne(weights + column, end, row, from, outputStride, to, accumulate);
      to += inputStride;
    }
  }
}

function backwardFour(
  weights: usize,
  end: usize,
  row: usize,
  from: usize,
  fromStride: usize,
  to: usize,
  toStride: usize,
  accumulate: bool,
): void {
  let a0 = f32x4.splat(0),
    a1 = a0,
    b0 = a0,
    b1 = a0,
    c0 = a0,
    c1 = a0,
    d0 = a0,
    d1 = a0;
  const toB = to + toStride;
  const toC = toB + toStride;
  const toD = toC + toStride;
  if (accumulate) {
    a0 = v128.load(to);
    a1 = v128.load(to, 16);
    b0 = v128.load(toB);
    b1 = v128.load(toB, 16);
    c0 = v128.load(toC);
    c1 = v128.load(toC, 16);
    d0 = v128.load(toD);
    d1 = v128.load(toD, 16);
  }
  while (weights < end) {
    const x0 = v128.load(from);
    const x1 = v128.load(from, 16);
    let w = v128.load32_splat(weights);
    a0 = f32x4.add(a0, f32x4.mul(w, x0));
    a1 = f32x4.add(a1, f32x4.mul(w, x1));
    w = v128.load32_splat(weights, 4);
    b0 = f32x4.add(b0, f32x4.mul(w, x0));
    b1 = f32x4.add(b1, f32x4.mul(w, x1));
    w = v128.load32_splat(weights, 8);
    c0 = f32x4.add(c0, f32x4.mul(w, x0));
    c1 = f32x4.add(c1, f32x4.mul(w, x1));
    w = v128.load32_splat(weights, 12);
    d0 = f32x4.add(d0, f32x4.mul(w, x0));
    d1 = f32x4.add(d1, f32x4.mul(w, x1));
    weights += row;
    from += fromStride;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(toB, b0);
  v128.store(toB, b1, 16);
  v128.store(toC, c0);
  v128.store(toC, c1, 16);
  v128.store(toD, d0);
  v128.store(toD, d1, 16);
}

function backwardOne(
  weights: usize,
  end: usize,
  row: usize,
  from: usize,
  fromStride: usize,
  to: usize,
  accumulate: bool,
): void {
  let a0 = f32x4.splat(0),
    a1 = a0;
  if (accumulate) {
    a0 = v128.load(to);
    a1 = v128.load(to, 16);
  }
  while (weights < end) {
    const w = v128.load32_splat(weights);
    a0 = f32x4.add(a0, f32x4.mul(w, v128.load(from)));
    a1 = f32x4.add(a1, f32x4.mul(w, v128.load(from, 16)));
    weights += row;
    from += fromStride;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
}
