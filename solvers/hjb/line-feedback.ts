import type { ControlField } from "./control-field.js";
import type { Feedback } from "./feedback.js";
import type { Grid } from "./grid.js";
import type { Branch } from "./manifold.js";

/** Least of the branches' values in one dimension, each interpolated by cubics through V and V′. */
export function lineFeedback(
  field: ControlField,
  { lower: [low], spacing: [h], points: [nodes] }: Grid,
  branches: readonly Branch[],
): Feedback {
  const { drift, offset, push, effort } = field;
  const slopeOf = ({ velocities }: Branch, node: number) =>
    effort[0] * (drift[0] * (low + node * h) + offset[0] - velocities[node]);
  const found = { index: -1, value: Infinity, slope: 0 };

  const take = (index: number, value: number, slope: number) => {
    if (index >= 0 && !(value < found.value)) return;
    found.index = index;
    found.value = value;
    found.slope = slope;
  };

  const locate = (x: number) => {
    const inside = Math.min(Math.max(x, low), low + (nodes - 1) * h);
    const node = Math.min(Math.floor((inside - low) / h), nodes - 2);
    const t = (inside - low) / h - node;
    take(-1, Infinity, 0);
    for (let index = 0; index < branches.length; index++) {
      const branch = branches[index];
      const a = branch.values[node];
      const b = branch.values[node + 1];
      if (a === Infinity || b === Infinity) {
        // Where branches end within the cell: straight on from the node that has one.
        if (a === b) continue;
        const end = a < b ? node : node + 1;
        const slope = slopeOf(branch, end);
        take(index, branch.values[end] + slope * (x - low - end * h), slope);
        continue;
      }
      const p = h * slopeOf(branch, node);
      const q = h * slopeOf(branch, node + 1);
      const bend = p + q - 2 * (b - a);
      const lean = 3 * (b - a) - 2 * p - q;
      const slope = (p + t * (2 * lean + 3 * t * bend)) / h;
      take(index, a + t * (p + t * (lean + t * bend)) + slope * (x - inside), slope);
    }
    return found;
  };

  return {
    value: (at) => locate(at[0]).value,
    velocity(at, out) {
      const { index, slope } = locate(at[0]);
      out[0] = index < 0 ? 0 : drift[0] * at[0] + offset[0] - push[0] * slope;
    },
    basin: (at) => locate(at[0]).index,
  };
}
