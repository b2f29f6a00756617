import { type AuditOptions, auditEstimators, type EstimatorAudit } from "../../agents/audit/audit.js";
import { linearRuleCost } from "../../agents/audit/linear-cost.js";
import { gru, gruFor } from "../../agents/policies/gru.js";
import { linearEmaBank, linearEmaBankFor } from "../../agents/policies/linear-ema-bank.js";
import type { PolicyModel } from "../../agents/policies/model.js";
import { mean, standardDeviation } from "../../agents/probes/statistics.js";
import { bpttTrainer } from "../../agents/trainers/bptt.js";
import { type NavigationProblem, registeredProblem, rootKey } from "../../envs/index.js";
import { workerPool } from "../worker-pool.js";

/**
 * Bias, variance and signal-to-noise of the estimators of the gradient, at equal numbers of environment steps, as the
 * tables of docs/estimators.md: `npm run bench:estimators [-- --json]`.
 */
const evaluator = workerPool();
const common = {
  steps: 60,
  unroll: 10,
  terminal: "informed-value",
  sigma: 0.02,
  members: 16,
  stepsPerEstimate: 60 * 16 * 16,
  seed: 1,
  evaluator,
} as const;

interface Case {
  readonly title: string;
  readonly options: AuditOptions;
}

/** A linear rule about a hidden minimum, whose expected cost is known in closed form. */
function linearCase(): Case {
  const problem = registeredProblem("lossgym/HiddenMinimum-v0");
  const config = linearEmaBankFor(problem, { decays: [0] });
  const parameters = Float64Array.of(0.5, 0.1);
  const costAt = (weights: Float64Array) => {
    const [onGradient, onParameters] = weights.map((weight) => config.gain * weight);
    return linearRuleCost(problem, { onGradient, onParameters }, common.steps, common.terminal);
  };
  const truth = parameters.map((_, j) => {
    const at = (change: number) =>
      costAt(parameters.map((weight, k) => (k === j ? weight + change : weight)));
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });
  const model = linearEmaBank(config);
  return {
    title: "A linear rule of 2 weights, hidden minimum; truth in closed form",
    options: { ...common, problem, model, parameters, truth, estimates: 600 },
  };
}

/** A recurrent network before training, held against the mean of many reverse passes. */
async function recurrentCase(): Promise<Case> {
  const problem = registeredProblem("lossgym/HiddenMinimum-v0");
  const model = gru(gruFor(problem, { units: 8 }));
  const parameters = model.initialParameters(rootKey("estimators"));
  const found = await manyReversePasses(problem, model, parameters);
  return {
    title: `A GRU of ${model.parameterCount} weights before training, hidden minimum; truth from 65536 episodes`,
    options: { ...common, problem, model, parameters, ...found, estimates: 600 },
  };
}

async function manyReversePasses(problem: NavigationProblem, model: PolicyModel, parameters: Float64Array) {
  const passes = 64;
  const { steps, terminal } = common;
  const trainer = bpttTrainer(problem, model, {
    seed: "truth",
    steps,
    terminal,
    tasks: 1024,
    iterations: passes,
  });
  const estimator = trainer.estimator();
  const gradients: Float64Array[] = [];
  for (let i = 0; i < passes; i++) {
    const { gradient } = await estimator.estimate(evaluator, i, parameters, new AbortController().signal);
    gradients.push(gradient.slice());
  }
  const components = Array.from(parameters, (_, j) => gradients.map((gradient) => gradient[j]));
  return {
    truth: Float64Array.from(components, mean),
    truthError: Float64Array.from(components, (values) => standardDeviation(values) / Math.sqrt(passes)),
  };
}

function tableOf(audits: readonly EstimatorAudit[]): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const rows = audits.map(
    ({ estimator, bias, largestDeviation, relativeVariance, signalToNoise, cosine }) => [
      estimator,
      bias ? `${percent(bias.relative)} ± ${percent(bias.error)}` : "–",
      largestDeviation?.toFixed(1) ?? "–",
      relativeVariance?.toPrecision(3) ?? "–",
      signalToNoise.toPrecision(3),
      cosine.toFixed(4),
    ],
  );
  return [
    [
      "estimator",
      "bias along the gradient",
      "largest deviation, in SE",
      "variance / ‖g‖²",
      "signal / noise",
      "cosine",
    ],
    ["---", "---:", "---:", "---:", "---:", "---:"],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

const results = [];
for (const { title, options } of [linearCase(), await recurrentCase()]) {
  const audits = await auditEstimators(options);
  results.push({ title, audits });
  if (!process.argv.includes("--json")) process.stdout.write(`${title}:\n\n${tableOf(audits)}\n\n`);
}
if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify(results)}\n`);
await evaluator.close();
