// Inputs of networks, and their gradients. `lanes` is a multiple of 8, `count` one of `lanes`. See
// `FeatureOperations` for the equations.
import { logarithm } from "../../../envs/kernels/assembly/exponential";

/** out = log(x + ε)/4. */
export function logInput(epsilon: f32, x: usize, out: usize, count: i32): void {
  const e = f32x4.splat(epsilon);
  const quarter = f32x4.splat(0.25);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, out += 16) {
    v128.store(out, f32x4.mul(quarter, logarithm(f32x4.add(v128.load(x), e))));
  }
}

/** xGradient += outGradient/(4(x + ε)). */
export function logInputGradient(
  epsilon: f32,
  x: usize,
  outGradient: usize,
  xGradient: usize,
  count: i32,
): void {
  const e = f32x4.splat(epsilon);
  const quarter = f32x4.splat(0.25);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, outGradient += 16, xGradient += 16) {
    const g = f32x4.mul(quarter, v128.load(outGradient));
    v128.store(xGradient, f32x4.add(v128.load(xGradient), f32x4.div(g, f32x4.add(v128.load(x), e))));
  }
}

/** out = x/√(square + ε), row by row. */
export function ratioInput(
  epsilon: f32,
  x: usize,
  square: usize,
  out: usize,
  count: i32,
  lanes: i32,
): void {
  const e = f32x4.splat(epsilon);
  const stride = (<usize>lanes) << 2;
  const length = (<usize>count) << 2;
  for (let lane: usize = 0; lane < stride; lane += 16) {
    const root = f32x4.sqrt(f32x4.add(v128.load(square + lane), e));
    for (let at = lane; at < length; at += stride) {
      v128.store(out + at, f32x4.div(v128.load(x + at), root));
    }
  }
}

/** xGradient += outGradient/√(square + ε), squareGradient −= Σ over rows of that · x/(2(square + ε)). */
export function ratioInputGradient(
  epsilon: f32,
  x: usize,
  square: usize,
  outGradient: usize,
  xGradient: usize,
  squareGradient: usize,
  count: i32,
  lanes: i32,
): void {
  const e = f32x4.splat(epsilon);
  const stride = (<usize>lanes) << 2;
  const length = (<usize>count) << 2;
  for (let lane: usize = 0; lane < stride; lane += 16) {
    const shifted = f32x4.add(v128.load(square + lane), e);
    const root = f32x4.sqrt(shifted);
    let sum = f32x4.splat(0);
    for (let at = lane; at < length; at += stride) {
      const direct = f32x4.div(v128.load(outGradient + at), root);
      v128.store(xGradient + at, f32x4.add(v128.load(xGradient + at), direct));
      sum = f32x4.add(sum, f32x4.mul(direct, v128.load(x + at)));
    }
    const share = f32x4.div(f32x4.mul(f32x4.splat(0.5), sum), shifted);
    v128.store(squareGradient + lane, f32x4.sub(v128.load(squareGradient + lane), share));
  }
}

/** −1, 0 or 1. */
function sign4(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  return f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one));
}

/** Rows log(|y| + ε)/4, asinh y = sign y · log(|y| + √(y² + 1)), sign y. */
export function gradientInputs(epsilon: f32, y: usize, inputs: usize, lanes: i32): void {
  const e = f32x4.splat(epsilon);
  const quarter = f32x4.splat(0.25);
  const one = f32x4.splat(1);
  const stride = (<usize>lanes) << 2;
  const end = y + stride;
  for (; y < end; y += 16, inputs += 16) {
    const value = v128.load(y);
    const size = f32x4.abs(value);
    const sign = sign4(value);
    const root = f32x4.sqrt(f32x4.add(f32x4.mul(value, value), one));
    v128.store(inputs, f32x4.mul(quarter, logarithm(f32x4.add(size, e))));
    v128.store(inputs + stride, f32x4.mul(sign, logarithm(f32x4.add(size, root))));
    v128.store(inputs + stride + stride, sign);
  }
}

/** yGradient += inputGradient₀ · sign y/(4(|y| + ε)) + inputGradient₁/√(y² + 1). */
export function gradientInputsGradient(
  epsilon: f32,
  y: usize,
  inputGradient: usize,
  yGradient: usize,
  lanes: i32,
): void {
  const e = f32x4.splat(epsilon);
  const quarter = f32x4.splat(0.25);
  const one = f32x4.splat(1);
  const stride = (<usize>lanes) << 2;
  const end = y + stride;
  for (; y < end; y += 16, inputGradient += 16, yGradient += 16) {
    const value = v128.load(y);
    const root = f32x4.sqrt(f32x4.add(f32x4.mul(value, value), one));
    const byLog = f32x4.mul(f32x4.mul(quarter, sign4(value)), v128.load(inputGradient));
    const bySize = f32x4.div(byLog, f32x4.add(f32x4.abs(value), e));
    const byAsinh = f32x4.div(v128.load(inputGradient + stride), root);
    v128.store(yGradient, f32x4.add(v128.load(yGradient), f32x4.add(bySize, byAsinh)));
  }
}

/** Rows z = p − compliance ⊙ y, |z|, p = (θ − center)/scale. */
export function impliedMinimum(
  scale: f32,
  center: usize,
  compliance: usize,
  y: usize,
  theta: usize,
  inputs: usize,
  lanes: i32,
): void {
  const s = f32x4.splat(scale);
  const stride = (<usize>lanes) << 2;
  const end = y + stride;
  for (; y < end; y += 16, theta += 16, center += 16, compliance += 16, inputs += 16) {
    const p = f32x4.div(f32x4.sub(v128.load(theta), v128.load(center)), s);
    const z = f32x4.sub(p, f32x4.mul(v128.load(compliance), v128.load(y)));
    v128.store(inputs, z);
    v128.store(inputs + stride, f32x4.abs(z));
    v128.store(inputs + stride + stride, p);
  }
}

/** ∂J/∂y = −compliance ⊙ g and ∂J/∂θ = (g + g₂)/scale, with g = g₀ + sign z ⊙ g₁ of the input gradients. */
export function impliedMinimumGradient(
  scale: f32,
  compliance: usize,
  inputs: usize,
  inputGradient: usize,
  yGradient: usize,
  thetaGradient: usize,
  lanes: i32,
): void {
  const s = f32x4.splat(scale);
  const stride = (<usize>lanes) << 2;
  const end = compliance + stride;
  for (; compliance < end; compliance += 16, inputs += 16, inputGradient += 16) {
    const bySize = f32x4.mul(sign4(v128.load(inputs)), v128.load(inputGradient + stride));
    const g = f32x4.add(v128.load(inputGradient), bySize);
    v128.store(yGradient, f32x4.neg(f32x4.mul(g, v128.load(compliance))));
    const whole = f32x4.add(g, v128.load(inputGradient + stride + stride));
    v128.store(thetaGradient, f32x4.div(whole, s));
    yGradient += 16;
    thetaGradient += 16;
  }
}
