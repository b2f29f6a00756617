import { lastValueFrom, tap, toArray } from "rxjs";
import { describe, expect, test, vi } from "vitest";
import { familyOf } from "../../agents/compare/textbook.js";
import { tune } from "../../agents/compare/tuning.js";
import type { Evaluator } from "../../agents/evaluators/evaluator.js";
import { inlineEvaluator } from "../../agents/evaluators/inline.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { memorylessFor } from "../../agents/policies/memoryless.js";
import { applyRules } from "../../agents/rediscover/application.js";
import type { Archive, Training } from "../../agents/rediscover/archive.js";
import type { RediscoverEvent } from "../../agents/rediscover/events.js";
import { type Experiment, ofRole, type Trained } from "../../agents/rediscover/experiment.js";
import { investigate, type LaboratoryOptions } from "../../agents/rediscover/laboratory.js";
import { rediscover } from "../../agents/rediscover/rediscover.js";
import type { Criterion } from "../../agents/rediscover/report.js";
import { estimate, row } from "../../agents/rediscover/rows.js";
import { defineProblem, type Rollout } from "../../envs/index.js";

const verdict = (learned: number[], criterion: Criterion) =>
  row({ setting: "", quantity: "", predicted: 0.5, exact: 0.4, learned, criterion }).verdict;

describe("a row of the table", () => {
  test.each<[number[], Criterion, string]>([
    [[0.46, 0.54], { kind: "within", of: "predicted", tolerance: 0.05 }, "met"],
    [[0.56, 0.56], { kind: "within", of: "predicted", tolerance: 0.05 }, "missed"],
    [[0.46, 0.46], { kind: "within", of: "exact", tolerance: 0.05 }, "missed"],
    [[0, 0], { kind: "outside", of: "predicted", tolerance: 0.05 }, "met"],
    [[0.5, 0.5], { kind: "outside", of: "predicted", tolerance: 0.05 }, "missed"],
    [[Number.NaN], { kind: "outside", of: "predicted", tolerance: 0.05 }, "missed"],
    [[1, 3], { kind: "at most", limit: 2, unit: "%" }, "met"],
    [[1, 3.1], { kind: "at most", limit: 2, unit: "%" }, "missed"],
    [[Number.NaN], { kind: "at most", limit: 2, unit: "%" }, "missed"],
    [[1, 3], { kind: "at least", limit: 2, unit: "" }, "met"],
    [[1, 2.9], { kind: "at least", limit: 2, unit: "" }, "missed"],
  ])("%j under %j is %s", (learned, criterion, expected) => {
    expect(verdict(learned, criterion)).toBe(expected);
  });

  test("has Student's interval, and none for one seed", () => {
    // Mean 2, standard deviation 1, t(0.975; 2) = 4.3027.
    const { mean, interval } = estimate([1, 2, 3]);
    expect(mean).toBe(2);
    expect(interval?.[0]).toBeCloseTo(2 - 4.3027 / Math.sqrt(3), 4);
    expect(interval?.[1]).toBeCloseTo(2 + 4.3027 / Math.sqrt(3), 4);
    expect(estimate([1])).not.toHaveProperty("interval");
  });

  test("cannot be judged against a value that it lacks", () => {
    const criterion = { kind: "within", of: "predicted", tolerance: 1 } as const;
    expect(() => row({ setting: "", quantity: "", learned: [1], criterion })).toThrow(/needs one/);
  });
});

/** Two classes on a line, hardly overlapping. */
const table = {
  name: "line",
  features: Array.from({ length: 40 }, (_, i) => [i % 2 === 0 ? 1 + (i % 5) / 5 : -1 - (i % 7) / 7]),
  labels: Array.from({ length: 40 }, (_, i) => (i === 6 || i === 9 ? (i + 1) % 2 : i % 2)),
};
const parabolas = defineProblem({
  landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
  objective: { discountRate: 0.01, timeStep: 0.1 },
  task: { kind: "static", mean: [0], covariance: [[1]] },
  observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
});

describe("the application", () => {
  const report = applyRules(table, [], parabolas, { seed: 1 });

  test("knows the optimum of the table, below every rule", () => {
    expect(report.optimum).toBeGreaterThan(0);
    expect(report.target).toBeGreaterThan(report.optimum);
    for (const { finalLoss } of report.rules)
      expect(Math.min(...finalLoss.values)).toBeGreaterThan(report.optimum);
  });

  test("counts the steps of every run, and how many arrived", () => {
    const derived = report.rules.find(({ role }) => role === "exact");
    expect(derived?.stepsToTarget.values).toHaveLength(64);
    expect(derived?.reached).toBeGreaterThan(0.9);
    expect(derived?.stepsToTarget.mean).toBeLessThan(report.steps);
    expect(derived?.hyperparameters).toEqual({});
  });

  test("tunes a rule to the best of its grid", () => {
    const problem = defineProblem({
      landscape: { kind: "quadratic", curvature: [1] },
      start: { kind: "point", parameters: [1] },
    });
    const descent = familyOf(problem, "gradient-descent");
    // θ ← (1 − α)θ dies at once at α = 1, which is on the grid.
    const score = ({ finalLosses }: Rollout) => finalLosses[0];
    const { hyperparameters } = tune(problem, descent, { steps: 3, episodes: 2, seed: 0, score });
    expect(hyperparameters.learningRate).toBeCloseTo(1, 9);
  });
});

test("a quick run tells its story in order and meets its tolerances", { timeout: 120_000 }, async () => {
  const evaluator = inlineEvaluator();
  let time = 0;
  const seen: RediscoverEvent["kind"][] = [];
  const events = await lastValueFrom(
    rediscover({ phenomena: ["momentum"], quick: true, evaluator, clock: () => time++ }).pipe(
      tap(({ kind }) => kind === seen.at(-1) || seen.push(kind)),
      toArray(),
    ),
  );
  expect(seen[0]).toBe("started");
  expect(seen.slice(-2)).toEqual(["phenomenon", "finished"]);
  const done = events.flatMap((event) => ("done" in event ? [event.done] : []));
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done.at(-1)).toBeCloseTo(1, 12);
  const finished = events.at(-1);
  if (finished?.kind !== "finished") throw new Error("no report");
  const { report } = finished;
  expect(report.met).toBe(true);
  expect(report.phenomena[0].rows.map(({ quantity }) => quantity)).toEqual([
    "regret",
    "momentum decay β",
    "β of the memoryless control",
    "regret",
  ]);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

test("unsubscribing stops a run at once", async () => {
  let events = 0;
  await new Promise<void>((resolve) => {
    const subscription = rediscover({ evaluator: inlineEvaluator(), clock: () => 0 }).subscribe(() => {
      events++;
      if (events === 20) {
        subscription.unsubscribe();
        setTimeout(resolve, 300);
      }
    });
  });
  expect(events).toBe(20);
});

describe("the laboratory", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    objective: { discountRate: 1 },
    start: { kind: "point", parameters: [1] },
  });
  const tiny = { steps: 2, iterations: 2, tasks: 2 };
  const probed: Trained[] = [];
  const experiment: Experiment = {
    phenomenon: "momentum",
    title: "",
    question: "",
    settings: [1, 2].map((x) => ({
      name: `setting ${x}`,
      problem,
      usual: "es",
      recipes: (["learned", "control"] as const).map((role) => ({
        role,
        policy: role,
        config: memorylessFor(problem, { hidden: [2] }),
        trainers: {
          bptt: { ...tiny, chunk: 2 },
          es: { ...tiny, members: 2 },
          pes: { ...tiny, members: 2, unroll: 1 },
          ppo: { steps: 2, iterations: 2, episodeSteps: 2, environments: 4 },
        },
      })),
      probe: ({ trained }) => {
        probed.push(...trained);
        const learned = ofRole(trained, "learned").map((_, i) => trained[i].parameters[0]);
        return {
          rows: [
            row({
              setting: `setting ${x}`,
              quantity: "weight",
              learned,
              criterion: { kind: "at most", limit: 9, unit: "" },
            }),
          ],
          panels: {
            figure: {
              title: "all settings",
              series: [
                { name: "exact", role: "exact", points: [[3 - x, 0]] },
                { name: "learned", role: "learned", points: [[3 - x, learned[0]]], band: [[0, x]] },
              ],
            },
          },
        };
      },
    })),
    figures: [{ name: "figure", title: "", caption: "", x: { label: "x" }, y: { label: "y" } }],
  };
  const run = async (options: Partial<LaboratoryOptions> = {}, of = experiment) => {
    probed.length = 0;
    const evaluator = inlineEvaluator({ kernels: referenceKernels() });
    const lab = { seeds: 2, evaluator, clock: () => 0, ...options };
    const events = await lastValueFrom(investigate([of], lab).pipe(toArray()));
    const last = events.at(-1);
    if (last?.kind !== "finished") throw new Error("no report");
    return { events, report: last.report };
  };

  test("trains by the usual trainer, or by each that is asked for, from the same first weights", async () => {
    const usual = await run();
    expect(usual.report.configuration).not.toHaveProperty("trainers");
    expect(usual.report.phenomena[0].rows.map(({ trainer }) => trainer)).toEqual(["es", "es"]);
    expect(probed).toHaveLength(8);
    const { report } = await run({ trainers: ["bptt", "es"] });
    expect(report.configuration.trainers).toEqual(["bptt", "es"]);
    const [phenomenon] = report.phenomena;
    expect(phenomenon.rows.map(({ setting, trainer }) => [setting, trainer])).toEqual([
      ["setting 1", "bptt"],
      ["setting 1", "es"],
      ["setting 2", "bptt"],
      ["setting 2", "es"],
    ]);
    expect(phenomenon.settings[0]).toMatchObject({ trainer: "bptt", further: [{ trainer: "es" }] });
    const first = probed.filter(({ plan }) => plan.role === "learned").map(({ costs }) => costs[0][1]);
    expect(first[0]).toBeCloseTo(first[2], 2);
  });

  test("gives a trainer the policy that is its own", async () => {
    const small = { policy: "small", config: memorylessFor(problem, { hidden: [1] }) };
    const [first] = experiment.settings;
    const recipes = [{ ...first.recipes[0], instead: { es: small, pes: small } }];
    const { report } = await run(
      { trainers: ["bptt", "es", "pes", "ppo"] },
      { ...experiment, settings: [{ ...first, recipes }] },
    );
    const [{ policy, further }] = report.phenomena[0].settings;
    expect([policy, ...(further ?? []).map((each) => each.policy)]).toEqual([
      "learned",
      "small",
      "small",
      "learned",
    ]);
    const sizes = new Set(probed.map(({ plan, parameters }) => `${plan.policy} ${parameters.length}`));
    expect(sizes.size).toBe(2);
  });

  test("draws settings and trainers that share a panel into one", async () => {
    const alone = (await run()).report.phenomena[0].figures[0].panels;
    expect(alone).toHaveLength(1);
    const [one, two] = probed.filter(({ plan }) => plan.role === "learned").filter((_, i) => i % 2 === 0);
    expect(alone[0].series).toEqual([
      {
        name: "exact",
        role: "exact",
        points: [
          [1, 0],
          [2, 0],
        ],
      },
      {
        name: "learned",
        role: "learned",
        points: [
          [1, two.parameters[0]],
          [2, one.parameters[0]],
        ],
        band: [
          [0, 2],
          [0, 1],
        ],
      },
    ]);
    const [both] = (await run({ trainers: ["bptt", "es"] })).report.phenomena[0].figures[0].panels;
    expect(both.series.map(({ name }) => name)).toEqual(["exact", "learned, bptt", "learned, es"]);
    expect(both.series[0].points).toHaveLength(2);
  });

  test("leaves out a figure that no setting fills", async () => {
    const empty = { ...experiment.figures[0], name: "empty" };
    const { report } = await run({}, { ...experiment, figures: [empty, ...experiment.figures] });
    expect(report.phenomena[0].figures.map(({ name }) => name)).toEqual(["figure"]);
  });

  test("goes on from the trainings that were kept, to the same report", async () => {
    const kept = new Map<string, Training>();
    const archive = (capacity: number): Archive => ({
      read: (key) => kept.get(key) ?? null,
      write: (key, training) => {
        if (kept.size < capacity) kept.set(key, training);
      },
    });
    const trainers = ["bptt", "es"] as const;
    const whole = await run({ trainers, archive: archive(5) });
    expect(kept.size).toBe(5);
    const resumed = await run({ trainers, archive: archive(16) });
    expect(kept.size).toBe(16);
    expect(resumed.report).toEqual(whole.report);
    const trainings = ({ events }: typeof whole) =>
      events.filter(({ kind }) => kind === "progress").length / 2;
    expect([trainings(whole), trainings(resumed)]).toEqual([16, 11]);
    expect(resumed.events.at(-1)).toEqual(whole.events.at(-1));
  });

  test("with several workers trains two at a time, to the same report", async () => {
    const told = { trainers: ["bptt", "es", "pes"], seeds: 3 } as const;
    const weights = () => probed.map(({ parameters }) => [...parameters]);
    const alone = await run(told);
    const expected = weights();
    const { report, events } = await run({ ...told, workers: 2 });
    expect(weights()).toEqual(expected);
    expect(report).toEqual({ ...alone.report, configuration: { ...alone.report.configuration, workers: 2 } });
    const seeds = events.flatMap((event) => (event.kind === "progress" ? [event.seed] : []));
    expect(seeds.slice(0, 6)).not.toEqual([0, 0, 1, 1, 2, 2]);
    const done = events.flatMap((event) => ("done" in event ? [event.done] : []));
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBeCloseTo(1, 12);
  });

  test("a training that fails ends the one beside it", async () => {
    const inner = inlineEvaluator({ kernels: referenceKernels() });
    const signals: AbortSignal[] = [];
    const evaluator: Evaluator = {
      ...inner,
      evaluate(job, signal) {
        if (signal && !signals.includes(signal)) signals.push(signal);
        return signal === signals[1] ? Promise.reject(new Error("lost")) : inner.evaluate(job, signal);
      },
    };
    await expect(run({ evaluator, workers: 2 })).rejects.toThrow("lost");
    expect(signals).toHaveLength(2);
    expect(signals[0].aborted).toBe(true);
  });

  test("trains anew what was kept of another plan", async () => {
    const write = vi.fn();
    const { report } = await run();
    const other = {
      ...probed[0],
      plan: { ...probed[0].plan, policy: "other" },
      parameters: new Float64Array(99),
    };
    const again = await run({ archive: { read: () => other, write } });
    expect(write).toHaveBeenCalledTimes(8);
    expect(again.report).toEqual(report);
  });
});
