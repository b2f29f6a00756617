import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { evaluateIdentify, identify, NONE, probeProblem } from "../../agents/identify/index.js";
import { entrywise, scaleByVariance } from "../../agents/identify/strange-transforms.js";
import { hold } from "../../agents/probes/streams.js";
import { defineProblem, type Policy } from "../../envs/index.js";
import {
  accumulateMomentum,
  adagrad,
  adam,
  adamw,
  chain,
  descend,
  gradientDescent,
  heavyBall,
  l2ToInitial,
  lion,
  naturalGradient,
  nesterov,
  newton,
  rmsprop,
  rulePolicy,
  scale,
  signDescent,
} from "../../solvers/index.js";

const problem = probeProblem;
const shaped = defineProblem({
  landscape: { kind: "quadratic", curvature: [3, 0.5] },
  geometry: {
    metric: [
      [1, 0],
      [0, 4],
    ],
  },
  observation: { kind: "gradient", noise: 0, channels: ["gradient", "parameters"] },
});

/** Each written out by its recipe, with what identify should read off it. */
const known: [string, Policy, Record<string, number>][] = [
  ["gradient descent", gradientDescent(problem, { learningRate: 0.03 }), { learningRate: 0.03 }],
  [
    "heavy ball",
    heavyBall(problem, { learningRate: 0.03, momentum: 0.8 }),
    { learningRate: 0.03, momentum: 0.8 },
  ],
  [
    "Nesterov",
    nesterov(problem, { learningRate: 0.03, momentum: 0.8 }),
    { learningRate: 0.03, momentum: 0.8 },
  ],
  [
    "AdaGrad",
    adagrad(problem, { learningRate: 0.03, epsilon: 0 }),
    { learningRate: 0.03, initialAccumulator: 0.1 },
  ],
  ["RMSprop", rmsprop(problem, { learningRate: 0.03, decay: 0.95 }), { learningRate: 0.03, decay: 0.95 }],
  ["Adam", adam(problem), { learningRate: 1e-3, beta1: 0.9, beta2: 0.999 }],
  ["AdamW", adamw(problem), { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, weightDecay: 0.01 }],
  ["sign descent", signDescent(problem, { learningRate: 0.03 }), { learningRate: 0.03 }],
  [
    "L2 to the initial weights",
    l2ToInitial(problem, { learningRate: 0.03, weight: 0.2 }),
    { learningRate: 0.03, weight: 0.2 },
  ],
];

describe("a textbook rule", () => {
  it.each(known)("%s is named, with its hyperparameters", (name, policy, hyperparameters) => {
    const found = identify(policy, problem);
    expect(found.name).toBe(name);
    expect(found.goodness).toBeGreaterThan(1 - 1e-10);
    for (const [key, value] of Object.entries(hyperparameters))
      expect((found.hyperparameters[key] as number) / value, key).toBeCloseTo(1, 4);
  });

  it("is found as nearly as signs tell when it gives only those", () => {
    const { name, hyperparameters } = identify(lion(problem, { learningRate: 0.03 }), problem);
    expect(name).toBe("Lion");
    expect(hyperparameters.learningRate).toBeCloseTo(0.03, 3);
    expect(hyperparameters.beta1).toBeCloseTo(0.9, 1);
    expect(hyperparameters.beta2).toBeCloseTo(0.99, 2);
    const decaying = identify(lion(problem, { learningRate: 0.03, weightDecay: 0.02 }), problem);
    expect(decaying).toMatchObject({ name: "Lion", readsParameters: true });
    expect(decaying.hyperparameters.weightDecay).toBeCloseTo(0.02, 2);
  });

  it("is told from its likes by the metric and the curvature of the problem", () => {
    expect(identify(naturalGradient(shaped, { learningRate: 0.1 }), shaped).name).toBe("natural gradient");
    expect(identify(newton(shaped, { damping: 0.3 }), shaped)).toMatchObject({
      name: "Newton",
      hyperparameters: { damping: expect.closeTo(0.3, 6) },
    });
  });

  it("is Adam without its bias correction, too", () => {
    const { name, hyperparameters } = identify(adam(problem, { biasCorrection: false }));
    expect(name).toBe("Adam");
    expect(hyperparameters).toMatchObject({ biasCorrection: false, beta2: expect.closeTo(0.999, 5) });
  });

  it("is recognised whatever the size of its gradients", () => {
    const policy = adagrad(problem, { learningRate: 0.03, initialAccumulator: 1e-8, epsilon: 0 });
    expect(identify(policy, problem, { gradientScale: 1e-4 }).hyperparameters.initialAccumulator).toBeCloseTo(
      1e-8,
      12,
    );
  });
});

describe("structure", () => {
  it("measures momentum by its response, also where nothing is named", () => {
    const twice = chain(accumulateMomentum(0.9), accumulateMomentum(0.8), descend(0.1));
    const found = identify(rulePolicy("twice", problem, twice), problem);
    expect(found).toMatchObject({ name: NONE, hyperparameters: {}, hasMomentum: true, remembers: true });
    expect(found.alternatives[0].name).toBe("heavy ball");
    expect(identify(heavyBall(problem, { learningRate: 1, momentum: 0.7 })).memory).toBeCloseTo(0.7, 6);
  });

  it("tells a memory of sizes from momentum, and neither from both", () => {
    const ofSizes = identify(rmsprop(problem, { learningRate: 1 }));
    expect(ofSizes).toMatchObject({ hasMomentum: false, memory: 0, remembers: true, readsParameters: false });
    expect(ofSizes.degree).toBeCloseTo(0, 6);
    const pulled = identify(l2ToInitial(problem, { learningRate: 1, weight: 1 }));
    expect(pulled).toMatchObject({ hasMomentum: false, remembers: false, readsParameters: true });
    expect(pulled.degree).toBeCloseTo(1, 6);
  });
});

describe("what is no textbook rule", () => {
  it.each([
    ["never moves", hold],
    ["climbs", rulePolicy("climb", problem, scale(1))],
  ])("is not named when it %s", (_, policy) => {
    expect(identify(policy)).toMatchObject({ name: NONE, goodness: 0, residual: 1, alternatives: [] });
  });

  it.each([
    ["is silent for small gradients", (g: number) => (Math.abs(g) > 0.2 ? g : 0)],
    ["is three times as fast for small gradients", (g: number) => (Math.abs(g) > 0.2 ? g : 3 * g)],
  ])("is not named when it %s", (_, of) => {
    const policy = rulePolicy("bent", problem, chain(entrywise(of), descend(0.1)));
    expect(identify(policy)).toMatchObject({ name: NONE, hasMomentum: false });
  });

  it("is named when that is near enough", () => {
    const twice = chain(accumulateMomentum(0.9), accumulateMomentum(0.8), descend(0.1));
    const policy = rulePolicy("twice", problem, twice);
    const { goodness } = identify(policy);
    expect(identify(policy, problem, { threshold: goodness - 1e-6 }).name).toBe("heavy ball");
    expect(identify(policy, problem, { threshold: goodness + 1e-6 }).name).toBe(NONE);
  });
});

describe("a relative of a textbook rule", () => {
  const policy = rulePolicy("centred RMSprop", problem, chain(scaleByVariance(0.98), descend(0.1)));

  it("has its name, and a residual that says how far it is", () => {
    const { name, residual, hyperparameters } = identify(policy);
    expect(name).toBe("RMSprop");
    expect(hyperparameters.decay).toBeCloseTo(0.98, 2);
    expect(residual).toBeGreaterThan(0.01);
  });

  it("is none of these where only the rule itself will do", () => {
    expect(identify(policy, problem, { threshold: 1 - 1e-6 }).name).toBe(NONE);
  });
});

describe("labelled policies", () => {
  it("are named right in at least 95 % of all, with momentum where there is some", () => {
    const { instances, balancedAccuracy, falseMomentum, missedMomentum } = evaluateIdentify({
      seed: "test",
      each: 1,
    });
    expect(instances).toBe(36);
    expect(balancedAccuracy).toBeGreaterThanOrEqual(0.95);
    expect(falseMomentum).toBeLessThanOrEqual(0.05);
    expect(missedMomentum).toBeLessThanOrEqual(0.05);
  });
});

describe("bad input", () => {
  it.each([
    ["threshold", /^threshold: must be between 0 and 1, got 1$/, problem, { threshold: 1 }],
    ["scale", /^gradientScale: must be > 0, got 0$/, problem, { gradientScale: 0 }],
    [
      "channel",
      /must show only "gradient" and "parameters" to be probed, got "loss"/,
      defineProblem({
        landscape: { kind: "quadratic", curvature: [1] },
        observation: { kind: "gradient", noise: 0, channels: ["gradient", "loss"] },
      }),
      {},
    ],
  ])("names the %s", (_, message, where, options) => {
    expect(() => identify(gradientDescent(problem, { learningRate: 1 }), where, options)).toThrow(message);
  });

  it("names an action that is not finite", () => {
    const policy = rulePolicy("overflow", problem, scale(Infinity));
    expect(() => identify(policy)).toThrow(/finite actions, got -?Infinity at step 0/);
  });
});

it("does what its page says", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/identify.md"), "utf8");
  const [, code] = page.match(/```ts\n([\s\S]*?)```/) ?? [];
  const printed: string[] = [];
  const names = {
    identify,
    defineProblem,
    adam,
    console: { log: (...line: unknown[]) => printed.push(line.join(" ")) },
  };
  new Function(...Object.keys(names), code.replace(/^import .*$/gm, ""))(...Object.values(names));
  expect(printed).toEqual(["Adam 0.900 1.000000 true"]);
});
