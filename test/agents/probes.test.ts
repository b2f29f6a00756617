import { describe, expect, it } from "vitest";
import { adaptivity } from "../../agents/probes/adaptivity.js";
import { cueMemory } from "../../agents/probes/cue-memory.js";
import { horizonExponents } from "../../agents/probes/horizon-exponents.js";
import { fitDecay, momentumKernel } from "../../agents/probes/momentum-kernel.js";
import { regret } from "../../agents/probes/regret.js";
import { resetWeight, taskSwitch } from "../../agents/probes/reset-weight.js";
import { halfWidth95, linearFit } from "../../agents/probes/statistics.js";
import { recordStream } from "../../agents/probes/streams.js";
import { defineProblem, type Policy, rollout } from "../../envs/index.js";
import { bayesOptimalPolicy } from "../../solvers/index.js";

const drifting = defineProblem({
  landscape: { kind: "quadratic", curvature: [1, 1] },
  objective: { discountRate: 0.2, timeStep: 0.1 },
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

const hiddenCurvature = defineProblem({
  landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.01, 100] } },
  task: { kind: "static", mean: [0], covariance: [[1]] },
  observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
});

/** A per-coordinate rule u = f(memory), written out for two-channel observations [gradient, parameters]. */
function rule(
  dimension: number,
  act: (g: number, theta: number, memory: number[], step: number) => number,
): Policy<{ memory: number[][]; step: number }> {
  return {
    name: "rule",
    init: (batch) => ({ memory: Array.from({ length: batch * dimension }, () => [0, 0]), step: 0 }),
    act(observations, { memory, step }, actions) {
      for (let i = 0; i < actions.length; i++) {
        const first = Math.floor(i / dimension) * 2 * dimension + (i % dimension);
        actions[i] = act(observations[first], observations[first + dimension], memory[i], step + 1);
      }
      return { memory, step: step + 1 };
    },
  };
}

const gradientDescent = (dimension: number) => rule(dimension, (g) => -0.5 * g);
const heavyBall = (dimension: number, beta: number) =>
  rule(dimension, (g, _theta, memory) => {
    memory[0] = beta * memory[0] - 0.3 * g;
    return memory[0];
  });
const adam = rule(1, (g, _theta, memory, t) => {
  memory[0] = 0.9 * memory[0] + 0.1 * g;
  memory[1] = 0.98 * memory[1] + 0.02 * g * g;
  return -(memory[0] / (1 - 0.9 ** t)) / Math.sqrt(memory[1] / (1 - 0.98 ** t));
});

describe("momentum kernel", () => {
  it.each([0, 0.3, 0.9])("reads β = %d off heavy ball, and its mass", (beta) => {
    const { decay, mass } = momentumKernel(drifting, heavyBall(2, beta), {
      seed: 1,
      episodes: 8,
      length: 200,
    });
    expect(decay).toBeCloseTo(beta, 6);
    expect(mass).toBeCloseTo(-0.3 / (1 - beta), 6);
  });

  it("fits a noisy kernel in the least-squares sense", () => {
    expect(fitDecay([1, 0.5, 0.25, 0.125])).toBeCloseTo(0.5, 7);
    expect(fitDecay([1, 0.01, -0.01])).toBeLessThan(0.05);
  });
});

describe("exponents", () => {
  const stream = recordStream(hiddenCurvature, gradientDescent(1), { episodes: 2000, steps: 50, seed: 2 });

  it("tells Adam from gradient descent on one stream", () => {
    const exponents = horizonExponents(hiddenCurvature, adam, stream);
    expect(exponents.gradient).toBeCloseTo(1, 6);
    expect(exponents.secondMoment).toBeCloseTo(-0.5, 6);
    expect(horizonExponents(hiddenCurvature, heavyBall(1, 0.9), stream).secondMoment).toBeCloseTo(0, 6);
  });

  it("finds p = 1 for gradient descent, ½ for its signed root and 0 for Adam", () => {
    expect(adaptivity(hiddenCurvature, gradientDescent(1), stream).exponent).toBeCloseTo(1, 9);
    expect(adaptivity(hiddenCurvature, adam, stream).exponent).toBeCloseTo(0, 9);
    const root = rule(1, (g) => -Math.sign(g) * Math.sqrt(Math.abs(g)));
    expect(adaptivity(hiddenCurvature, root, stream).exponent).toBeCloseTo(0.5, 9);
  });
});

describe("resets", () => {
  const redrawn = defineProblem({
    landscape: { kind: "quadratic", curvature: [1] },
    task: { kind: "redrawn", hazardRate: 0.3, mean: [0.5], covariance: [[4]] },
    observation: { kind: "gradient", noise: 0.1 },
  });
  /** Rests where g + pull·(θ − μ₀) = 0, that is at μ₀ + (μ − μ₀)/(1 + pull). */
  const regularised = (pull: number) => rule(1, (g, theta) => -(g + pull * (theta - 0.5)));

  it.each([0, 0.25, 1])("measures the prior weight of an L2-to-init rule with pull %d", (pull) => {
    const weight = resetWeight(redrawn, regularised(pull), { seed: 3 });
    expect(weight).toBeCloseTo(pull / (1 + pull), 2);
  });

  it("follows the path from one task to the next", () => {
    const path = taskSwitch(redrawn, regularised(0), { seed: 3, before: [2], after: [-1] });
    expect(path[0][0]).toBe(-20 + 1);
    const at = (step: number) => path.find(([t]) => t === step)?.[1] ?? Number.NaN;
    expect(at(0)).toBeCloseTo(2, 1);
    expect(at(10)).toBeCloseTo(-1 + 3 * 0.9 ** 10, 1);
    expect(at(80)).toBeCloseTo(-1, 1);
  });
});

describe("memory across a cue", () => {
  const redrawn = (channels: ("gradient" | "parameters" | "cue")[]) =>
    defineProblem({
      landscape: { kind: "quadratic", curvature: [1] },
      objective: { discountRate: 0.2, timeStep: 0.1 },
      task: { kind: "redrawn", hazardRate: 0.1, mean: [0], covariance: [[4]] },
      observation: { kind: "gradient", noise: 1, channels },
    });
  const cued = redrawn(["gradient", "parameters", "cue"]);
  const options = { seed: 5, episodes: 32, before: 3, after: 4 };

  /** An average of gradients, of which a cue leaves a share. */
  const forgetting = (share: number): Policy<Float64Array> => ({
    name: "forgetting",
    init: (batch) => new Float64Array(batch),
    act(observations, averages, actions) {
      for (let n = 0; n < averages.length; n++) {
        const [gradient, , cue] = observations.subarray(3 * n, 3 * n + 3);
        averages[n] = 0.9 * (cue === 1 ? share : 1) * averages[n] + 0.1 * gradient;
        actions[n] = -averages[n];
      }
      return averages;
    },
  });

  it.each([0, 0.3, 1])("finds the share %f that a rule keeps, and its decay", (share) => {
    const { kept, response } = cueMemory(cued, forgetting(share), options);
    expect(kept).toBeCloseTo(share, 9);
    expect(response).toHaveLength(7);
    expect(response[2]).toBeCloseTo(1, 12);
    expect(response[3]).toBeCloseTo(0.9 * share, 3);
    expect(response[6]).toBeCloseTo(0.9 ** 4 * share, 3);
  });

  it("is nothing for the exact belief", () => {
    expect(cueMemory(cued, bayesOptimalPolicy(cued), options).kept).toBeCloseTo(0, 9);
  });

  it("needs a cue", () => {
    const silent = redrawn(["gradient", "parameters"]);
    expect(() => cueMemory(silent, forgetting(0), options)).toThrow(/needs the channel "cue"/);
  });
});

describe("regret", () => {
  it("is zero against itself, positive against a better rule, with a paired error", () => {
    const options = { steps: 100, seed: 4 };
    const { costs } = rollout(drifting, heavyBall(2, 0.7), { ...options, episodes: 400 });
    expect(regret(drifting, heavyBall(2, 0.7), costs, options)).toMatchObject({
      relative: 0,
      relativeError: 0,
    });
    const worse = regret(drifting, heavyBall(2, 0.75), costs, options);
    expect(worse.relative).toBeGreaterThan(3 * worse.relativeError);
    expect(worse.relativeError).toBeLessThan(worse.costError / worse.cost);
  });
});

describe("statistics", () => {
  it("fits a plane exactly", () => {
    const [a, b, c] = linearFit(
      [
        [0, 1, 2, 3],
        [1, 0, 2, 5],
      ],
      [0, 1, 2, 3].map((x, i) => 2 * x - 3 * [1, 0, 2, 5][i] + 4),
    );
    expect([a, b, c].map((value) => Number(value.toFixed(9)))).toEqual([2, -3, 4]);
  });

  it("uses Student's t, for few values and for many", () => {
    expect(halfWidth95([1])).toBeUndefined();
    expect(halfWidth95([0, 2])).toBeCloseTo(12.7062, 4);
    const many = Array.from({ length: 101 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    // t(0.975; 100) = 1.983972 (standard tables)
    expect(halfWidth95(many)).toBeCloseTo((1.983972 * 1.004941) / Math.sqrt(101), 3);
  });
});
