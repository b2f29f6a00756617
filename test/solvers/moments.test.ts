import { describe, expect, test } from "vitest";
import type { NavigationProblem } from "../../envs/problem/problem.js";
import { defineProblem } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import type { Belief, BeliefState } from "../../solvers/beliefs/belief.js";
import { curvatureGrid } from "../../solvers/beliefs/curvature-grid.js";
import { kalman } from "../../solvers/beliefs/kalman.js";
import { moments } from "../../solvers/beliefs/moments.js";
import { qmdpPolicy } from "../../solvers/policies/qmdp.js";
import { scaleByAdam } from "../../solvers/rules/scale-by-adam.js";
import { standardErrorsFrom } from "../oracles/statistics.js";
import { expectClose } from "./close.js";

const curvature = 2.5;
const still = (variance: number) =>
  defineProblem({
    landscape: { kind: "quadratic", curvature: [curvature] },
    task: { kind: "static", mean: [0], covariance: [[variance]] },
    observation: { kind: "gradient", noise: 0.8 },
  });
const gradients = Array.from({ length: 60 }, (_, t) => Math.sin(3 * t * t + 1) + 0.4);

/** The mean after each gradient, with the parameters at rest. */
function means<State extends BeliefState>(belief: Belief<State>, theta = 0.3): number[] {
  let state = belief.init(1);
  return gradients.map((gradient) => {
    state = belief.update(Float64Array.of(gradient), Float64Array.of(theta), state);
    return state.posteriorMean[0];
  });
}

describe("the moving average as a filter", () => {
  test("β₁ = 1 is the exact filter without a prior: its gain is 1/n", () => {
    const averaged = means(moments(still(1), { beta1: 1 }));
    expectClose(averaged, means(kalman(still(1e12))), 1e-9);
    let sum = 0;
    const looks = gradients.map((gradient, n) => {
      sum += 0.3 - gradient / curvature;
      return sum / (n + 1);
    });
    expectClose(averaged, looks, 1e-12);
  });

  test("β₁ < 1 is the filter whose precision fades by β₁ per step", () => {
    const beta1 = 0.85;
    // Kalman's recursion on z = θ − y/h: the precision is discounted, then each look adds its own.
    const precisionOfLook = curvature ** 2 / 0.8 ** 2;
    let [precision, mean] = [0, 0];
    const faded = gradients.map((gradient) => {
      precision = beta1 * precision + precisionOfLook;
      mean += (precisionOfLook / precision) * (0.3 - gradient / curvature - mean);
      return mean;
    });
    expectClose(means(moments(still(1), { beta1 })), faded, 1e-12);
  });

  test("its averages are Adam's, bias correction included", () => {
    const [beta1, beta2] = [0.9, 0.97];
    const belief = moments(still(1), { beta1, beta2 });
    const adam = scaleByAdam({ beta1, beta2, epsilon: 0 });
    let state = belief.init(1);
    let theirs = adam.init(1, 1);
    for (const gradient of gradients) {
      state = belief.update(Float64Array.of(gradient), Float64Array.of(0), state);
      const update = Float64Array.of(gradient);
      theirs = adam.update(update, theirs, new Float64Array(0));
      expectClose(state.first, [theirs.first[0] / (1 - beta1 ** theirs.step)], 1e-12);
      expectClose(state.second, [theirs.second[0] / (1 - beta2 ** theirs.step)], 1e-12);
      expectClose(update, [state.first[0] / Math.sqrt(state.second[0])], 1e-12);
    }
  });
});

/** Squared errors of beliefs about the minimum, per episode, averaged over the steps from `from` on. */
function squaredErrors(
  problem: NavigationProblem,
  beliefs: readonly { init(batch: number): BeliefState; update: Belief["update"] }[],
  steps: number,
  from: number,
) {
  const episodes = 2000;
  const policy = problem.task.kind === "static" ? qmdpPolicy(problem) : stay;
  const states: BeliefState[] = beliefs.map((belief) => belief.init(episodes));
  const errors = beliefs.map(() => new Float64Array(episodes));
  const before = new Float64Array(episodes);
  const gradient = new Float64Array(episodes);
  const minima = new Float64Array(episodes);
  // What is observed at a step belongs to the minimum that the last step left behind.
  rollout(problem, policy, {
    episodes,
    steps,
    seed: 5,
    onStep: ({ step, observations, dynamics }) => {
      for (let n = 0; n < episodes; n++) [gradient[n], before[n]] = observations.subarray(2 * n, 2 * n + 2);
      beliefs.forEach((belief, j) => {
        states[j] = belief.update(gradient, before, states[j]);
        if (step < from) return;
        for (let n = 0; n < episodes; n++)
          errors[j][n] += (states[j].posteriorMean[n] - minima[n]) ** 2 / (steps - from);
      });
      minima.set(dynamics.minima);
    },
  });
  return { errors };
}

const stay = { name: "still", init: () => null, act: () => null };

describe("its error", () => {
  const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

  test("about a drifting minimum: 6 % more variance than the exact filter where β₁ is the filter's own β*", () => {
    const drifting = defineProblem({
      landscape: { kind: "quadratic", curvature: [1] },
      task: { kind: "drifting", relaxationRate: 0.3, mean: [0], covariance: [[1]] },
      observation: { kind: "gradient", noise: 1 },
    });
    const exact = kalman(drifting);
    const a = exact.survival;
    const best = a * (1 - exact.steadyGain[0]);
    const averages = [best, 0.5, 0.95].map((beta1) => moments(drifting, { beta1 }));
    const { errors } = squaredErrors(drifting, [exact, ...averages], 200, 50);
    // Noise (1 − β)/(1 + β), and a lag behind an autocorrelation aᵗ.
    [best, 0.5, 0.95].forEach((b, j) => {
      const own = ((1 - b) / (1 + b)) * ((1 + a * b) / (1 - a * b));
      const expected = (1 - b) / (1 + b) + 1 - (2 * (1 - b)) / (1 - a * b) + own;
      expect(standardErrorsFrom(expected, errors[j + 1])).toBeLessThan(4);
      const beyond = errors[j + 1].map((error, n) => error - errors[0][n]);
      expect(standardErrorsFrom(0, beyond)).toBeGreaterThan(10);
      expect(average(beyond)).toBeGreaterThan(0);
    });
    const [own, short, long] = errors.slice(1).map((error) => average(error) / average(errors[0]));
    expect(own).toBeCloseTo(1.06, 1);
    expect(Math.min(short, long)).toBeGreaterThan(1.5);
  });

  test("about a hidden curvature: several times that of the exact belief", () => {
    const hidden = defineProblem({
      landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
      objective: { discountRate: 0.1 },
      task: { kind: "static", mean: [0], covariance: [[1]] },
      observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
    });
    const averages = [0.9, 0.99].map((beta1) => moments(hidden, { beta1, beta2: 0.99 }));
    const { errors } = squaredErrors(hidden, [curvatureGrid(hidden), ...averages], 100, 99);
    const [quick, slow] = errors.slice(1).map((error) => average(error) / average(errors[0]));
    // Measured: 7.2 and 2.3.
    expect(quick).toBeGreaterThan(5);
    expect(quick).toBeLessThan(10);
    expect(slow).toBeGreaterThan(1.8);
    expect(slow).toBeLessThan(3);
  });
});

test("what moments cannot tell is refused", () => {
  const hidden = { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.1, 10] } } as const;
  const noisy = defineProblem({ landscape: hidden, observation: { kind: "gradient", noise: 1 } });
  expect(() => moments(noisy)).toThrow("observation.noise: must be fisher");
  expect(() => moments(defineProblem({ landscape: { kind: "double-well" } }))).toThrow(
    'landscape.kind: must be "quadratic"',
  );
  const dense = [
    [2, 1],
    [1, 2],
  ];
  expect(() => moments(defineProblem({ landscape: { kind: "quadratic", curvature: dense } }))).toThrow(
    "landscape.curvature: must be a diagonal or logUniform for moments, got a matrix",
  );
  expect(() => moments(still(1), { beta1: 1.5 })).toThrow("beta1: must be in [0, 1], got 1.5");
});
