import { expect, test } from "vitest";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { fullFor, fullGruFor, gruFor, type PolicyModel, policyModel } from "../../agents/policies/index.js";
import { advantages, standardiseWhere, weighBySize } from "../../agents/trainers/ppo/advantages.js";
import { Collector } from "../../agents/trainers/ppo/collector.js";
import { experienceOf } from "../../agents/trainers/ppo/experience.js";
import { clippedSurrogate, logProbability } from "../../agents/trainers/ppo/gaussian.js";
import {
  gatherDecisions,
  minibatchOf,
  type Selection,
  singleDecisions,
  wholeEnvironments,
} from "../../agents/trainers/ppo/minibatch.js";
import { MinibatchGradient } from "../../agents/trainers/ppo/minibatch-gradient.js";
import { ValueFunction } from "../../agents/trainers/ppo/value-function.js";
import { weightsOf } from "../../agents/trainers/ppo/weights.js";
import {
  type AutoresetMode,
  defineProblem,
  Episodes,
  fillNormals,
  navigationVectorEnv,
  RunningMoments,
  rootKey,
  uniformAt,
  type VectorEnv,
} from "../../envs/index.js";
import {
  discount,
  doubleIntegrator,
  doubleIntegratorOptimum,
} from "../../scripts/bench/double-integrator.js";
import { CountingWorld } from "../oracles/counting-world.js";
import { linearModel, recurrentModel } from "./tiny-models.js";

const key = rootKey("ppo");
const kernels = referenceKernels();

function normals(counter: number, count: number): Float64Array {
  const out = new Float64Array(count);
  fillNormals(key, 0, counter, count, out);
  return out;
}

function marks(counter: number, count: number, share: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (uniformAt(key, i, counter) < share ? 1 : 0));
}

/** Σ of n-step advantages with weights (1 − λ)λ^{n−1}, what is left of them going to the longest. */
function averageOfAllLookaheads(
  path: { reward: number; value: number; next: number }[],
  rho: number,
  lambda: number,
) {
  let total = 0;
  for (let n = 1; n <= path.length; n++) {
    let outcome = rho ** n * path[n - 1].next;
    for (let k = 0; k < n; k++) outcome += rho ** k * path[k].reward;
    const weight = n < path.length ? (1 - lambda) * lambda ** (n - 1) : lambda ** (n - 1);
    total += weight * (outcome - path[0].value);
  }
  return total;
}

test("advantages are the λ-weighted average of all looks ahead within an episode", () => {
  const [steps, environments, rho, lambda] = [9, 5, 0.9, 0.7];
  const count = steps * environments;
  const [rewards, values, others] = [1, 2, 3].map((counter) => normals(counter, count));
  const terminated = marks(4, count, 0.2);
  const ended = marks(5, count, 0.2).map((mark, i) => mark | terminated[i]);
  expect(ended.filter((mark, i) => mark !== terminated[i]).length).toBeGreaterThan(3);
  const nextValues = others.map((other, i) =>
    ended[i] === 0 && i + environments < count ? values[i + environments] : other,
  );
  const out = new Float64Array(count);
  advantages({ steps, environments, rewards, values, nextValues, terminated, ended }, rho, lambda, out);
  for (let n = 0; n < environments; n++) {
    for (let t = 0; t < steps; t++) {
      const path = [];
      for (let s = t; s < steps; s++) {
        const i = s * environments + n;
        path.push({ reward: rewards[i], value: values[i], next: terminated[i] ? 0 : nextValues[i] });
        if (ended[i]) break;
      }
      expect(out[t * environments + n]).toBeCloseTo(averageOfAllLookaheads(path, rho, lambda), 12);
    }
  }
});

test("advantages are standardised over what was decided", () => {
  const values = Float64Array.of(1, 2, Number.NaN, 3);
  standardiseWhere(Uint8Array.of(1, 1, 0, 1), values);
  const [a, b, , c] = values;
  expect(a + b + c).toBeCloseTo(0, 12);
  expect((a * a + b * b + c * c) / 3).toBeCloseTo(1, 6);
});

test("a decision counts no further when its probability has moved by ε the way its advantage wants", () => {
  const means = Float64Array.of(0);
  const logDeviations = Float64Array.of(0);
  const slope = (ratio: number, advantage: number) => {
    const taken = { actions: Float64Array.of(1), scales: Float64Array.of(1) };
    const now = logProbability(taken, { means, logDeviations }, 0);
    const gradients = { means: new Float64Array(1), logDeviations: new Float64Array(1) };
    const { objective } = clippedSurrogate(
      {
        ...taken,
        logProbabilities: Float64Array.of(now - Math.log(ratio)),
        advantages: Float64Array.of(advantage),
        valid: Uint8Array.of(1),
      },
      { means, logDeviations },
      { from: 0, to: 1, clip: 0.2, scale: 1 },
      gradients,
    );
    return { objective, gradient: gradients.means[0] };
  };
  // z = 1 and σ = 1, so that the gradient is −r·A where it is not clipped.
  expect(slope(1.1, 2).gradient).toBeCloseTo(-2.2, 12);
  expect(slope(1.3, 2)).toEqual({ objective: -2.4, gradient: 0 });
  expect(slope(0.7, 2).gradient).toBeCloseTo(-1.4, 12);
  expect(slope(0.7, -2)).toEqual({ objective: 1.6, gradient: 0 });
  expect(slope(1.3, -2).gradient).toBeCloseTo(2.6, 12);
});

test("a decision weighs by the inverse square of its size where that is less than the size told", () => {
  const values = Float64Array.of(1, 1, -2);
  weighBySize(Float64Array.of(3, 4, 0.03, 0.04, 0.3, 0.4), 0.5, values);
  expect([...values].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([1.01, 101, -4]);
  const alike = Float64Array.of(1, 2);
  weighBySize(Float64Array.of(1, 0), 0, alike);
  expect(alike).toEqual(Float64Array.of(1, 2));
});

test("the decisions of a minibatch keep their scales", () => {
  const env = navigationVectorEnv(noisy, { numEnvs: 2 });
  const experience = {
    ...experienceOf(env, 2),
    advantages: new Float64Array(4),
    returns: new Float64Array(4),
  };
  for (let i = 0; i < 8; i++) experience.scales[i] = i;
  const batch = minibatchOf(env, 1, 2);
  gatherDecisions(experience, Int32Array.of(3, 1), batch);
  expect(batch.scales).toEqual(Float64Array.of(6, 7, 2, 3));
});

test("in units of its scale a decision counts as in units of one", () => {
  const gradients = (scale: number) => {
    const policy = { means: Float64Array.of(0.2 * scale), logDeviations: Float64Array.of(-0.5) };
    const taken = { actions: Float64Array.of(0.9 * scale), scales: Float64Array.of(scale) };
    const out = { means: new Float64Array(1), logDeviations: new Float64Array(1) };
    const { objective, divergence } = clippedSurrogate(
      {
        ...taken,
        logProbabilities: Float64Array.of(logProbability(taken, policy, 0) + 0.1),
        advantages: Float64Array.of(3),
        valid: Uint8Array.of(1),
      },
      policy,
      { from: 0, to: 1, clip: 0.2, scale: 1 },
      out,
    );
    return [objective, divergence, out.means[0] * scale, out.logDeviations[0]];
  };
  const [one, thousandth] = [gradients(1), gradients(1e-3)];
  expect(one.every((value) => value !== 0)).toBe(true);
  for (const [i, value] of one.entries()) expect(thousandth[i]).toBeCloseTo(value, 10);
});

test("a sample that is far from the policy of before counts as diverged by one, and no more", () => {
  const logDeviations = Float64Array.of(0);
  const divergence = (...movedTo: number[]) => {
    const count = movedTo.length;
    const taken = {
      actions: Float64Array.from(movedTo, () => 0.5),
      scales: new Float64Array(count).fill(1),
    };
    const before = logProbability(taken, { means: new Float64Array(count), logDeviations }, 0);
    return clippedSurrogate(
      {
        ...taken,
        logProbabilities: new Float64Array(count).fill(before),
        advantages: new Float64Array(count).fill(1),
        valid: new Uint8Array(count).fill(1),
      },
      { means: Float64Array.from(movedTo), logDeviations },
      { from: 0, to: count, clip: 0.2, scale: 1 / count },
      { means: new Float64Array(count), logDeviations: new Float64Array(1) },
    ).divergence;
  };
  // log r = −½(½ − u)² + ½·¼.
  const near = Math.exp(0.08) - 1 - 0.08;
  expect(divergence(0.2)).toBeCloseTo(near, 12);
  expect(divergence(1e12)).toBe(1);
  expect(divergence(0.2, 0.2, 0.2, 1e12)).toBeCloseTo((3 * near + 1) / 4, 12);
});

const noisy = defineProblem({
  landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.2, 5] } },
  task: {
    kind: "static",
    mean: [0, 1],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: 0.3 },
});
const [T, N] = [6, 4];

/** Two collections, so that the second begins in the middle of episodes of four steps. */
function collected(env: VectorEnv, model: PolicyModel, groups: number) {
  const collector = new Collector(env, model, { kernels, steps: T, groups, discount: 0.9, horizon: 0 });
  const policy = model.initialParameters(key);
  const logDeviations = new Float64Array(env.singleActionSpace.size).fill(-0.5);
  collector.begin(7);
  collector.collect(policy, logDeviations, key);
  collector.collect(policy, logDeviations, rootKey("more"));
  const { experience } = collector;
  const decided = { ...experience, advantages: normals(6, T * N), returns: normals(7, T * N) };
  return { collector, decided, policy, logDeviations };
}

function gradientOf(env: VectorEnv, model: PolicyModel, width: number, length: number) {
  const value = new ValueFunction(env.singleObservationSpace.size, [5], kernels, length * width);
  const counts = {
    policy: model.parameterCount,
    actions: env.singleActionSpace.size,
    value: value.parameterCount,
  };
  const options = { kernels, length, width, value, clip: 0.2, entropyBonus: 0.1 };
  const weights = weightsOf(counts);
  weights.value.set(value.initialParameters(key));
  return { minibatchGradient: new MinibatchGradient(env, model, counts, options), weights };
}

function navigation(episodeSteps: number): VectorEnv {
  return navigationVectorEnv(noisy, {
    numEnvs: N,
    maxEpisodeSteps: episodeSteps,
    autoresetMode: "same-step",
  });
}

test.each([
  ["with memory", policyModel(gruFor(noisy, { units: 3 }))],
  ["of all coordinates with memory", policyModel(fullGruFor(noisy, { units: 3 }))],
  ["without memory", policyModel(fullFor(noisy, { hidden: [4] }))],
])("the gradient of a policy %s is that of finite differences", (_, model) => {
  const env = navigation(4);
  const { collector, decided, policy, logDeviations } = collected(env, model, 2);
  const { experience, stretches, hasMemory } = collector;
  if (hasMemory)
    expect(stretches.map(({ from, to, age }) => [from, to, age])).toEqual([
      [0, 2, 2],
      [2, 6, 0],
    ]);
  const [length, width] = hasMemory ? [T, N / 2] : [1, (T * N) / 2];
  const { minibatchGradient, weights } = gradientOf(env, model, width, length);
  const order = { minibatches: 2, key, epoch: 0 };
  const [selection] = hasMemory
    ? wholeEnvironments(experience, stretches, order)
    : singleDecisions(experience, order);
  decided.valid[3] = 0;
  weights.policy.set(policy.map((weight, i) => weight + 0.05 * Math.sin(i)));
  weights.logDeviations.set(logDeviations.map((value) => value + 0.1));
  const moments = new RunningMoments(env.singleObservationSpace.size);
  const objective = () => {
    const told = minibatchGradient.run(weights, decided, selection, moments);
    return told.policy + told.value;
  };
  objective();
  const gradient = minibatchGradient.gradient.all.slice();
  expect(Math.max(...minibatchGradient.gradient.policy.map(Math.abs))).toBeGreaterThan(1e-3);
  const step = 1e-5;
  for (let i = 0; i < gradient.length; i += hasMemory ? 3 : 1) {
    const weight = weights.all[i];
    weights.all[i] = weight + step;
    const up = objective();
    weights.all[i] = weight - step;
    const slope = (up - objective()) / (2 * step);
    weights.all[i] = weight;
    expect(Math.abs(gradient[i] - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(slope)));
  }
});

test("sequences of a policy without memory have the gradient of their single decisions", () => {
  const env = navigation(4);
  const model = policyModel(fullFor(noisy, { hidden: [4] }));
  const { decided, policy, logDeviations } = collected(env, model, 1);
  const moments = new RunningMoments(env.singleObservationSpace.size);
  const run = (length: number, width: number, stretches: Selection["stretches"]) => {
    const { minibatchGradient, weights } = gradientOf(env, model, width, length);
    weights.policy.set(policy.map((weight) => 1.1 * weight));
    weights.logDeviations.set(logDeviations);
    const indices = Int32Array.from({ length: T * N }, (_, i) => i);
    minibatchGradient.run(weights, decided, { indices, stretches }, moments);
    return minibatchGradient.gradient.all;
  };
  const single = run(1, T * N, [{ from: 0, to: 1, age: 0, memory: [] }]);
  const long = run(T, N, [
    { from: 0, to: 2, age: 9, memory: [] },
    { from: 2, to: T, age: 0, memory: [] },
  ]);
  for (let i = 0; i < single.length; i++) expect(long[i]).toBeCloseTo(single[i], 12);
});

/** Episodes of two and three steps; what is seen is (episode, step²). */
function counted(model: PolicyModel, autoresetMode: AutoresetMode) {
  const env = new Episodes(new CountingWorld([2, 3]), { autoresetMode });
  const collector = new Collector(env, model, { kernels, steps: 4, groups: 1, discount: 0.5, horizon: 0 });
  collector.begin(1);
  collector.collect(model.initialParameters(key), Float64Array.of(0), key);
  const { observations, nextObservations, ended, valid } = collector.experience;
  const columns = (values: ArrayLike<number>, offset: number, size: number) =>
    [0, 1].map((n) => [0, 1, 2, 3].map((t) => values[(t * 2 + n) * size + offset]));
  return {
    collector,
    squares: columns(observations, 1, 2),
    nextSquares: columns(nextObservations, 1, 2),
    ended: columns(ended, 0, 1),
    valid: columns(valid, 0, 1),
  };
}

test("an episode leads to its own last observation, however it is reset", () => {
  const same = counted(linearModel(1), "same-step");
  expect(same.squares).toEqual([
    [0, 1, 0, 1],
    [0, 1, 4, 0],
  ]);
  expect(same.nextSquares).toEqual([
    [1, 4, 1, 4],
    [1, 4, 9, 1],
  ]);
  expect(same.valid).toEqual([
    [1, 1, 1, 1],
    [1, 1, 1, 1],
  ]);
  const next = counted(linearModel(1), "next-step");
  expect(next.squares).toEqual([
    [0, 1, 4, 0],
    [0, 1, 4, 9],
  ]);
  expect(next.nextSquares).toEqual([
    [1, 4, 0, 1],
    [1, 4, 9, 0],
  ]);
  expect(next.valid).toEqual([
    [1, 1, 0, 1],
    [1, 1, 1, 0],
  ]);
  expect(next.ended).toEqual([
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ]);
});

test("with memory, an environment whose episode has ended waits until all can begin anew", () => {
  const { collector, valid, squares } = counted(recurrentModel(2, 1), "same-step");
  expect(valid).toEqual([
    [1, 1, 0, 1],
    [1, 1, 1, 1],
  ]);
  expect(squares).toEqual([
    [0, 1, 0, 0],
    [0, 1, 4, 0],
  ]);
  expect(collector.stretches.map(({ from, to, age }) => [from, to, age])).toEqual([
    [0, 3, 0],
    [3, 4, 0],
  ]);
});

test("the cost is the discounted one of the episodes that ended", () => {
  const { collector } = counted(linearModel(1), "same-step");
  const { rewards } = collector.experience;
  const at = (t: number, n: number) => rewards[2 * t + n];
  const costs = [
    at(0, 0) + 0.5 * at(1, 0),
    at(0, 1) + 0.5 * at(1, 1) + 0.25 * at(2, 1),
    at(2, 0) + 0.5 * at(3, 0),
  ];
  expect(collector.cost).toBeCloseTo(-(costs[0] + costs[1] + costs[2]) / 3, 12);
});

test("the yardstick of the double integrator is its cost", () => {
  const steps = 600;
  const env = doubleIntegrator(50, steps + 1);
  const { gain, valueMatrix: s } = doubleIntegratorOptimum();
  let { observations } = env.reset({ seed: 3 });
  const expected = (n: number) => {
    const [p, v] = observations.subarray(2 * n, 2 * n + 2);
    return 0.5 * (s[0][0] * p * p + 2 * s[0][1] * p * v + s[1][1] * v * v);
  };
  const predicted = Float64Array.from({ length: 50 }, (_, n) => expected(n));
  const costs = new Float64Array(50);
  for (let t = 0; t < steps; t++) {
    const seen = observations;
    const actions = costs.map((_, n) => -gain[0][0] * seen[2 * n] - gain[0][1] * seen[2 * n + 1]);
    const step = env.step(actions);
    observations = step.observations;
    for (let n = 0; n < 50; n++) costs[n] -= discount ** t * step.rewards[n];
  }
  for (let n = 0; n < 50; n++) expect(costs[n]).toBeCloseTo(predicted[n], 8);
});
