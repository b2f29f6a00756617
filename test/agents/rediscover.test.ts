import { lastValueFrom, tap, toArray } from "rxjs";
import { describe, expect, test } from "vitest";
import { inlineEvaluator } from "../../agents/evaluators/inline.js";
import { applyRules } from "../../agents/rediscover/application.js";
import type { RediscoverEvent } from "../../agents/rediscover/events.js";
import { rediscover } from "../../agents/rediscover/rediscover.js";
import type { Criterion } from "../../agents/rediscover/report.js";
import { estimate, row } from "../../agents/rediscover/rows.js";
import { textbookFamilies, tune } from "../../agents/rediscover/tuning.js";
import { defineProblem } from "../../envs/index.js";

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
    const [descent] = textbookFamilies(problem);
    // θ ← (1 − α)θ dies at once at α = 1, which is on the grid.
    expect(tune(problem, descent, { steps: 3, runs: 2, seed: 0 }).hyperparameters.learningRate).toBeCloseTo(
      1,
      9,
    );
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
