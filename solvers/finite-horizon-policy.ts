import { Matrix, solve } from "ml-matrix";
import type { Policy } from "../envs/core/policy.js";
import {
  hidesMinimum,
  horizonStepsOf,
  type NavigationProblem,
  type Matrix as Rows,
  type Vector,
} from "../envs/problem/problem.js";
import {
  bilinear,
  column,
  inner,
  minus,
  plus,
  symmetrise,
  times,
  toMatrix,
  toRows,
  toVector,
} from "./dense.js";
import { linearQuadraticOf } from "./linear-quadratic.js";
import { affineLaw } from "./policies/affine.js";
import { type KnownState, knownReader } from "./policies/known.js";

export interface FiniteHorizonOptions {
  /** S_T ⪰ 0, shape [d, d]: ½(θ − μ)ᵀS_T(θ − μ) is charged after the last step. Default 0: a cool-down. */
  readonly terminalWeight?: Rows;
}

/** The law of one step: u = −gain·θ + feedforward. */
export interface ScheduledLaw {
  /** K_t, shape [m, d]. */
  readonly gain: number[][];
  /** Shape [m]. */
  readonly feedforward: number[];
}

export interface FiniteHorizonSolution {
  /** One law a step, first to last. */
  readonly schedule: readonly ScheduledLaw[];
  /** Acts by the schedule; after its end it repeats the last law. */
  readonly policy: Policy<ScheduledState>;
  /** Optimal cost from parameters at the start, shape [d]. */
  value(parameters: Vector): number;
  /** The same, averaged over the starts of the problem. */
  readonly startCost: number;
}

export interface ScheduledState {
  readonly known: KnownState;
  readonly posteriorMean: Float64Array;
  readonly step: number;
}

/** V_t = ½θᵀSθ − cᵀθ + v. */
interface Quadratic {
  readonly matrix: Matrix;
  readonly vector: Matrix;
  readonly constant: number;
}

/**
 * The optimum of a problem that ends after N steps, by backward recursion: a learning-rate schedule that is
 * derived, exact in the environment. With M = kΔtH + ρS', ℓ = kΔtHμ + ρc', Λ = R̃ + B̃ᵀMB̃, N = Λ⁻¹B̃ᵀ:
 *
 *     K = NMÃ,   u₀ = N(ℓ − Mb̃),   S = ÃᵀM(Ã − B̃K),   c = (Ã − B̃K)ᵀ(ℓ − Mb̃).
 *
 * @throws Error when the problem has no horizon, hides its minimum, or is not linear-quadratic
 */
export function finiteHorizonPolicy(
  problem: NavigationProblem,
  { terminalWeight }: FiniteHorizonOptions = {},
): FiniteHorizonSolution {
  const steps = horizonStepsOf(problem);
  if (!Number.isFinite(steps))
    throw new Error("objective.horizon: must be given for a schedule, got nothing");
  if (hidesMinimum(problem)) {
    throw new Error(`task: must be a known static minimum for a schedule, got a hidden one`);
  }
  const recursion = backwardStep(problem);
  const schedule: ScheduledLaw[] = [];
  let value = terminalValue(problem, terminalWeight);
  for (let t = steps - 1; t >= 0; t--) {
    const { law, before } = recursion(value);
    schedule.unshift(law);
    value = before;
  }
  const first = value;
  const valueAt = (parameters: Vector) => {
    const theta = column(parameters);
    return bilinear(theta, first.matrix, theta) / 2 - inner(first.vector, theta) + first.constant;
  };
  const { start } = problem;
  return {
    schedule,
    policy: scheduledPolicy(problem, schedule),
    value: valueAt,
    startCost:
      start.kind === "point"
        ? valueAt(start.parameters)
        : valueAt(start.mean) + first.matrix.mmul(toMatrix(start.covariance)).trace() / 2,
  };
}

function terminalValue(problem: NavigationProblem, weight?: Rows): Quadratic {
  const { minimum } = linearQuadraticOf(problem);
  const d = minimum.length;
  const matrix = weight ? toMatrix(weight) : Matrix.zeros(d, d);
  if (matrix.rows !== d || matrix.columns !== d) {
    throw new Error(`terminalWeight: must have shape [${d}, ${d}], got [${matrix.rows}, ${matrix.columns}]`);
  }
  const vector = matrix.mmul(column(minimum));
  return { matrix, vector, constant: inner(column(minimum), vector) / 2 };
}

function backwardStep(problem: NavigationProblem) {
  const lq = linearQuadraticOf(problem);
  const { timeStep, mobility, lossWeight, discountRate } = lq;
  const discount = Math.exp(-discountRate * timeStep);
  const minimum = column(lq.minimum);
  const transition = plus(Matrix.eye(minimum.rows), toMatrix(lq.drift).mul(timeStep));
  const pushed = toMatrix(lq.control).mul(timeStep);
  const offset = column(lq.offset).mul(timeStep);
  const effort = toMatrix(lq.metric).mul(timeStep / mobility);
  const cost = toMatrix(lq.curvature).mul(lossWeight * timeStep);
  const pull = cost.mmul(minimum);
  return ({ matrix, vector, constant }: Quadratic): { law: ScheduledLaw; before: Quadratic } => {
    const after = plus(cost, times(matrix, discount));
    const linear = plus(pull, times(vector, discount)).sub(after.mmul(offset));
    const actionCost = plus(effort, pushed.transpose().mmul(after).mmul(pushed));
    const response = solve(actionCost, pushed.transpose());
    const gain = response.mmul(after).mmul(transition);
    const feedforward = response.mmul(linear);
    const closed = minus(transition, pushed.mmul(gain));
    return {
      law: { gain: toRows(gain), feedforward: toVector(feedforward) },
      before: {
        matrix: symmetrise(transition.transpose().mmul(after).mmul(closed)),
        vector: closed.transpose().mmul(linear),
        constant:
          discount * constant +
          inner(minimum, pull) / 2 -
          inner(plus(pull, times(vector, discount)), offset) +
          bilinear(offset, after, offset) / 2 -
          inner(pushed.transpose().mmul(linear), feedforward) / 2,
      },
    };
  };
}

function scheduledPolicy(
  problem: NavigationProblem,
  schedule: readonly ScheduledLaw[],
): Policy<ScheduledState> {
  const reader = knownReader(problem);
  const laws = schedule.map(({ gain, feedforward }) =>
    affineLaw({ gain, constant: feedforward, taskGain: gain.map((row) => row.map(() => 0)) }),
  );
  return {
    name: "finite-horizon optimum",
    init: (batch) => {
      const known = reader.init(batch);
      return { known, posteriorMean: known.posteriorMean, step: 0 };
    },
    act: (observations, { known, posteriorMean, step }, actions) => {
      reader.read(observations, known.parameters);
      laws[Math.min(step, laws.length - 1)](known.parameters, posteriorMean, actions);
      return { known, posteriorMean, step: step + 1 };
    },
  };
}
