// Mean cross-entropy of softmax(Wx) over a table, plus (ridge/2)‖z‖². z = θ − μ is W, `[classes, width]`; the table is
// `[examples, stride]`, its rows and those of W in the scratch padded with zeros to a multiple of four.
import { exponential, logarithm } from "./exponential";
import { sum4 } from "./lanes";
import { Plan } from "./plan";
import { threefry4, UNWANTED } from "./threefry";

/** Losses, and where `slopes`, gradients, of environments from … to − 1 at θ over the whole table. */
export function evaluateSoftmax(plan: Plan, theta: usize, from: i32, to: i32, slopes: bool): void {
  for (let n = from; n < to; n++) {
    const penalty = begin(plan, theta, n);
    let loss: f32 = 0;
    for (let e = 0; e < plan.exampleCount; e++) loss += addExample(plan, e, plan.exampleCount, slopes);
    store<f32>(
      plan.losses + ((<usize>n) << 2),
      loss / <f32>plan.exampleCount + <f32>0.5 * plan.shape * penalty,
    );
    if (slopes) finish(plan, n);
  }
}

/** Gradients over the minibatches that `chosen` `[count, batchSize]` names. */
export function softmaxBatches(plan: Plan, theta: usize, from: i32, to: i32): void {
  const size = plan.batchSize;
  for (let n = from; n < to; n++) {
    begin(plan, theta, n);
    const chosen = plan.chosen + ((<usize>(n * size)) << 2);
    for (let i: usize = 0; i < <usize>size; i++) addExample(plan, load<i32>(chosen + (i << 2)), size, true);
    finish(plan, n);
  }
}

/** Copies z to the padded weights and ridge·z to the padded gradient; ‖z‖². */
function begin(plan: Plan, theta: usize, n: i32): f32 {
  const width = plan.width;
  const stride = (width + 3) & ~3;
  let at = (<usize>(n * plan.dimension)) << 2;
  let to = plan.scratch;
  const gradient = gradientOf(plan);
  let penalty: f32 = 0;
  for (let c = 0; c < plan.classes; c++) {
    for (let j = 0; j < width; j++, at += 4) {
      const z = load<f32>(theta + at) - load<f32>(plan.minima + at);
      const cell = (<usize>(c * stride + j)) << 2;
      store<f32>(to + cell, z);
      store<f32>(gradient + cell, plan.shape * z);
      penalty += z * z;
    }
  }
  return penalty;
}

function finish(plan: Plan, n: i32): void {
  const width = (<usize>plan.width) << 2;
  const stride = (width + 15) & ~15;
  let to = plan.slopes + ((<usize>(n * plan.dimension)) << 2);
  let from = gradientOf(plan);
  for (let c = 0; c < plan.classes; c++, to += width, from += stride) memory.copy(to, from, width);
}

/** The scratch holds the weights, their gradient, and one number a class. */
@inline
function gradientOf(plan: Plan): usize {
  return plan.scratch + ((<usize>(plan.classes * ((plan.width + 3) & ~3))) << 2);
}

/** The cross-entropy of an example; its share in the gradient of a mean over `size` examples is added. */
function addExample(plan: Plan, example: i32, size: i32, slopes: bool): f32 {
  const stride = (<usize>((plan.width + 3) & ~3)) << 2;
  const x = plan.table + <usize>example * stride;
  const gradient = gradientOf(plan);
  const classes = plan.classes;
  const scores = gradient + <usize>classes * stride;
  const label = load<i32>(plan.labels + ((<usize>example) << 2));
  let largest = <f32>-Infinity;
  let weights = plan.scratch;
  for (let c = 0; c < classes; c++, weights += stride) {
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < stride; at += 16)
      sum = f32x4.add(sum, f32x4.mul(v128.load(weights + at), v128.load(x + at)));
    const score = sum4(sum);
    store<f32>(scores + ((<usize>c) << 2), score);
    largest = max(largest, score);
  }
  const own = load<f32>(scores + ((<usize>label) << 2));
  let total: f32 = 0;
  for (let c: usize = 0; c < <usize>classes; c++) {
    const value = f32x4.extract_lane(exponential(f32x4.splat(load<f32>(scores + (c << 2)) - largest)), 0);
    store<f32>(scores + (c << 2), value);
    total += value;
  }
  if (slopes) {
    let to = gradient;
    for (let c: i32 = 0; c < classes; c++, to += stride) {
      const share = load<f32>(scores + ((<usize>c) << 2)) / total - (c == label ? <f32>1 : <f32>0);
      const weight = f32x4.splat(share / <f32>size);
      for (let at: usize = 0; at < stride; at += 16)
        v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(weight, v128.load(x + at))));
    }
  }
  return f32x4.extract_lane(logarithm(f32x4.splat(total)), 0) + largest - own;
}

/** Uniform whole numbers in [0, bound) at indices `first` …, as `integerAt` draws them; room for three more. */
export function integers(
  k0: i32,
  k1: i32,
  first: i32,
  counter: i32,
  count: i32,
  bound: i32,
  out: usize,
): void {
  let index = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  const scale = i64x2.splat(<i64>bound);
  for (let i = 0; i < count; i += 4, out += 16) {
    const words = threefry4(k0, k1, index, counter, UNWANTED);
    const low = i64x2.shr_u(i64x2.mul(i64x2.extend_low_i32x4_u(words), scale), 32);
    const high = i64x2.shr_u(i64x2.mul(i64x2.extend_high_i32x4_u(words), scale), 32);
    v128.store(out, v128.shuffle<i32>(low, high, 0, 2, 4, 6));
    index = i32x4.add(index, i32x4.splat(4));
  }
}
