import { hidesMinimum, type NavigationProblem } from "../envs/problem/problem.js";
import { scalarOf, toMatrix } from "./dense.js";
import { linearQuadraticOf } from "./linear-quadratic.js";
import { ignoredChannels, isCued } from "./modelled.js";
import { hasMomentum, predictedExponents, predictedMomentum } from "./predictions.js";
import type { LinearQuadratic, RiccatiSolution } from "./riccati.js";
import { compareLinear } from "./rules/compare.js";
import { compareHiddenCurvature } from "./rules/compare-simulated.js";
import { type Comparison, inWords, nearestOf } from "./rules/comparison.js";
import { limitRule } from "./rules/limits.js";
import { rangeOf, show, showRange } from "./rules/words.js";
import type { TaskLaw } from "./task-law.js";

/** The textbook rule that a solution comes nearest to, in words and in numbers measured from the solution. */
export interface Rule {
  readonly name: string;
  readonly text: string;
  readonly hyperparameters: Readonly<Record<string, number | number[] | number[][]>>;
  /** What textbook rules cost beyond this solution when they are tuned; empty where none can be compared. */
  readonly comparisons: readonly Comparison[];
}

/** A rule before anything is measured. */
export type RuleShape = Omit<Rule, "comparisons">;

/** The rule of a known curvature: what the feedback resembles, and what the belief and the task add. */
export function ruleOf(problem: NavigationProblem, discrete: RiccatiSolution, law: TaskLaw): Rule {
  const base = feedbackRule(linearQuadraticOf(problem), discrete);
  const shape = hidesMinimum(problem) ? withTask(withBelief(base, problem), problem, law) : base;
  const reference = ignoredChannels(problem).length > 0 ? "this policy" : "the optimum";
  return withComparisons(shape, base.name, compareLinear(problem, discrete), reference);
}

/** Says what the rule that it is named after costs when tuned, and what the cheapest of all costs. */
function withComparisons(
  shape: RuleShape,
  name: string,
  comparisons: readonly Comparison[],
  reference: string,
): Rule {
  const nearest = nearestOf(comparisons);
  if (!nearest) return { ...shape, comparisons };
  const own = comparisons.find(({ rule }) => rule === name) ?? nearest;
  const said = own.excessCost > nearest.excessCost + 1e-6 ? [own, nearest] : [own];
  return {
    ...shape,
    text: `${shape.text}; tuned, ${said.map((each) => inWords(each, reference)).join(", and ")}`,
    comparisons,
  };
}

function feedbackRule(problem: LinearQuadratic, discrete: RiccatiSolution): RuleShape {
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
function isHeavyBall({ drift, control, curvature }: LinearQuadratic): boolean {
  const [a, b] = [drift.flat(), control.flat()];
  return (
    curvature[0][0] > 0 &&
    a.length === 4 &&
    b.length === 2 &&
    a[0] === 0 &&
    a[1] === 1 &&
    a[2] === 0 &&
    b[0] === 0 &&
    b[1] === 1
  );
}

function heavyBallRule(
  { drift, curvature, timeStep }: LinearQuadratic,
  { gain }: RiccatiSolution,
): RuleShape {
  const momentum = 1 - timeStep * (gain[0][1] - drift[1][1]);
  const learningRate = (timeStep ** 2 * gain[0][0]) / curvature[0][0];
  return {
    name: "heavy ball",
    text: `heavy ball, v ← βv - α∇L with β = ${show(momentum)}, α = ${show(learningRate)}`,
    hyperparameters: { momentum, learningRate },
  };
}

/** Averaging of noisy gradients: momentum where the task changes, a 1/n gain where it does not. */
function withBelief(base: RuleShape, problem: NavigationProblem): RuleShape {
  const { observation, task } = problem;
  if (observation.kind === "state" || observation.noise === 0) return base;
  if (task.kind === "static") {
    return {
      ...base,
      name: `${base.name} on averaged gradients`,
      text: `${base.text}; the gradients are averaged, the n-th with a gain that goes as 1/n`,
    };
  }
  if (isCued(problem)) {
    return {
      ...base,
      name: `${base.name} on averaged gradients`,
      text: `${base.text}; the gradients since the last cue are averaged, the n-th with a gain that goes as 1/n`,
    };
  }
  if (!hasMomentum(problem))
    return {
      ...base,
      name: `${base.name} with momentum`,
      text: `${base.text}; the gradients are averaged by a Kalman filter`,
    };
  const { decay, initial } = predictedMomentum(problem);
  const learningRate = initial.map((value) => value * problem.objective.timeStep);
  return {
    name: "heavy ball",
    text: `heavy ball, v ← βv - α∇L with β = ${showRange(rangeOf(decay))}, α = ${showRange(rangeOf(learningRate))}, on the way to a target: between estimates, ${base.text}`,
    hyperparameters: { ...base.hyperparameters, momentum: decay, learningRate },
  };
}

/** The pull to the prior mean, and resets. */
function withTask(rule: RuleShape, problem: NavigationProblem, { priorWeight }: TaskLaw): RuleShape {
  const { task, observation } = problem;
  if (task.kind === "static") return rule;
  const told = observation.kind === "state" || observation.noise === 0;
  const resets = task.kind === "redrawn" && !told;
  return {
    name: `${rule.name} with ${resets ? "resets and " : ""}a pull to the initial weights`,
    text:
      `${rule.text}; the target lies between the estimate and the prior mean, with weight ${typeof priorWeight === "number" ? show(priorWeight) : "I - K⁻¹K_μ"} on the latter` +
      (resets
        ? `, and returns to the prior mean when the ${isCued(problem) ? "cue tells" : "gradients tell"} that the task has changed`
        : ""),
    hyperparameters: { ...rule.hyperparameters, ...(priorWeight === null ? {} : { priorWeight }) },
  };
}

/** The rule of a hidden curvature, named by what its step size does with the second moment of the gradient. */
export function hiddenCurvatureRule(problem: NavigationProblem, curvatureGrid: number): Rule {
  const { squares, gradient, adaptivity } = predictedExponents(problem, { curvatureGrid });
  const name = squares > -0.25 ? "gradient descent" : squares > -0.75 ? "Adam-like" : "Newton-like";
  const { mobility, lossWeight, timeStep } = problem.objective;
  const shape = {
    name,
    text: `${name}: |u| goes as |m|^${show(gradient)}·v^${show(squares)}, where gradient descent has v^0, Adam v^-0.5 and Newton v^-1`,
    hyperparameters: {
      gradientExponent: gradient,
      squaresExponent: squares,
      adaptivity,
      learningRate: Math.sqrt(mobility * lossWeight) * timeStep,
    },
  };
  const textbook = name.replace("-like", "");
  return withComparisons(shape, textbook, compareHiddenCurvature(problem, curvatureGrid), "this policy");
}
