import { Matrix } from "ml-matrix";
import {
  bilinear,
  column,
  inner,
  minus,
  norm,
  plus,
  quotient,
  times,
  toMatrix,
  toRows,
  toVector,
  trySolve,
} from "./dense.js";
import type { RiccatiEvidence } from "./kleinman.js";
import type { LinearQuadratic, RiccatiLaw } from "./riccati.js";
import type { Steady } from "./steady.js";

/** What the optimum is put together from. */
export interface LawParts {
  readonly problem: LinearQuadratic;
  readonly value: Matrix;
  readonly remainder: Matrix | null;
  readonly vector: Matrix;
  readonly gain: Matrix;
  readonly feedforward: Matrix;
  readonly closedLoop: Matrix;
  readonly closedLoopOffset: Matrix;
  readonly rest: Matrix | null;
  readonly evidence: RiccatiEvidence;
  readonly converged: boolean;
  /** ∫e^{−γt}dt, or Δt·Σρᵗ: what a constant unit of running cost adds up to. */
  readonly patience: number;
}

/** Its parts that are linear in μ and b. */
export type Affine = Pick<LawParts, "vector" | "feedforward" | "closedLoopOffset" | "rest">;

/** (γI − Fᵀ)c = kHμ − Sb, u = ηG⁻¹Bᵀc at θ = 0. */
export function continuousAffine(
  { problem, value, closedLoop }: Pick<LawParts, "problem" | "value" | "closedLoop">,
  push: Matrix,
  response: Matrix,
  attraction: Matrix,
  offset: Matrix,
): Affine {
  const discount = Matrix.eye(value.rows, value.rows, problem.discountRate);
  const vector = quotient(minus(discount, closedLoop.transpose()), minus(attraction, value.mmul(offset)));
  const closedLoopOffset = plus(offset, push.mmul(vector));
  const rest = trySolve(times(closedLoop, -1), closedLoopOffset);
  return { vector, feedforward: response.mmul(vector), closedLoopOffset, rest };
}

/** From where the optimum rests: c = Sθ∞ − Ãᵀp, with Ã = I in continuous time. */
export function resting(
  { value, gain }: Pick<LawParts, "value" | "gain">,
  { rest, action, slope }: Steady,
  transition: Matrix,
  control: Matrix,
  offset: Matrix,
): Affine {
  const feedforward = plus(action, gain.mmul(rest));
  return {
    vector: minus(value.mmul(rest), transition.transpose().mmul(slope)),
    feedforward,
    closedLoopOffset: plus(offset, control.mmul(feedforward)),
    rest,
  };
}

export function lawOf(parts: LawParts): RiccatiLaw {
  const { value, remainder, vector, gain, feedforward, closedLoop, closedLoopOffset, rest } = parts;
  return {
    valueMatrix: toRows(value),
    valueRemainder: remainder && toRows(remainder),
    valueVector: toVector(vector),
    valueConstant: rest ? constantOf(parts, rest) : null,
    gain: toRows(gain),
    feedforward: toVector(feedforward),
    restingPoint: rest && toVector(rest),
    closedLoop: toRows(closedLoop),
    closedLoopOffset: toVector(closedLoopOffset),
    status: parts.converged ? "exact" : "not-converged",
    evidence: parts.evidence,
  };
}

/** Read off at the resting point, where the cost-to-go is that of resting for ever. */
function constantOf({ problem, value, vector, gain, feedforward, patience }: LawParts, rest: Matrix): number {
  const [metric, curvature] = [toMatrix(problem.metric), toMatrix(problem.curvature)];
  const gap = minus(rest, column(problem.minimum));
  const action = minus(feedforward, gain.mmul(rest));
  const effort = bilinear(action, metric, action) / (2 * problem.mobility);
  const loss = (problem.lossWeight * bilinear(gap, curvature, gap)) / 2;
  const scale =
    (problem.lossWeight * norm(curvature) + norm(metric) / problem.mobility) * (1 + rest.dot(rest));
  const running = effort + loss <= 1e-24 * scale ? 0 : (effort + loss) * patience;
  return running - bilinear(rest, value, rest) / 2 + inner(vector, rest);
}
