// Actions from the outputs of networks, and their gradients. `lanes` is a multiple of 8, `count` one of `lanes`.
// See `FeatureOperations` for the equations.
import { exponential } from "../../../envs/kernels/assembly/exponential";

/**
 * mix = Σ over rows of w ⊙ x, w = softmax(logits), which replaces the logits. The exponentials are a loop of their own,
 * in which one does not wait for another.
 */
export function softmaxMix(x: usize, logits: usize, mix: usize, count: i32, lanes: i32): void {
  const stride = (<usize>lanes) << 2;
  const length = (<usize>count) << 2;
  for (let lane: usize = 0; lane < stride; lane += 16) {
    let largest = v128.load(logits + lane);
    for (let at = lane + stride; at < length; at += stride) {
      largest = f32x4.max(largest, v128.load(logits + at));
    }
    v128.store(mix + lane, largest);
  }
  for (let row: usize = 0; row < length; row += stride) {
    for (let lane: usize = 0; lane < stride; lane += 16) {
      const logit = v128.load(logits + row + lane);
      v128.store(logits + row + lane, exponential(f32x4.sub(logit, v128.load(mix + lane))));
    }
  }
  for (let lane: usize = 0; lane < stride; lane += 16) {
    let total = v128.load(logits + lane);
    for (let at = lane + stride; at < length; at += stride) {
      total = f32x4.add(total, v128.load(logits + at));
    }
    const share = f32x4.div(f32x4.splat(1), total);
    let sum = f32x4.splat(0);
    for (let at = lane; at < length; at += stride) {
      const weight = f32x4.mul(v128.load(logits + at), share);
      v128.store(logits + at, weight);
      sum = f32x4.add(sum, f32x4.mul(weight, v128.load(x + at)));
    }
    v128.store(mix + lane, sum);
  }
}

/** logitGradient = mixGradient ⊙ w ⊙ (x − mix), xGradient += mixGradient ⊙ w, row by row. */
export function softmaxMixGradient(
  x: usize,
  weights: usize,
  mix: usize,
  mixGradient: usize,
  logitGradient: usize,
  xGradient: usize,
  count: i32,
  lanes: i32,
): void {
  const stride = (<usize>lanes) << 2;
  const length = (<usize>count) << 2;
  for (let lane: usize = 0; lane < stride; lane += 16) {
    const middle = v128.load(mix + lane);
    const g = v128.load(mixGradient + lane);
    for (let at = lane; at < length; at += stride) {
      const share = f32x4.mul(g, v128.load(weights + at));
      v128.store(logitGradient + at, f32x4.mul(share, f32x4.sub(v128.load(x + at), middle)));
      v128.store(xGradient + at, f32x4.add(v128.load(xGradient + at), share));
    }
  }
}

/** gain = exp(4·logGain) in place, out = factor · x ⊙ gain. */
export function exponentialGain(factor: f32, x: usize, logGain: usize, out: usize, lanes: i32): void {
  const f = f32x4.splat(factor);
  const four = f32x4.splat(4);
  const end = x + ((<usize>lanes) << 2);
  for (; x < end; x += 16, logGain += 16, out += 16) {
    const gain = exponential(f32x4.mul(four, v128.load(logGain)));
    v128.store(logGain, gain);
    v128.store(out, f32x4.mul(f32x4.mul(f, v128.load(x)), gain));
  }
}

/** xGradient = factor · gain ⊙ outGradient, logGainGradient = 4 · xGradient ⊙ x. */
export function exponentialGainGradient(
  factor: f32,
  x: usize,
  gain: usize,
  outGradient: usize,
  logGainGradient: usize,
  xGradient: usize,
  lanes: i32,
): void {
  const f = f32x4.splat(factor);
  const four = f32x4.splat(4);
  const end = x + ((<usize>lanes) << 2);
  for (; x < end; x += 16, gain += 16, outGradient += 16) {
    const direct = f32x4.mul(f32x4.mul(f, v128.load(gain)), v128.load(outGradient));
    v128.store(logGainGradient, f32x4.mul(f32x4.mul(four, direct), v128.load(x)));
    v128.store(xGradient, direct);
    logGainGradient += 16;
    xGradient += 16;
  }
}
