import type { ControlField } from "./control-field.js";
import type { Feedback } from "./feedback.js";
import type { Grid } from "./grid.js";
import { UNKNOWN } from "./node-solver.js";
import type { SweptValue } from "./sweeping.js";

/**
 * Interpolates V and θ̇ in two dimensions. V is the mean of what its corners see, V + ½∇V·(θ − corner) each: exact
 * on parabolas. In a cell from which the flow parts, V has a crest, and the corner with the least V decides.
 */
export function planeFeedback(
  field: ControlField,
  grid: Grid,
  { values, velocities }: SweptValue,
  basins: Int32Array,
): Feedback {
  const { lower, spacing, points } = grid;
  const { effort, drift, offset } = field;
  const corners = new Int32Array(4);
  const weights = new Float64Array(4);
  const gaps = new Float64Array(8);
  const outside = new Float64Array(2);

  /** Fills corners, weights and gaps = θ − corner. */
  const locate = (at: ArrayLike<number>) => {
    const [cells, shares] = [
      [0, 0],
      [0, 0],
    ];
    for (let i = 0; i < 2; i++) {
      const along = Math.min(Math.max((at[i] - lower[i]) / spacing[i], 0), points[i] - 1);
      cells[i] = Math.min(Math.floor(along), points[i] - 2);
      shares[i] = along - cells[i];
      outside[i] = at[i] - (lower[i] + along * spacing[i]);
    }
    let total = 0;
    for (let c = 0; c < 4; c++) {
      const [a, b] = [c >> 1, c & 1];
      corners[c] = (cells[0] + a) * points[1] + cells[1] + b;
      weights[c] = (a ? shares[0] : 1 - shares[0]) * (b ? shares[1] : 1 - shares[1]);
      if (values[corners[c]] >= UNKNOWN) weights[c] = 0;
      total += weights[c];
      gaps[2 * c] = (shares[0] - a) * spacing[0];
      gaps[2 * c + 1] = (shares[1] - b) * spacing[1];
    }
    for (let c = 0; c < 4; c++) weights[c] /= total;
  };

  /** ∇V·gap at a corner. */
  const slope = (c: number, dx: number, dy: number) => {
    const node = corners[c];
    const x = lower[0] + Math.floor(node / points[1]) * spacing[0];
    const y = lower[1] + (node % points[1]) * spacing[1];
    const w1 = drift[0] * x + drift[1] * y + offset[0] - velocities[2 * node];
    const w2 = drift[2] * x + drift[3] * y + offset[1] - velocities[2 * node + 1];
    return (effort[0] * w1 + effort[1] * w2) * dx + (effort[2] * w1 + effort[3] * w2) * dy;
  };
  const seenFrom = (c: number, share: number) =>
    values[corners[c]] + share * slope(c, gaps[2 * c], gaps[2 * c + 1]) + slope(c, outside[0], outside[1]);

  const bestCorner = () => {
    let best = -1;
    for (let c = 0; c < 4; c++) {
      if (values[corners[c]] >= UNKNOWN) continue;
      if (best < 0 || seenFrom(c, 1) < seenFrom(best, 1)) best = c;
    }
    return best;
  };
  const isCrest = () => {
    for (let axis = 0; axis < 2; axis++) {
      const [stride, other] = axis === 0 ? [2, 1] : [1, 2];
      for (let side = 0; side <= other; side += other) {
        const before = velocities[2 * corners[side] + axis];
        const after = velocities[2 * corners[side + stride] + axis];
        if (before < 0 && after > 0) return true;
      }
    }
    return false;
  };

  return {
    value(at) {
      locate(at);
      if (isCrest()) return seenFrom(bestCorner(), 1);
      let sum = 0;
      for (let c = 0; c < 4; c++) if (weights[c] > 0) sum += weights[c] * seenFrom(c, 0.5);
      return sum;
    },
    velocity(at, out) {
      locate(at);
      out.fill(0);
      const only = isCrest() ? bestCorner() : -1;
      for (let c = 0; c < 4; c++) {
        const weight = only < 0 ? weights[c] : c === only ? 1 : 0;
        out[0] += weight * velocities[2 * corners[c]];
        out[1] += weight * velocities[2 * corners[c] + 1];
      }
    },
    basin(at) {
      locate(at);
      const corner = bestCorner();
      return corner < 0 ? -1 : basins[corners[corner]];
    },
  };
}
