import { type NavigationProblem, type Policy, rollout } from "../../envs/index.js";
import { bayesOptimalPolicy, informedTerminalCost } from "../../solvers/index.js";
import { fullGruFor } from "../policies/full.js";
import { minimumBankFor } from "../policies/minimum-bank.js";
import { cueMemory } from "../probes/cue-memory.js";
import { regret } from "../probes/regret.js";
import { meanSeries } from "./curves.js";
import { regretsAgainst } from "./evaluation.js";
import { byEvolution, type Findings, ofRole, type ProbeContext, type Setting } from "./experiment.js";
import { RAREST, redrawnProblem, redrawnTrainers } from "./redrawn.js";
import { row } from "./rows.js";

const KEPT_TOLERANCE = 0.1;
/** Of a cue, to the network; so large an input can shut the gates of its memory at once. */
const CUE_SCALE = 0.2;
/** Beside it, a cue is too small to be seen. */
const OUT_OF_SIGHT = 1e9;
/** Steps of the figure before and after the cue. */
const BEFORE = 10;
const AFTER = 20;

/** The last regime of unannounced redraws, announced. */
export function cuedSetting(): Setting {
  const { hazardRate, noise, priorDeviation } = RAREST;
  const problem = redrawnProblem(RAREST, { cued: true });
  const gru = (cue: number) =>
    fullGruFor(problem, {
      units: 6,
      scale: [priorDeviation + noise, priorDeviation, cue],
      unit: priorDeviation,
    });
  return {
    name: `hazard ${hazardRate}, noise ${noise}, told by a cue`,
    problem,
    usual: "bptt",
    recipes: [
      {
        role: "learned",
        policy: "GRU-6 of all",
        config: gru(CUE_SCALE),
        instead: byEvolution("minimum bank 4", minimumBankFor(problem)),
        trainers: redrawnTrainers(RAREST, [1000, RAREST.generations, 8000, 300]),
      },
      {
        role: "control",
        policy: "GRU-6 of all but the cue",
        config: gru(OUT_OF_SIGHT),
        trainers: redrawnTrainers(RAREST, [300, 100, 500, 100]),
      },
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
  const evaluation = { seed: `${seed}/regret`, steps: RAREST.steps };
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
  const uncued = redrawnProblem(RAREST);
  const options = { seed, steps, terminalCost: informedTerminalCost(problem) };
  const { costs } = rollout(uncued, bayesOptimalPolicy(uncued), { ...options, episodes: 4096 });
  return policies.map((policy) => 100 * regret(problem, policy, costs, options).relative);
}
