import { describe, expect, test } from "vitest";
import { heavyBallFit, heavyBallOf } from "../../agents/probes/heavy-ball.js";
import { metricExponent } from "../../agents/probes/metric-exponent.js";
import { hold, recordStream } from "../../agents/probes/streams.js";
import { controlExperiment } from "../../agents/rediscover/control.js";
import type { Experiment, Setting, Trained } from "../../agents/rediscover/experiment.js";
import { geometryExperiment } from "../../agents/rediscover/geometry.js";
import { horizonExperiment } from "../../agents/rediscover/horizon.js";
import type { NavigationProblem, Policy } from "../../envs/index.js";
import { gradientDescent, naturalGradient, solve } from "../../solvers/index.js";

/** What the probe of a setting says when these policies are what training made. */
function verdicts(setting: Setting, learned: Policy, control: Policy = learned): Record<string, string> {
  const trained = setting.recipes.map(({ role }) => ({
    plan: { role },
    policy: role === "learned" ? learned : control,
  })) as unknown as Trained[];
  const { rows } = setting.probe({ setting, trained, seed: 1, regretAllowance: 1 });
  return Object.fromEntries(rows.map(({ quantity, verdict }) => [quantity, verdict]));
}

function linear(problem: NavigationProblem, gains: (coordinate: number) => number): Policy<null> {
  return {
    name: "linear",
    init: () => null,
    act(observations, state, actions) {
      const dimension = problem.geometry.metric?.length ?? 1;
      const width = (observations.length / actions.length) * dimension;
      for (let i = 0; i < actions.length; i++) {
        const [n, j] = [Math.floor(i / dimension), i % dimension];
        actions[i] = -gains(j) * observations[n * width + j];
      }
      return state;
    },
  };
}

const everySetting = (make: (quick: boolean) => Experiment) => make(false).settings;

describe("geometry", () => {
  const settings = everySetting(geometryExperiment);

  test("the probe reads −1 off the natural gradient, and 0 off gradient descent", () => {
    const { problem } = settings[0];
    const stream = recordStream(problem, hold, { episodes: 16, steps: 1, seed: 1 });
    const exponent = (policy: Policy) => metricExponent(problem, policy, stream).exponent;
    expect(exponent(naturalGradient(problem, { learningRate: 0.1 }))).toBeCloseTo(-1, 10);
    expect(exponent(gradientDescent(problem, { learningRate: 0.1 }))).toBeCloseTo(0, 10);
    const bare = { ...problem, geometry: {} };
    expect(() => metricExponent(bare, hold, stream)).toThrow("needs geometry.metric, got none");
  });

  test.each(settings.map((setting) => [setting.name, setting] as const))(
    "%s: the exact policy meets every criterion, and a blind one none",
    (_, setting) => {
      const exact = solve(setting.problem).policy;
      const blind = linear(setting.problem, () => 0.1);
      expect(new Set(Object.values(verdicts(setting, exact, blind)))).toEqual(new Set(["met"]));
      expect(new Set(Object.values(verdicts(setting, blind, exact)))).toEqual(new Set(["missed"]));
    },
  );

  test("predicts the natural gradient for the short horizon, and about its root for the long one", () => {
    const predicted = settings.map((setting) => {
      const trained = [
        { plan: { role: "learned" }, policy: solve(setting.problem).policy },
      ] as unknown as Trained[];
      return setting.probe({ setting, trained, seed: 1, regretAllowance: 1 }).rows[0].predicted;
    });
    expect(predicted[0]).toBeCloseTo(-1, 1);
    expect(predicted[1]).toBeCloseTo(-0.5, 1);
  });
});

describe("control", () => {
  test.each(everySetting(controlExperiment).map((setting) => [setting.name, setting] as const))(
    "%s: the fit finds the gains, and a rule without velocity fails",
    (_, setting) => {
      const { problem } = setting;
      const exact = solve(problem);
      const gain = exact.discrete?.gain[0] ?? [];
      const fitted = heavyBallFit(problem, exact.policy, exact.policy, { seed: 3, episodes: 16 });
      const derived = heavyBallOf(problem, gain);
      expect(fitted.momentum).toBeCloseTo(derived.momentum, 9);
      expect(fitted.learningRate).toBeCloseTo(derived.learningRate, 9);
      const unaware = linear(problem, () => gain[0]);
      expect(new Set(Object.values(verdicts(setting, exact.policy, unaware)))).toEqual(new Set(["met"]));
      const { "learning rate α": rate, ...others } = verdicts(setting, unaware, exact.policy);
      expect(rate).toBe("met");
      expect(new Set(Object.values(others))).toEqual(new Set(["missed"]));
    },
  );

  test("β and α are those of the heavy ball, step by step", () => {
    const [{ problem }] = everySetting(controlExperiment).slice(1);
    // h = 4, c = 0.5, Δt = 0.1.
    const { momentum, learningRate } = heavyBallOf(problem, [2, 1.5]);
    expect(momentum).toBeCloseTo(1 - 0.1 * (0.5 + 1.5), 12);
    expect(learningRate).toBeCloseTo((0.01 * 2) / 4, 12);
  });
});

describe("horizon", () => {
  const [, near, far] = everySetting(horizonExperiment);
  const [crossing, staying] = [near, far].map(({ problem }) => solve(problem).policy);

  test("has settings on both sides of γ*, and the policy of the other side misses", () => {
    expect(new Set(Object.values(verdicts(near, crossing)))).toEqual(new Set(["met"]));
    expect(new Set(Object.values(verdicts(far, staying)))).toEqual(new Set(["met"]));
    const share = "share that ends in the global basin";
    expect(verdicts(near, staying)[share]).toBe("missed");
    expect(verdicts(far, crossing)[share]).toBe("missed");
  });
});
