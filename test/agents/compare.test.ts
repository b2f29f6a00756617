import { describe, expect, test } from "vitest";
import { splitOf } from "../../agents/compare/episodes.js";
import { performanceProfiles } from "../../agents/compare/profile.js";
import { quantile } from "../../agents/compare/statistics.js";
import { tuneRule } from "../../agents/compare/tuning.js";
import {
  type Contestant,
  compare,
  derivedRule,
  emaBankFor,
  fullFor,
  interquartileMean,
  learnedRule,
  policyModel,
  regret,
  stratifiedBootstrap,
  textbookNames,
  textbookRule,
} from "../../agents/index.js";
import { mean, standardDeviation } from "../../agents/probes/statistics.js";
import { defineProblem, fillNormals, rollout, rootKey } from "../../envs/index.js";
import { gradientDescent, informedTerminalCost, solve } from "../../solvers/index.js";

describe("the interquartile mean", () => {
  test.each([
    [[1, 2, 3, 4, 5, 6, 7, 8], 4.5],
    [[8, 1, 1e9, 2, 3, -1e9, 6, 7], 4.5],
    // scipy.stats.trim_mean(values, 0.25)
    [[3.1, -2, 7.5, 0.4, 12, 5.5, -9.3, 1.1, 2.2, 100], 3.3],
    [[5, 1, 9, 2, 2.5, 8, 0], 3.7],
    [[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048], 84],
    [[7], 7],
  ])("of %j is %f", (values, want) => {
    const before = [...values];
    expect(interquartileMean(values)).toBeCloseTo(want, 12);
    expect(values).toEqual(before);
  });

  test("quantiles lie between the sorted values", () => {
    expect([0, 0.1, 0.5, 1].map((p) => quantile([30, 10, 20], p))).toEqual([10, 12, 20, 30]);
  });
});

describe("the stratified bootstrap", () => {
  const normals = (count: number, seed: number) => {
    const out = new Float64Array(count);
    fillNormals(rootKey(seed), 0, 0, count, out);
    return out;
  };

  test("draws every resample with equal chance", () => {
    // Two of two: the mean of 0 and 1 is 0, ½, ½ or 1.
    const seen = new Map<number, number>();
    stratifiedBootstrap(
      [2],
      ([a, b]) => {
        seen.set(a + b, (seen.get(a + b) ?? 0) + 1);
        return a + b;
      },
      { seed: 1, resamples: 4000 },
    );
    expect([...seen.keys()].sort()).toEqual([0, 1, 2]);
    for (const [sum, share] of [
      [0, 1 / 4],
      [1, 1 / 2],
      [2, 1 / 4],
    ])
      expect(Math.abs(seen.get(sum)! / 4000 - share)).toBeLessThan(0.025);
  });

  test("draws as many from each stratum as it has", () => {
    stratifiedBootstrap(
      [3, 1, 5],
      (members) => {
        const strata = [...members].map((member) => (member < 3 ? 0 : member < 4 ? 1 : 2));
        expect(strata).toEqual([0, 0, 0, 1, 2, 2, 2, 2, 2]);
        return 0;
      },
      { seed: 2, resamples: 50 },
    );
  });

  test("its interval is that of the normal approximation, without the spread between strata", () => {
    const strata = [normals(60, 1), normals(90, 2).map((z) => 100 + 3 * z)];
    const values = Float64Array.from(strata.flatMap((stratum) => [...stratum]));
    const [low, high] = stratifiedBootstrap(
      [60, 90],
      (members) => mean([...members].map((member) => values[member])),
      { seed: 3 },
    );
    // Var = Σ (n_k/n)²·s_k²/n_k, s_k² with n_k in the denominator
    const variance = strata.reduce((sum, { length: n }, k) => {
      return sum + (n / 150) ** 2 * (standardDeviation(strata[k]) ** 2 * ((n - 1) / n)) * (1 / n);
    }, 0);
    const half = 1.959964 * Math.sqrt(variance);
    expect(Math.abs((high - low) / 2 / half - 1)).toBeLessThan(0.06);
    expect(Math.abs((high + low) / 2 - mean(values))).toBeLessThan(0.1 * half);
    const [wide, top] = stratifiedBootstrap([60, 90], (m) => mean([...m].map((i) => values[i])), {
      seed: 3,
      confidence: 0.99,
    });
    expect((top - wide) / (high - low)).toBeCloseTo(2.576 / 1.96, 0.9);
  });

  test("the same seed gives the same interval", () => {
    const run = (seed: number) =>
      stratifiedBootstrap([8], (members) => members[0] + members[7] ** 2, { seed, resamples: 100 });
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });
});

test("a profile counts the episodes within each factor of the reference", () => {
  const reference = Float64Array.of(1, 2, 4, 8);
  const costs = [reference, Float64Array.of(2, 2, 6, 40)];
  const { factors, fractions } = performanceProfiles(costs, reference)!;
  for (const [i, factor] of factors.entries()) {
    expect(fractions[0][i]).toBe(factor >= 1 ? 1 : 0);
    const want = factor < 1 ? 0 : factor < 1.5 ? 0.25 : factor < 2 ? 0.5 : factor < 5 ? 0.75 : 1;
    expect(fractions[1][i]).toBe(want);
  }
  expect(factors).toContain(1);
  expect(performanceProfiles(costs, Float64Array.of(1, 0, 1, 1))).toBeNull();
});

const few = { seeds: 2, episodes: 8, resamples: 100 };

describe("on a known parabola", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [2] },
    objective: { discountRate: 0.4, mobility: 1.5, lossWeight: 0.7 },
    start: { kind: "gaussian", mean: [0], covariance: [[1]] },
  });
  const { discrete } = solve(problem);
  const alpha = 0.03;

  /** V/½θ² of gradient descent: loss after each step, and the optimum's value after the last. */
  const costFactor = (steps: number) => {
    const { discountRate, timeStep, mobility, lossWeight } = problem.objective;
    const rate = (alpha * 2) / timeStep;
    const left = (1 - alpha * 2) ** 2;
    let value = discrete!.valueMatrix[0][0];
    for (let t = 0; t < steps; t++)
      value =
        timeStep * (rate ** 2 / mobility + lossWeight * 2 * left) +
        Math.exp(-discountRate * timeStep) * left * value;
    return value;
  };

  test("the regret of a rule is that of the closed form, in every episode", () => {
    const rule = textbookRule(problem, "gradient-descent", { given: { alpha } });
    const { policies, reference, factors } = compare(problem, [rule, derivedRule(problem)], {
      ...few,
      steps: 25,
    });
    expect(reference).toEqual({ name: "derived", kind: "optimum" });
    const factor = costFactor(25) / discrete!.valueMatrix[0][0];
    const want = 100 * (factor - 1);
    const [descent, derived] = policies;
    for (const got of [descent.regretPercent!.value, ...descent.regretPercent!.interval])
      expect(Math.abs(got / want - 1)).toBeLessThan(1e-9);
    expect(derived.regretPercent).toEqual({ value: 0, interval: [0, 0] });
    for (const [i, each] of factors!.entries()) expect(descent.profile![i]).toBe(each >= factor ? 1 : 0);
    expect(descent).toMatchObject({
      name: "gradient descent",
      kind: "textbook",
      diverged: 0,
      hyperparameters: { learningRate: alpha },
    });
  });

  test("without an optimum among them, the cheapest is the measure", () => {
    const rules = [alpha, 0.05].map(
      (rate): Contestant => ({
        name: `α = ${rate}`,
        kind: "textbook",
        policy: gradientDescent(problem, { learningRate: rate }),
      }),
    );
    const { reference, policies } = compare(problem, rules, few);
    expect(reference).toEqual({ name: "α = 0.05", kind: "best found" });
    expect(policies[1].regretPercent!.value).toBe(0);
    const against = compare(problem, rules, { ...few, reference: derivedRule(problem) });
    expect(against.reference).toEqual({ name: "derived", kind: "optimum" });
    expect(against.policies[1].regretPercent!.value).toBeGreaterThan(0);
  });

  test("a rule that diverges is told", () => {
    const rule = textbookRule(problem, "gradient-descent", { given: { learningRate: 1e200 } });
    expect(compare(problem, [rule, derivedRule(problem)], few).policies[0].diverged).toBe(1);
  });
});

describe("on a hidden task", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", dimension: 2, curvature: [1, 3] },
    objective: { discountRate: 0.3 },
    task: {
      kind: "drifting",
      relaxationRate: 0.5,
      mean: [0, 0],
      covariance: [
        [1, 0],
        [0, 1],
      ],
    },
    observation: { kind: "gradient", noise: 1 },
  });

  test("the paired interval is that of the paired standard error", () => {
    const rule = textbookRule(problem, "heavy-ball", { given: { alpha: 0.05, beta: 0.5 } });
    const options = { seeds: 1, episodes: 300, steps: 60, seed: 4 };
    const [, { regretPercent }] = compare(problem, [derivedRule(problem), rule], options).policies;
    const episodes = { steps: 60, seed: "4/held-out/0", terminalCost: informedTerminalCost(problem) };
    const { costs } = rollout(problem, solve(problem).policy, { ...episodes, episodes: 300 });
    const { relative, relativeError } = regret(problem, rule.policy, costs, episodes);
    expect(regretPercent!.value).toBeCloseTo(100 * relative, 9);
    const [low, high] = regretPercent!.interval;
    expect(Math.abs((high - low) / (2 * 1.96 * 100 * relativeError) - 1)).toBeLessThan(0.1);
    expect(low).toBeGreaterThan(0);
  });

  test("the same seed compares alike, another seed otherwise, and names and counts are checked", () => {
    const rules = [derivedRule(problem)];
    expect(compare(problem, rules, few)).toEqual(compare(problem, rules, few));
    const cost = (seed: number) => compare(problem, rules, { ...few, seed }).policies[0].meanCost;
    expect(cost(1)).not.toBe(cost(2));
    expect(() => compare(problem, [...rules, ...rules])).toThrow('names must differ, got "derived" twice');
    expect(() => compare(problem, [])).toThrow("needs at least one policy");
    expect(() => compare(problem, rules, { seeds: 0 })).toThrow("seeds must be a whole number >= 1, got 0");
    expect(() => compare(problem, rules, { confidence: 1 })).toThrow("confidence must be in (0, 1), got 1");
  });

  test("a learned policy acts in any dimension", () => {
    const line = defineProblem({
      ...problem,
      landscape: { kind: "quadratic", dimension: 1, curvature: [1] },
      task: { kind: "static", mean: [0], covariance: [[1]] },
      start: { kind: "point", parameters: [0] },
    });
    const model = policyModel(emaBankFor(line, { hidden: [4] }));
    const learned = learnedRule(problem, { model, parameters: model.initialParameters(rootKey(1)) });
    const [result] = compare(problem, [learned, derivedRule(problem)], few).policies;
    expect(result).toMatchObject({ name: "learned", kind: "learned", diverged: 0 });
    expect(result.regretPercent!.value).toBeGreaterThan(0);
  });

  test("a network of the whole observation acts where its sizes fit, and nowhere else", () => {
    const model = policyModel(fullFor(problem, { hidden: [4] }));
    const trained = { model, parameters: model.initialParameters(rootKey(1)) };
    const [result] = compare(problem, [learnedRule(problem, trained, { name: "full" })], few).policies;
    expect(result).toMatchObject({ name: "full", diverged: 0 });
    const line = defineProblem({ landscape: { kind: "quadratic", curvature: [1] } });
    expect(() => learnedRule(line, trained)).toThrow(/must have length/);
  });
});

describe("tuning", () => {
  const steep = defineProblem({
    landscape: { kind: "quadratic", curvature: [1e4] },
    start: { kind: "point", parameters: [1] },
  });

  test("goes on beyond the usual learning rates where the best lies there", () => {
    const rule = textbookRule(steep, "gradient-descent", { episodes: 1, steps: 3 });
    // θ ← (1 − 10⁴α)θ; moving costs too, so a little less than 10⁻⁴ is best, and 10⁻⁴ among what is tried.
    const { learningRate } = rule.hyperparameters!;
    expect(learningRate).toBeGreaterThan(2e-5);
    expect(learningRate).toBeLessThan(1.2e-4);
    expect(rule.tuning!.settings).toBeGreaterThan(17);
    expect((rule.tuning!.settings - 17) % 4).toBe(0);
    expect(rule.name).toBe("gradient descent, tuned");
  });

  test("finds the least score of the grid, whichever is varied", () => {
    const tried: number[] = [];
    const problem = defineProblem({
      landscape: { kind: "quadratic", curvature: [1] },
      start: { kind: "point", parameters: [1] },
    });
    const best = tuneRule(
      problem,
      "heavy-ball",
      { beta: 0.25 },
      {
        steps: 4,
        episodes: 1,
        seed: 0,
        score: ({ costs: [cost] }) => {
          tried.push(cost);
          return cost;
        },
      },
    );
    expect(best.settings).toBe(17);
    expect(best.hyperparameters.momentum).toBe(0.25);
    const { costs } = rollout(problem, best.policy, { steps: 4, seed: 0 });
    expect(costs[0]).toBe(Math.min(...tried));
  });

  test("every rule can be tuned, and takes its own hyperparameters only", () => {
    const problem = defineProblem({
      landscape: { kind: "quadratic", curvature: [1] },
      start: { kind: "point", parameters: [1] },
    });
    for (const name of textbookNames) {
      const { hyperparameters } = textbookRule(problem, name, { episodes: 1, steps: 5 });
      expect(hyperparameters!.learningRate, name).toBeGreaterThan(0);
      expect(() => textbookRule(problem, name, { given: { gamma: 1 } })).toThrow(
        new RegExp(`^${name}: hyperparameter must be one of learningRate.*, got gamma$`),
      );
    }
    expect(() => textbookRule(problem, "adam", { given: { alpha: -1 } })).toThrow(
      "learningRate: must be > 0",
    );
  });

  test("uses the training pool, and the comparison the test pool", () => {
    const pool = { split: "train" as const, size: 20, seed: 0 };
    const problem = defineProblem({
      landscape: { kind: "random-quadratic", dimension: 2, pool },
      start: { kind: "point", parameters: [1, 1] },
    });
    const test = splitOf(problem, "test");
    expect(test.landscape).toMatchObject({ pool: { split: "test", size: 20 } });
    const tuned = (of: typeof problem) => textbookRule(of, "gradient-descent", { episodes: 4, steps: 20 });
    expect(tuned(problem).hyperparameters).toEqual(tuned(test).hyperparameters);
    const rule = tuned(problem);
    const cost = (of: typeof problem) => compare(of, [rule], { ...few, steps: 20 }).policies[0].meanCost;
    expect(cost(problem)).toBe(cost(test));
    const { costs } = rollout(test, rule.policy, { episodes: 8, steps: 20, seed: "0/held-out/0" });
    const other = rollout(test, rule.policy, { episodes: 8, steps: 20, seed: "0/held-out/1" });
    expect(cost(problem)).toBeCloseTo(mean([...costs, ...other.costs]), 12);
  });
});

test("costs count from that of resting at the least loss, where it is below zero", () => {
  const problem = (at: number) =>
    defineProblem({
      landscape: { kind: "double-well" },
      objective: { discountRate: 0.5 },
      start: { kind: "point", parameters: [at] },
    });
  const rest: Contestant = {
    name: "rest",
    kind: "textbook",
    policy: {
      name: "rest",
      init: () => null,
      act: (_, state, actions) => {
        actions.fill(0);
        return state;
      },
    },
  };
  const lowest = 1.0574537768;
  const at = (start: number) => compare(problem(start), [rest], { ...few, steps: 30 });
  expect(at(lowest).restingCost).toBeLessThan(-0.5);
  expect(Math.abs(at(lowest).policies[0].meanCost)).toBeLessThan(1e-6);
  expect(at(0).policies[0].meanCost).toBeGreaterThan(0);
  expect(at(0).policies[0].profile).not.toBeNull();
});
