import { defineProblem, type NavigationProblem, type Policy, rollout } from "../../envs/index.js";
import { bayesOptimalPolicy, informedTerminalCost } from "../../solvers/index.js";
import { fullGruFor } from "../policies/full.js";
import { cueMemory } from "../probes/cue-memory.js";
import { regret } from "../probes/regret.js";
import { meanSeries } from "./curves.js";
import { regretsAgainst } from "./evaluation.js";
import { type Findings, ofRole, type ProbeContext, type Recipe, type Setting } from "./experiment.js";
import { row } from "./rows.js";

const STEPS = 200;
const NOISE = 2;
const PRIOR_DEVIATION = 3;
const KEPT_TOLERANCE = 0.1;
/** Of a cue, to the network; so large an input can shut the gates of its memory at once. */
const CUE_SCALE = 0.2;
/** Beside it, a cue is too small to be seen. */
const OUT_OF_SIGHT = 1e9;
/** Steps of the figure before and after the cue. */
const BEFORE = 10;
const AFTER = 20;

/** A task that is redrawn now and then, which a cue may tell. */
function redrawnProblem(cued: boolean): NavigationProblem {
  return defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    objective: { discountRate: 0.05, timeStep: 0.1 },
    task: { kind: "redrawn", hazardRate: 0.05, mean: [0], covariance: [[PRIOR_DEVIATION ** 2]] },
    observation: {
      kind: "gradient",
      noise: NOISE,
      channels: ["gradient", "parameters", ...(cued ? (["cue"] as const) : [])],
    },
  });
}

/** The last regime of unannounced redraws, announced. */
export function cuedSetting(): Setting {
  const problem = redrawnProblem(true);
  const recipe = (role: Recipe["role"], policy: string, cue: number): Recipe => ({
    role,
    policy,
    config: fullGruFor(problem, {
      units: 24,
      scale: [PRIOR_DEVIATION + NOISE, PRIOR_DEVIATION, cue],
      unit: PRIOR_DEVIATION,
    }),
    trainers: {
      bptt: {
        steps: STEPS,
        tasks: 256,
        learningRate: 2e-2,
        decisions: "equal",
        iterations: role === "control" ? 300 : 1000,
      },
      es: { steps: STEPS, tasks: 64, members: 32, iterations: role === "control" ? 100 : 300 },
      pes: { steps: STEPS, tasks: 32, members: 32, unroll: 25, iterations: role === "control" ? 500 : 1500 },
      ppo: { steps: 64, episodeSteps: STEPS, environments: 32, iterations: role === "control" ? 100 : 300 },
    },
  });
  return {
    name: "hazard 0.05, noise 2, told by a cue",
    problem,
    usual: "bptt",
    recipes: [
      recipe("learned", "GRU-24 of all", CUE_SCALE),
      recipe("control", "GRU-24 of all but the cue", OUT_OF_SIGHT),
    ],
    probe,
  };
}

function probe({ setting: { name, problem }, trained, seed, regretAllowance }: ProbeContext): Findings {
  const exact = bayesOptimalPolicy(problem);
  const learned = ofRole(trained, "learned");
  const controls = ofRole(trained, "control");
  const measure = (policy: Policy) =>
    cueMemory(problem, policy, { seed: `${seed}/memory`, before: BEFORE, after: AFTER });
  const exactMemory = measure(exact);
  const learnedMemories = learned.map(measure);
  const controlMemories = controls.map(measure);
  const evaluation = { seed: `${seed}/regret`, steps: STEPS };
  const gains = gainsOverUncued(problem, [exact, ...learned], evaluation);
  const steps = exactMemory.response.map((_, n) => n - BEFORE);
  const responses = (memories: readonly { readonly response: readonly number[] }[]) =>
    memories.map(({ response }) => response);
  return {
    rows: [
      row({
        setting: name,
        quantity: "share of the old task kept at a cue",
        predicted: 0,
        exact: exactMemory.kept,
        learned: learnedMemories.map(({ kept }) => kept),
        criterion: { kind: "within", of: "predicted", tolerance: KEPT_TOLERANCE },
      }),
      row({
        setting: name,
        quantity: "share kept by the control",
        predicted: 0,
        learned: controlMemories.map(({ kept }) => kept),
        criterion: { kind: "outside", of: "predicted", tolerance: KEPT_TOLERANCE },
        note: "A rule that does not see the cue must fail the probe.",
      }),
      row({
        setting: name,
        quantity: "regret",
        exact: 0,
        learned: regretsAgainst(problem, exact, learned, evaluation),
        criterion: { kind: "at most", limit: 5 * regretAllowance, unit: "%" },
      }),
      row({
        setting: name,
        quantity: "cost over the best rule without the cue",
        exact: gains[0],
        learned: gains.slice(1),
        criterion: { kind: "at most", limit: 0, unit: "%" },
        note: "Only a rule that heeds the cue can be below zero.",
      }),
    ],
    panels: {
      "cue-memory": {
        title: name,
        series: [
          meanSeries("exact policy", "exact", steps, responses([exactMemory])),
          meanSeries("learned", "learned", steps, responses(learnedMemories)),
          meanSeries("does not see the cue", "control", steps, responses(controlMemories)),
        ],
        marks: [{ axis: "x", value: 0, label: "cue" }],
      },
    },
  };
}

/** In percent of the cost of the exact policy that is not cued, on the same tasks and noise. */
function gainsOverUncued(
  problem: NavigationProblem,
  policies: readonly Policy[],
  { seed, steps }: { readonly seed: string; readonly steps: number },
): number[] {
  const uncued = redrawnProblem(false);
  const options = { seed, steps, terminalCost: informedTerminalCost(problem) };
  const { costs } = rollout(uncued, bayesOptimalPolicy(uncued), { ...options, episodes: 4096 });
  return policies.map((policy) => 100 * regret(problem, policy, costs, options).relative);
}
