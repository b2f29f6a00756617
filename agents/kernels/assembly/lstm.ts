// The gates of long short-term memory, fused. `gates` has four blocks of H rows, [i | f | g | o]: before the
// step they hold pre-activations, which the step replaces by activations. `count` = H · lanes, a multiple of 8.
import { sigmoid4, tanh4 } from "./functions";

/** nextCell = f ⊙ cell + i ⊙ g, memory = o ⊙ tanh(nextCell). */
export function lstmStep(gates: usize, cell: usize, nextCell: usize, memory: usize, count: i32): void {
  const block = (<usize>count) << 2;
  const atF = block;
  const atG = block << 1;
  const atO = atF + atG;
  const end = cell + block;
  for (; cell < end; cell += 16, nextCell += 16, memory += 16, gates += 16) {
    const i = sigmoid4(v128.load(gates));
    const f = sigmoid4(v128.load(gates + atF));
    const g = tanh4(v128.load(gates + atG));
    const o = sigmoid4(v128.load(gates + atO));
    const c = f32x4.add(f32x4.mul(f, v128.load(cell)), f32x4.mul(i, g));
    v128.store(gates, i);
    v128.store(gates + atF, f);
    v128.store(gates + atG, g);
    v128.store(gates + atO, o);
    v128.store(nextCell, c);
    v128.store(memory, f32x4.mul(o, tanh4(c)));
  }
}

/**
 * From ∂J/∂memory and ∂J/∂nextCell (in `cellGradient`) to the gradients of the four pre-activations, laid out
 * like `gates`, and ∂J/∂cell (written back to `cellGradient`).
 */
export function lstmStepGradient(
  gates: usize,
  cell: usize,
  nextCell: usize,
  memoryGradient: usize,
  cellGradient: usize,
  gateGradient: usize,
  count: i32,
): void {
  const one = f32x4.splat(1);
  const block = (<usize>count) << 2;
  const atF = block;
  const atG = block << 1;
  const atO = atF + atG;
  const end = cell + block;
  for (; cell < end; cell += 16, gates += 16, gateGradient += 16) {
    const i = v128.load(gates);
    const f = v128.load(gates + atF);
    const g = v128.load(gates + atG);
    const o = v128.load(gates + atO);
    const c = tanh4(v128.load(nextCell));
    const dm = v128.load(memoryGradient);
    const through = f32x4.mul(f32x4.mul(dm, o), f32x4.sub(one, f32x4.mul(c, c)));
    const dc = f32x4.add(v128.load(cellGradient), through);
    const keep = f32x4.mul(dc, f);
    const di = f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i)));
    const df = f32x4.mul(f32x4.mul(keep, v128.load(cell)), f32x4.sub(one, f));
    const dg = f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g)));
    const dO = f32x4.mul(f32x4.mul(dm, c), f32x4.mul(o, f32x4.sub(one, o)));
    v128.store(gateGradient, di);
    v128.store(gateGradient + atF, df);
    v128.store(gateGradient + atG, dg);
    v128.store(gateGradient + atO, dO);
    v128.store(cellGradient, keep);
    nextCell += 16;
    memoryGradient += 16;
    cellGradient += 16;
  }
}
