import type { Optimizer } from "@tensorflow/tfjs";
import { lastValueFrom } from "rxjs";
import type { TensorFlow } from "../../agents/backend.js";
import {
  bptt,
  emaBankFor,
  learnedPolicy,
  type PolicyConfig,
  policyModel,
  toOptimizer,
  type Units,
} from "../../agents/index.js";
import { defineProblem, type NavigationProblem, type Policy } from "../../envs/index.js";
import { adam, qmdpPolicy } from "../../solvers/index.js";
import type { ImageRecord, ImageSettings } from "./images-record.js";

/** Rules with a learning rate that is tuned. */
export type TunedRule = "SGD" | "Adam";
/** Rules that come as they are, in the units of `unitsOf`. */
export type UntunedRule = "ballistic" | "Bayesian Adam" | "learned";
export type RuleName = TunedRule | UntunedRule;

export const tunedRules: readonly TunedRule[] = ["SGD", "Adam"];
export const untunedRules: readonly UntunedRule[] = ["ballistic", "Bayesian Adam", "learned"];

/**
 * What the derived and the learned rule take every weight to be: the coordinate of a parabola of unknown curvature, with
 * its minimum a unit away and a long horizon; the noise of the gradient tells the curvature.
 */
const parabolas: NavigationProblem = defineProblem({
  landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
  objective: { mobility: 1, lossWeight: 1, discountRate: 0.01, timeStep: 0.1 },
  task: { kind: "static", mean: [0], covariance: [[1]] },
  observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
});

/** As many as half a million weights allow: the rule takes time and memory in proportion. */
const curvatureGrid = 9;

export function tunedOptimizer(tf: TensorFlow, rule: TunedRule, learningRate: number): Optimizer {
  return rule === "SGD" ? tf.train.sgd(learningRate) : tf.train.adam(learningRate);
}

export function untunedOptimizer(
  tf: TensorFlow,
  rule: UntunedRule,
  units: Units,
  learned: NonNullable<ImageRecord["learned"]>,
): Optimizer {
  return toOptimizer(policyOf(rule, learned), { tf, problem: parabolas, ...units });
}

function policyOf(rule: UntunedRule, { config, parameters }: NonNullable<ImageRecord["learned"]>): Policy {
  switch (rule) {
    case "ballistic":
      return ballisticPolicy();
    case "Bayesian Adam":
      return qmdpPolicy(parabolas, { curvatureGrid }) as Policy;
    case "learned":
      return learnedPolicy(policyModel(config), Float64Array.from(parameters)) as Policy;
  }
}

/**
 * The limit of a long horizon with the curvature ĥ = B·v̂ of each weight by the Fisher identity: u = −√(ηk/B)·g/√v̂, v̂ the
 * bias-corrected average of g², and no average of g.
 */
function ballisticPolicy(): Policy {
  const { mobility, lossWeight, timeStep } = parabolas.objective;
  const learningRate = timeStep * Math.sqrt(mobility * lossWeight);
  return adam(parabolas, { beta1: 0, learningRate }) as Policy;
}

/**
 * Nothing is tuned. A weight's unit is the step, the same for all, over which the first gradient would use up the loss,
 * s = L/‖∇L‖₁; the loss's unit is that in which the root mean square of that gradient is the one of the parabolas.
 */
export function unitsOf(
  loss: number,
  gradients: readonly ArrayLike<number>[],
): Required<Pick<Units, "parameterScale" | "lossScale">> {
  let [sum, squares, count] = [0, 0, 0];
  for (const gradient of gradients) {
    count += gradient.length;
    for (let i = 0; i < gradient.length; i++) {
      sum += Math.abs(gradient[i]);
      squares += gradient[i] ** 2;
    }
  }
  const parameterScale = loss / sum;
  return { parameterScale, lossScale: expectedGradient() / (parameterScale * Math.sqrt(squares / count)) };
}

/** √E[y²] of the first gradient of a parabola: E[h²]·Var(μ) + E[h]/B, h log-uniform from a to b. */
function expectedGradient(): number {
  const [low, high] = [0.01, 100];
  const logs = Math.log(high / low);
  return Math.sqrt((high ** 2 - low ** 2) / (2 * logs) + (high - low) / logs);
}

/** Trains a bank of averages on random parabolas; it sees no image. */
export async function learnRule({
  seed,
  iterations,
  tasks,
  steps,
}: ImageSettings["learning"]): Promise<NonNullable<ImageRecord["learned"]>> {
  const config: PolicyConfig = emaBankFor(parabolas, { hidden: [8] });
  const training = bptt(parabolas, policyModel(config), { seed, iterations, tasks, steps });
  const last = await lastValueFrom(training);
  if (last.kind !== "finished") throw new Error(`learnRule: training must finish, got ${last.kind}`);
  return { config, parameters: Array.from(last.parameters, Math.fround) };
}
