import type { Vector } from "../../envs/problem/problem.js";
import type { TaskLaw } from "../task-law.js";

/** u = −gain·θ + taskGain·μ̂ + constant for a batch; diagonal laws take d multiplications instead of d². */
export type AffineLaw = (parameters: Float64Array, minima: Float64Array, actions: Float64Array) => void;

export function affineLaw({
  gain,
  taskGain,
  constant,
}: Pick<TaskLaw, "gain" | "taskGain" | "constant">): AffineLaw {
  const isDiagonal = (rows: readonly Vector[]) =>
    rows.every((row, i) => row.every((value, j) => i === j || value === 0));
  const [m, d] = [gain.length, gain[0].length];
  const shift = Float64Array.from(constant);
  if (m === d && isDiagonal(gain) && isDiagonal(taskGain)) {
    const own = Float64Array.from(gain, (row, i) => row[i]);
    const task = Float64Array.from(taskGain, (row, i) => row[i]);
    return (parameters, minima, actions) => {
      for (let i = 0; i < actions.length; ) {
        for (let j = 0; j < d; j++, i++) actions[i] = shift[j] - own[j] * parameters[i] + task[j] * minima[i];
      }
    };
  }
  const own = Float64Array.from(gain.flat());
  const task = Float64Array.from(taskGain.flat());
  return (parameters, minima, actions) => {
    for (let at = 0, first = 0; at < actions.length; first += d) {
      for (let i = 0; i < m; i++, at++) {
        let sum = shift[i];
        for (let j = 0; j < d; j++)
          sum += task[i * d + j] * minima[first + j] - own[i * d + j] * parameters[first + j];
        actions[at] = sum;
      }
    }
  };
}
