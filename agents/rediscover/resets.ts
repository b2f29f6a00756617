import { bayesOptimalPolicy, linearFilterPolicy, priorWeight } from "../../solvers/index.js";
import { gruFor } from "../policies/gru.js";
import { minimumBankFor } from "../policies/minimum-bank.js";
import { resetWeight, taskSwitch } from "../probes/reset-weight.js";
import { cuedSetting } from "./cued-resets.js";
import { meanSeries } from "./curves.js";
import { regretsAgainst } from "./evaluation.js";
import {
  byEvolution,
  type Experiment,
  type Findings,
  ofRole,
  type ProbeContext,
  type Setting,
} from "./experiment.js";
import { REGIMES, type Regime, redrawnProblem, redrawnTrainers } from "./redrawn.js";
import { row } from "./rows.js";

function setting(regime: Regime, quick: boolean): Setting {
  const problem = redrawnProblem(regime);
  return {
    name: `hazard ${regime.hazardRate}, noise ${regime.noise}`,
    problem,
    usual: "bptt",
    recipes: [
      {
        role: "learned",
        policy: "GRU-12",
        config: gruFor(problem, { units: 12 }),
        instead: byEvolution("minimum bank 4", minimumBankFor(problem)),
        trainers: redrawnTrainers(
          regime,
          quick ? [400, 400, 500, 100] : [1000, regime.generations, 8000, 300],
        ),
      },
    ],
    probe: (context) => probe(context, regime),
  };
}

function probe(
  { setting: { name, problem }, trained, seed, regretAllowance }: ProbeContext,
  regime: Regime,
): Findings {
  const exact = bayesOptimalPolicy(problem);
  const linear = linearFilterPolicy(problem);
  const learned = ofRole(trained, "learned");
  const exposure = { seed: `${seed}/exposure` };
  const evaluation = { seed: `${seed}/regret`, steps: regime.steps };
  const from = { before: [regime.priorDeviation], after: [-regime.priorDeviation], ...exposure };
  const paths = [exact, linear, ...learned].map((policy) => taskSwitch(problem, policy, from));
  const steps = paths[0].map(([step]) => step);
  const [exactPath, linearPath, ...learnedPaths] = paths.map((path) =>
    path.map(([, parameter]) => parameter),
  );
  return {
    rows: [
      row({
        setting: name,
        quantity: "prior weight w at rest",
        predicted: Number(priorWeight(problem)),
        exact: resetWeight(problem, exact, exposure),
        learned: learned.map((policy) => resetWeight(problem, policy, exposure)),
        criterion: { kind: "within", of: "predicted", tolerance: 0.05 },
      }),
      row({
        setting: name,
        quantity: "regret",
        exact: 0,
        learned: regretsAgainst(problem, exact, learned, evaluation),
        criterion: { kind: "at most", limit: 5 * regretAllowance, unit: "%" },
      }),
      ...(regime.beatsLinear
        ? [
            row({
              setting: name,
              quantity: "cost over the best linear filter",
              exact: regretsAgainst(problem, linear, [exact], evaluation)[0],
              learned: regretsAgainst(problem, linear, learned, evaluation),
              criterion: { kind: "at most", limit: 0, unit: "%" },
              note: "Only a rule that detects the change and resets can be below zero.",
            }),
          ]
        : []),
    ],
    panels: {
      "reset-path": {
        title: name,
        series: [
          meanSeries("exact policy", "exact", steps, [exactPath]),
          meanSeries("best linear filter", "baseline", steps, [linearPath]),
          meanSeries("learned", "learned", steps, learnedPaths),
        ],
        marks: [
          { axis: "y", value: regime.priorDeviation, label: "old task" },
          { axis: "y", value: 0, label: "prior mean μ₀" },
          { axis: "y", value: -regime.priorDeviation, label: "new task" },
          { axis: "x", value: 0, label: "change" },
        ],
      },
    },
  };
}

export function resetsExperiment(quick: boolean): Experiment {
  const regimes = quick ? REGIMES.slice(-1) : REGIMES;
  return {
    phenomenon: "resets",
    title: "Resets are a belief that the task has changed",
    question:
      "Now and then the task is redrawn, unannounced. The exact rule mixes over how long ago that was. While a task " +
      "lasts, the learner rests short of its minimum, drawn to the prior mean by a weight w; when the evidence turns, " +
      "it heads for the prior mean first and the new minimum after: a reset. Averaging alone cannot do this. Does the " +
      "network? And where a cue tells of the change, the exact rule forgets all at once: the network too?",
    settings: [...regimes.map((regime) => setting(regime, quick)), ...(quick ? [] : [cuedSetting()])],
    figures: [
      {
        name: "reset-path",
        title: "The path after a change of task",
        caption:
          "Mean parameter over 1024 learners; the task changes at step 0. Band: 95 % interval over training seeds.",
        x: { label: "steps after the change" },
        y: { label: "parameter θ" },
      },
      {
        name: "cue-memory",
        title: "What is left of the old task after a cue",
        caption:
          "Part of the action that goes back to the old task, relative to that just before the cue; band: 95 % interval over training seeds.",
        x: { label: "steps after the cue" },
        y: { label: "weight of the old task" },
      },
    ],
  };
}
