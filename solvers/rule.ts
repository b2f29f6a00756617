import { CholeskyDecomposition, EigenvalueDecomposition, inverse, Matrix } from "ml-matrix";
import {
  type Channel,
  channelsOf,
  hidesCurvature,
  hidesMinimum,
  type NavigationProblem,
} from "../envs/problem/problem.js";
import { isDiagonal, scalarOf, symmetrise, toMatrix } from "./dense.js";
import { linearQuadraticOf } from "./linear-quadratic.js";
import { horizonExponents, momentumKernel } from "./predictions.js";
import type { LinearQuadratic, RiccatiSolution } from "./riccati.js";
import type { TaskLaw } from "./task-law.js";

/** The textbook rule that a solution comes nearest to, in words and in numbers measured from the solution. */
export interface Rule {
  readonly name: string;
  readonly text: string;
  readonly hyperparameters: Readonly<Record<string, number | number[] | number[][]>>;
}

/** The rule of a known curvature: what the feedback resembles, and what the belief and the task add. */
export function ruleOf(problem: NavigationProblem, discrete: RiccatiSolution, law: TaskLaw): Rule {
  const base = feedbackRule(linearQuadraticOf(problem), discrete);
  if (!hidesMinimum(problem)) return base;
  return withTask(withBelief(base, problem), problem, law);
}

function feedbackRule(problem: LinearQuadratic, discrete: RiccatiSolution): Rule {
  if (isHeavyBall(problem)) return heavyBallRule(problem, discrete);
  const driftless =
    problem.drift.flat().every((value) => value === 0) && problem.offset.every((value) => value === 0);
  if (driftless && scalarOf(toMatrix(problem.control)) === 1) return limitRule(problem, discrete);
  const slowest = Math.max(...discrete.eigenvalues.map(({ real, imaginary }) => Math.hypot(real, imaginary)));
  return {
    name: "linear feedback",
    text: `linear feedback u = -gain·θ + feedforward, which rests at ${show(discrete.restingPoint)} and keeps ${show(slowest)} of the slowest deviation per step`,
    hyperparameters: { slowestContraction: slowest },
  };
}

/** Position and velocity, pushed through the velocity alone. */
function isHeavyBall({ drift, control }: LinearQuadratic): boolean {
  const [a, b] = [drift.flat(), control.flat()];
  return (
    a.length === 4 && b.length === 2 && a[0] === 0 && a[1] === 1 && a[2] === 0 && b[0] === 0 && b[1] === 1
  );
}

function heavyBallRule({ drift, curvature, timeStep }: LinearQuadratic, { gain }: RiccatiSolution): Rule {
  const momentum = 1 - timeStep * (gain[0][1] - drift[1][1]);
  const learningRate = (timeStep ** 2 * gain[0][0]) / curvature[0][0];
  return {
    name: "heavy ball",
    text: `heavy ball, v ← βv - α∇L with β = ${show(momentum)}, α = ${show(learningRate)}`,
    hyperparameters: { momentum, learningRate },
  };
}

/** The gain along each eigenvector of G⁻¹H, and the eigenvalue h. */
function modesOf(
  { metric, curvature }: LinearQuadratic,
  gain: number[][],
): { readonly h: number; readonly gain: number }[] {
  const root = new CholeskyDecomposition(symmetrise(toMatrix(metric))).lowerTriangularMatrix;
  const unroot = inverse(root);
  const white = symmetrise(unroot.mmul(toMatrix(curvature)).mmul(unroot.transpose()));
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(white, {
    assumeSymmetric: true,
  });
  const left = eigenvectorMatrix.transpose().mmul(root.transpose());
  const diagonal = left.mmul(new Matrix(gain)).mmul(inverse(left)).diagonal();
  return realEigenvalues.map((h, i) => ({ h, gain: diagonal[i] }));
}

type Limit = { readonly name: string; readonly gainAt: (h: number) => number; readonly formula: string };

function limitsOf({ mobility, lossWeight, discountRate, timeStep, metric }: LinearQuadratic): Limit[] {
  const flat = scalarOf(toMatrix(metric)) !== null;
  const patience = timeStep / -Math.expm1(-discountRate * timeStep);
  const ballistic: Limit = {
    name: "ballistic",
    gainAt: (h) => Math.sqrt(mobility * lossWeight * h),
    formula: flat ? "u = -√(ηk)·H^(-1/2)∇L" : "u = -√(ηk)·(G⁻¹H)^(-1/2)G⁻¹∇L",
  };
  const newton: Limit = { name: "Newton", gainAt: () => 1 / timeStep, formula: "θ ← θ - H⁻¹∇L" };
  if (discountRate === 0) return [ballistic, newton];
  const descent: Limit = {
    name: flat ? "gradient descent" : "natural gradient",
    gainAt: (h) => mobility * lossWeight * patience * h,
    formula: flat ? "θ ← θ - α∇L" : "θ ← θ - αG⁻¹∇L",
  };
  return [descent, ballistic, newton];
}

/** The limit whose gains differ least, over all modes, from the exact ones. */
function limitRule(problem: LinearQuadratic, discrete: RiccatiSolution): Rule {
  const modes = modesOf(problem, discrete.gain);
  const { mobility, lossWeight, discountRate, timeStep } = problem;
  const spreadOf = ({ gainAt }: Limit) => modes.map(({ h, gain }) => gain / gainAt(h));
  const misfit = (limit: Limit) => Math.max(...spreadOf(limit).map((ratio) => Math.abs(Math.log(ratio))));
  const nearest = limitsOf(problem).reduce((best, limit) => (misfit(limit) < misfit(best) ? limit : best));
  const gainRatio = rangeOf(spreadOf(nearest));
  const perGradient = timeStep / (scalarOf(toMatrix(problem.metric)) ?? 1);
  const learningRate = rangeOf(modes.map(({ h, gain }) => (perGradient * gain) / h));
  const descent =
    discountRate > 0
      ? {
          gradientDescentRatio: rangeOf(
            modes.map(({ h, gain }) => (gain * discountRate) / (mobility * lossWeight * h)),
          ),
        }
      : {};
  return {
    name: nearest.name,
    text: `${nearest.name}, ${nearest.formula} with α = ${showRange(learningRate)}: the exact gain is ${showRange(gainRatio)} of this rule's`,
    hyperparameters: {
      learningRate,
      gainRatio,
      ...descent,
      ballisticRatio: rangeOf(modes.map(({ h, gain }) => gain / Math.sqrt(mobility * lossWeight * h))),
      newtonRatio: rangeOf(modes.map(({ gain }) => gain * timeStep)),
    },
  };
}

/** Averaging of noisy gradients: momentum where the task changes, a 1/n gain where it does not. */
function withBelief(base: Rule, problem: NavigationProblem): Rule {
  const { observation, task } = problem;
  if (observation.kind === "state" || observation.noise === 0) return base;
  if (task.kind === "static") {
    return {
      ...base,
      name: `${base.name} on averaged gradients`,
      text: `${base.text}; the gradients are averaged, the n-th with a gain that goes as 1/n`,
    };
  }
  if (!isSeparable(problem))
    return {
      ...base,
      name: `${base.name} with momentum`,
      text: `${base.text}; the gradients are averaged by a Kalman filter`,
    };
  const { decay, initial } = momentumKernel(problem);
  const learningRate = initial.map((value) => value * problem.objective.timeStep);
  return {
    name: "heavy ball",
    text: `heavy ball, v ← βv - α∇L with β = ${showRange(rangeOf(decay))}, α = ${showRange(rangeOf(learningRate))}, on the way to a target: between estimates, ${base.text}`,
    hyperparameters: { ...base.hyperparameters, momentum: decay, learningRate },
  };
}

function isSeparable(problem: NavigationProblem): boolean {
  const { curvature, metric, drift, control } = linearQuadraticOf(problem);
  const covariance = problem.task.covariance ?? [];
  return [curvature, metric, drift, control, covariance].every(
    (rows) => rows.length === 0 || isDiagonal(toMatrix(rows)),
  );
}

/** The pull to the prior mean, and resets. */
function withTask(rule: Rule, { task, observation }: NavigationProblem, { priorWeight }: TaskLaw): Rule {
  if (task.kind === "static") return rule;
  const told = observation.kind === "state" || observation.noise === 0;
  const resets = task.kind === "redrawn" && !told;
  return {
    name: `${rule.name} with ${resets ? "resets and " : ""}a pull to the initial weights`,
    text:
      `${rule.text}; the target lies between the estimate and the prior mean, with weight ${typeof priorWeight === "number" ? show(priorWeight) : "I - K⁻¹K_μ"} on the latter` +
      (resets ? ", and returns to the prior mean when the gradients tell that the task has changed" : ""),
    hyperparameters: { ...rule.hyperparameters, ...(priorWeight === null ? {} : { priorWeight }) },
  };
}

/** The rule of a hidden curvature, named by what its step size does with the second moment of the gradient. */
export function hiddenCurvatureRule(problem: NavigationProblem, curvatureGrid: number): Rule {
  const { squares, gradient, adaptivity } = horizonExponents(problem, { curvatureGrid });
  const name = squares > -0.25 ? "gradient descent" : squares > -0.75 ? "Adam-like" : "Newton-like";
  const { mobility, lossWeight, timeStep } = problem.objective;
  return {
    name,
    text: `${name}: |u| goes as |m|^${show(gradient)}·v^${show(squares)}, where gradient descent has v^0, Adam v^-0.5 and Newton v^-1`,
    hyperparameters: {
      gradientExponent: gradient,
      squaresExponent: squares,
      adaptivity,
      learningRate: Math.sqrt(mobility * lossWeight) * timeStep,
    },
  };
}

/** Channels that tell more of a hidden minimum or curvature than the belief uses: the loss, and a change of task. */
export function ignoredChannels(problem: NavigationProblem): readonly Channel[] {
  if (!hidesMinimum(problem) && !hidesCurvature(problem)) return [];
  const changes = problem.task.kind === "redrawn";
  return channelsOf(problem).filter((channel) => channel === "loss" || (channel === "cue" && changes));
}

function rangeOf(values: number[]): number[] {
  return [Math.min(...values), Math.max(...values)];
}

function showRange([low, high]: number[]): string {
  return show(low) === show(high) ? show(low) : `${show(low)} to ${show(high)}`;
}

function show(value: number | number[] | null): string {
  if (value === null) return "no single point";
  return Array.isArray(value) ? `(${value.map(show).join(", ")})` : String(Number(value.toPrecision(3)));
}
