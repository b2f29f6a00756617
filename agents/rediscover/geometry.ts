import { defineProblem, type NavigationProblem, type Policy } from "../../envs/index.js";
import { bayesOptimalPolicy, predict } from "../../solvers/index.js";
import { memorylessFor } from "../policies/memoryless.js";
import { type MetricExponent, metricExponent } from "../probes/metric-exponent.js";
import { linearFit } from "../probes/statistics.js";
import { hold, recordStream } from "../probes/streams.js";
import { meanSeries } from "./curves.js";
import { regretsAgainst } from "./evaluation.js";
import {
  byEvolution,
  type Experiment,
  type Findings,
  INFORMED,
  ofRole,
  type ProbeContext,
  type Recipe,
  type Setting,
} from "./experiment.js";
import type { Series } from "./report.js";
import { row } from "./rows.js";

const STEPS = 40;
const TOLERANCE = 0.1;
const PROBED_STARTS = 512;

/** G, one entry a coordinate, over two decades. */
const METRIC = Array.from({ length: 8 }, (_, i) => 10 ** (-1 + (2 * i) / 7));

function metricProblem(discountRate: number): NavigationProblem {
  const diagonal = (entries: readonly number[]) =>
    entries.map((entry, i) => entries.map((_, j) => (i === j ? entry : 0)));
  return defineProblem({
    landscape: { kind: "quadratic", curvature: METRIC.map(() => 1) },
    objective: { discountRate, timeStep: 0.1 },
    geometry: { metric: diagonal(METRIC) },
    start: { kind: "gaussian", mean: METRIC.map(() => 0), covariance: diagonal(METRIC.map(() => 1)) },
  });
}

function setting(name: string, discountRate: number, quick: boolean): Setting {
  const problem = metricProblem(discountRate);
  const recipe = (role: Recipe["role"], policy: string, constants: number[][]): Recipe => ({
    role,
    policy,
    config: memorylessFor(problem, { hidden: [16], constants }),
    instead: byEvolution(policy, memorylessFor(problem, { hidden: [6], constants })),
    trainers: {
      bptt: {
        steps: STEPS,
        tasks: 64,
        chunk: 32,
        learningRate: 1e-2,
        decisions: "equal",
        iterations: quick ? 300 : 800,
      },
      // A control has less to learn.
      es: { steps: STEPS, tasks: 32, members: 32, iterations: quick ? 150 : role === "control" ? 200 : 600 },
      pes: { steps: STEPS, tasks: 16, members: 32, unroll: 10, iterations: quick ? 600 : 1500 },
      ppo: {
        ...INFORMED,
        ...{ steps: 64, episodeSteps: STEPS, environments: 32, iterations: quick ? 80 : 200 },
      },
    },
  });
  return {
    name,
    problem,
    usual: "bptt",
    recipes: [
      recipe("learned", "memoryless MLP, told log G", [METRIC.map(Math.log10)]),
      recipe("control", "memoryless MLP, not told G", []),
    ],
    probe,
  };
}

function probe({ setting: { name, problem }, trained, seed, regretAllowance }: ProbeContext): Findings {
  const exact = bayesOptimalPolicy(problem);
  const stream = recordStream(problem, hold, { episodes: PROBED_STARTS, steps: 1, seed: `${seed}/starts` });
  const measure = (policy: Policy) => metricExponent(problem, policy, stream);
  const learned = ofRole(trained, "learned");
  const exactExponent = measure(exact);
  const learnedExponents = learned.map(measure);
  const controlExponents = ofRole(trained, "control").map(measure);
  const predicted = predictedExponent(problem);
  const series = (label: string, role: Series["role"], found: readonly MetricExponent[]) =>
    meanSeries(
      label,
      role,
      METRIC,
      found.map(({ curve }) => curve.map(({ response }) => response)),
    );
  const [steepest] = exactExponent.curve;
  return {
    rows: [
      row({
        setting: name,
        quantity: "exponent on the metric, u ∝ Gᵖg",
        predicted,
        exact: exactExponent.exponent,
        learned: learnedExponents.map(({ exponent }) => exponent),
        criterion: { kind: "within", of: "predicted", tolerance: TOLERANCE },
      }),
      row({
        setting: name,
        quantity: "exponent of the control",
        predicted,
        learned: controlExponents.map(({ exponent }) => exponent),
        criterion: { kind: "outside", of: "predicted", tolerance: TOLERANCE },
        note: "A rule that is not told the metric must fail the probe.",
      }),
      row({
        setting: name,
        quantity: "regret",
        exact: 0,
        learned: regretsAgainst(problem, exact, learned, {
          seed: `${seed}/regret`,
          steps: STEPS,
          episodes: 1024,
        }),
        criterion: { kind: "at most", limit: 0.5 * regretAllowance, unit: "%" },
      }),
    ],
    panels: {
      "geometry-response": {
        title: name,
        series: [
          {
            name: "natural gradient, p = −1",
            role: "baseline",
            points: METRIC.map((entry) => [entry, steepest.response * (METRIC[0] / entry)] as const),
          },
          series("exact policy", "exact", [exactExponent]),
          series("learned", "learned", learnedExponents),
          series("not told the metric", "control", controlExponents),
        ],
      },
    },
  };
}

/** Slope of log P on log G, where u = −P∇L. */
function predictedExponent(problem: NavigationProblem): number {
  const { geometry } = predict(problem);
  if (!geometry) throw new Error("geometry: the problem must have a preconditioner");
  const [slope] = linearFit(
    [METRIC.map(Math.log)],
    geometry.map((row, i) => Math.log(row[i])),
  );
  return slope;
}

export function geometryExperiment(quick: boolean): Experiment {
  const regimes = [
    ["short horizon, γ = 10", 10],
    ["long horizon, γ = 0.1", 0.1],
  ] as const;
  return {
    phenomenon: "geometry",
    title: "Natural gradient is what a price of movement makes of the gradient",
    question:
      "Moving costs ½uᵀGu/η, and G differs a hundredfold between coordinates whose losses are the same. With a short horizon " +
      "the exact rule is the natural gradient, u ∝ G⁻¹g; with a long one it is nearer to G^(-1/2)g, for an expensive " +
      "coordinate is worth a longer journey. Does a network that is told G, but not what it is for, find both?",
    settings: (quick ? regimes.slice(0, 1) : regimes).map(([name, rate]) => setting(name, rate, quick)),
    figures: [
      {
        name: "geometry-response",
        title: "How far a coordinate moves for its gradient",
        caption:
          "Geometric mean of |u|/|g| by the coordinate's entry of the metric; band: 95 % interval over training seeds.",
        x: { label: "metric G of the coordinate", scale: "log" },
        y: { label: "|u|/|g| (θ²/(loss·time))", scale: "log" },
      },
    ],
  };
}
