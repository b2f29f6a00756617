// The gates of a gated recurrent unit, fused. `gates` has four blocks of H rows, [n | r | z | q]: before the
// step they hold the pre-activations of n (without the recurrent part), r and z, and q = the recurrent part of n;
// the step replaces the first three by their activations. `count` = H · lanes, a multiple of 8.
import { sigmoid4, tanh4 } from "./functions";

/** n = tanh(n + r ⊙ q), next = (1 − z) ⊙ n + z ⊙ memory. */
export function gruStep(gates: usize, memory: usize, next: usize, count: i32): void {
  const block = (<usize>count) << 2;
  const atR = block;
  const atZ = block << 1;
  const atQ = atR + atZ;
  const end = memory + block;
  for (; memory < end; memory += 16, next += 16, gates += 16) {
    const r = sigmoid4(v128.load(gates + atR));
    const z = sigmoid4(v128.load(gates + atZ));
    const n = tanh4(f32x4.add(v128.load(gates), f32x4.mul(r, v128.load(gates + atQ))));
    v128.store(gates, n);
    v128.store(gates + atR, r);
    v128.store(gates + atZ, z);
    v128.store(next, f32x4.add(n, f32x4.mul(z, f32x4.sub(v128.load(memory), n))));
  }
}

/**
 * From ∂J/∂next (in `memoryGradient`) to the gradients of the four pre-activations, laid out like `gates`,
 * and of the memory that went straight through (written back to `memoryGradient`).
 */
export function gruStepGradient(
  gates: usize,
  memory: usize,
  memoryGradient: usize,
  gateGradient: usize,
  count: i32,
): void {
  const one = f32x4.splat(1);
  const block = (<usize>count) << 2;
  const atR = block;
  const atZ = block << 1;
  const atQ = atR + atZ;
  const end = memory + block;
  for (; memory < end; memory += 16, memoryGradient += 16, gates += 16, gateGradient += 16) {
    const n = v128.load(gates);
    const r = v128.load(gates + atR);
    const z = v128.load(gates + atZ);
    const g = v128.load(memoryGradient);
    const keep = f32x4.mul(g, z);
    const dn = f32x4.mul(f32x4.sub(g, keep), f32x4.sub(one, f32x4.mul(n, n)));
    const rest = f32x4.sub(v128.load(memory), n);
    const dz = f32x4.mul(f32x4.mul(keep, f32x4.sub(one, z)), rest);
    const dq = f32x4.mul(dn, r);
    const dr = f32x4.mul(f32x4.mul(dq, f32x4.sub(one, r)), v128.load(gates + atQ));
    v128.store(gateGradient, dn);
    v128.store(gateGradient + atR, dr);
    v128.store(gateGradient + atZ, dz);
    v128.store(gateGradient + atQ, dq);
    v128.store(memoryGradient, keep);
  }
}
