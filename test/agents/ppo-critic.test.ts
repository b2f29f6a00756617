import { lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { gruFor, learnedPolicy, policyModel } from "../../agents/policies/index.js";
import { regretsAgainst } from "../../agents/rediscover/evaluation.js";
import type { TrainingEvent } from "../../agents/trainers/events.js";
import { winsoriseWhere } from "../../agents/trainers/ppo/advantages.js";
import { Collector, type Exploration } from "../../agents/trainers/ppo/collector.js";
import { informedWorld, type Worth } from "../../agents/trainers/ppo/critic.js";
import { PpoLearner } from "../../agents/trainers/ppo/learner.js";
import { type PpoOptions, ppo } from "../../agents/trainers/ppo.js";
import {
  defineProblem,
  discountOf,
  type NavigationProblem,
  type NavigationVectorEnv,
  navigationVectorEnv,
  rootKey,
} from "../../envs/index.js";
import { bayesOptimalPolicy, solveScalar } from "../../solvers/index.js";
import { linearModel } from "./tiny-models.js";

const [COUNT, START] = [6, 3];

/** Minima and curvatures that differ and are hidden, and a start away from the prior's mean. */
const hidden = defineProblem({
  landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.2, 20] } },
  objective: { discountRate: 0.4, mobility: 0.7, lossWeight: 1.3 },
  task: { kind: "static", mean: [0], covariance: [[2]] },
  observation: { kind: "gradient", noise: 0.5 },
  start: { kind: "point", parameters: [START] },
});

function worthIn(problem: NavigationProblem, env: NavigationVectorEnv): Worth {
  const { worth } = informedWorld("informed", problem)(env);
  if (!worth) throw new Error("the worth of a quadratic problem is known");
  return worth;
}

/** r + ρV′ − V of each environment, where the best action of one who is told everything is missed by `error`. */
function surprises(error: number): Float64Array {
  const env = navigationVectorEnv(hidden, { numEnvs: COUNT, seed: 5 });
  env.reset();
  const worth = worthIn(hidden, env);
  const { minima, instances } = env.simulation;
  const actions = Float64Array.from({ length: COUNT }, (_, n) => {
    const { gain } = solveScalar({ curvature: instances[n], ...hidden.objective });
    return -gain * (START - minima[n]) + error;
  });
  const [before, after] = [new Float64Array(COUNT), new Float64Array(COUNT)];
  worth(before);
  const { rewards } = env.step(actions);
  worth(after);
  return before.map((value, n) => rewards[n] + discountOf(hidden) * after[n] - value);
}

test("what a decision of one who is told everything leaves is worth what there was before it", () => {
  const [best, more, less, twice] = [0, 0.3, -0.3, 0.6].map(surprises);
  for (let n = 0; n < COUNT; n++) {
    expect(best[n]).toBeCloseTo(0, 12);
    expect(more[n]).toBeLessThan(-1e-3);
    expect(less[n]).toBeCloseTo(more[n], 12);
    expect(twice[n]).toBeCloseTo(4 * more[n], 12);
  }
});

const [turned, stretched] = [
  {
    geometry: {
      control: [[1], [0.5]],
      drift: {
        matrix: [
          [-0.1, 0.2],
          [0, -0.3],
        ],
        offset: [0.1, 0],
      },
    },
  },
  {
    geometry: {
      metric: [
        [2, 0.3],
        [0.3, 1],
      ],
    },
    objective: { discountRate: 0.4, mobility: 0.7, lossWeight: 1.3 },
  },
];
const plane = {
  landscape: { kind: "quadratic", dimension: 2, curvature: [2, 0.5] },
  objective: { discountRate: 0.4 },
  task: {
    kind: "static",
    mean: [0, 1],
    covariance: [
      [2, 0.3],
      [0.3, 1],
    ],
  },
  observation: { kind: "gradient", noise: 0.5 },
} as const;

test.each([
  ["a hidden curvature", hidden],
  ["one control of two coordinates, and drift", defineProblem({ ...plane, ...turned })],
  ["a metric", defineProblem({ ...plane, ...stretched })],
  [
    "tasks that are redrawn",
    defineProblem({ ...plane, task: { ...plane.task, kind: "redrawn", hazardRate: 0.5 } }),
  ],
  [
    "a minimum that drifts",
    defineProblem({ ...plane, task: { ...plane.task, kind: "drifting", relaxationRate: 0.5 } }),
  ],
])("what a decision would have been worth is what it was worth, with %s", (_, problem) => {
  const env = navigationVectorEnv(problem, { numEnvs: COUNT, seed: 5 });
  const { worth, alternatives } = informedWorld("counterfactual", problem)(env);
  env.reset();
  const [after, told] = [new Float64Array(COUNT), new Float64Array(COUNT)];
  for (let t = 0; t < 3; t++) {
    const actions = Float64Array.from({ length: env.actionSpace.size }, (_, i) => Math.sin(3 * i + t));
    alternatives?.note();
    const { rewards } = env.step(actions);
    worth?.(after);
    alternatives?.worth(actions, told);
    for (let n = 0; n < COUNT; n++)
      expect(told[n]).toBeCloseTo(rewards[n] + discountOf(problem) * after[n], 10);
  }
});

const state = defineProblem({
  landscape: { kind: "quadratic", curvature: [2] },
  objective: { discountRate: 1, timeStep: 0.2 },
  observation: { kind: "state" },
  start: { kind: "gaussian", mean: [0], covariance: [[1]] },
});

test("an episode that is cut short is worth its last state, not the first of the next", () => {
  const env = navigationVectorEnv(state, { numEnvs: 4, maxEpisodeSteps: 3, autoresetMode: "next-step" });
  const model = linearModel(1);
  const collector = new Collector(env, model, {
    ...{ kernels: referenceKernels(), steps: 9, groups: 1, discount: 0.8, horizon: 0 },
    worth: worthIn(state, env),
  });
  collector.begin(2);
  collector.collect(model.initialParameters(rootKey(1)), Float64Array.of(-1), rootKey(1));
  const { observations, nextObservations, values, nextValues, ended, valid } = collector.experience;
  const worthOf = (theta: number) => (values[0] / observations[0] ** 2) * theta ** 2;
  expect(values[0]).toBeLessThan(0);
  let judged = 0;
  for (let i = 0; i < values.length; i++) {
    if (valid[i] === 0) continue;
    judged++;
    expect(values[i]).toBeCloseTo(worthOf(observations[i]), 10);
    expect(nextValues[i]).toBeCloseTo(worthOf(nextObservations[i]), 10);
  }
  expect(judged).toBe(4 * 7);
  expect(ended.reduce((sum, each) => sum + each, 0)).toBe(8);
});

/** What a policy did of its own accord and by exploring in one step from a point, and what that was worth over what its mirror was. */
function explored(exploration: Exploration, smallestAction = 1e-4) {
  const point = defineProblem({ ...state, start: { kind: "point", parameters: [2] } });
  const env = navigationVectorEnv(point, { numEnvs: 8, autoresetMode: "next-step" });
  const world = informedWorld("counterfactual", point)(env);
  const collector = new Collector(env, linearModel(1), {
    ...{ kernels: referenceKernels(), steps: 1, groups: 1, discount: discountOf(point), horizon: 0 },
    ...{ worth: world.worth, alternatives: world.alternatives, exploration, smallestAction },
  });
  collector.begin(2);
  collector.collect(Float64Array.of(0.02), Float64Array.of(Math.log(0.3)), rootKey(1));
  const { actions, rewards, values, nextValues, surplus } = collector.experience;
  return Array.from(actions, (action, n) => ({
    exploration: action + 0.04,
    value: values[n],
    advantage: rewards[n] + discountOf(point) * nextValues[n] - values[n] - surplus[n],
  }));
}

test("against its mirror image a decision tells the slope of what decisions are worth, and nothing else", () => {
  const { timeStep } = state.objective;
  const { gain } = solveScalar({ curvature: 2, ...state.objective });
  for (const { exploration, advantage, value } of explored("fixed")) {
    // Worth falls by ½H(u − u*)², H = Δt/η + k·c·Δt³ + ρ·P·Δt², V = −½Pθ², and u* is the action of one who is told everything.
    const curvature =
      timeStep + 2 * timeStep ** 3 + (discountOf(state) * -2 * value * timeStep ** 2) / 2 ** 2;
    expect(advantage / exploration).toBeCloseTo(curvature * (-gain * 2 + 0.04), 10);
  }
});

test("it does so at every step, in several dimensions, with each size of exploration", () => {
  const problem = defineProblem({ ...plane, ...turned });
  const env = navigationVectorEnv(problem, {
    numEnvs: 3,
    maxEpisodeSteps: 9,
    autoresetMode: "next-step",
    seed: 4,
  });
  const { worth, alternatives } = informedWorld("counterfactual", problem)(env);
  const collector = new Collector(env, linearModel(1), {
    ...{ kernels: referenceKernels(), steps: 4, groups: 1, discount: discountOf(problem), horizon: 0 },
    ...{ worth, alternatives, exploration: "relative" },
  });
  collector.begin(2);
  const told: number[][] = [];
  if (!alternatives) throw new Error("decisions are measured against their mirror images");
  const worthOf = alternatives.worth;
  alternatives.worth = (actions, out) => {
    worthOf(actions, out);
    told.push([...out]);
  };
  collector.collect(Float64Array.of(0.02), Float64Array.of(Math.log(0.3)), rootKey(1));
  const { rewards, values, nextValues, surplus } = collector.experience;
  expect(told).toHaveLength(8);
  for (let i = 0; i < rewards.length; i++) {
    const [taken, mirrored] = [told[2 * Math.floor(i / 3)][i % 3], told[2 * Math.floor(i / 3) + 1][i % 3]];
    const advantage = rewards[i] + discountOf(problem) * nextValues[i] - values[i] - surplus[i];
    expect(taken).not.toBe(mirrored);
    expect(advantage).toBeCloseTo((taken - mirrored) / 2, 10);
  }
});

test("exploration is in proportion to the action, down to the smallest", () => {
  const explorationOf = (...how: Parameters<typeof explored>) =>
    explored(...how).map(({ exploration }) => exploration);
  const [relative, small] = [explorationOf("relative"), explorationOf("relative", 10)];
  for (const [n, each] of explorationOf("fixed").entries()) {
    expect(relative[n] / each).toBeCloseTo(0.04, 10);
    expect(small[n] / each).toBeCloseTo(10, 10);
  }
});

test("a step that overflows is judged by its penalty alone", () => {
  const steep = defineProblem({
    ...state,
    landscape: { kind: "quadratic", curvature: [1e17] },
    observation: { kind: "gradient" },
    start: { kind: "point", parameters: [1] },
  });
  const env = navigationVectorEnv(steep, { numEnvs: 1, autoresetMode: "next-step", backend: "wasm" });
  const world = informedWorld("counterfactual", steep)(env);
  const wild = linearModel(1);
  const collector = new Collector(env, wild, {
    ...{ kernels: referenceKernels(), steps: 1, groups: 1, discount: 0.8, horizon: Number.POSITIVE_INFINITY },
    ...{ worth: world.worth, alternatives: world.alternatives },
  });
  collector.begin(2);
  collector.collect(Float64Array.of(-1e60), Float64Array.of(-1), rootKey(1));
  const { rewards, values, nextValues, surplus, terminated, ended } = collector.experience;
  expect(collector.diverged).toBe(1);
  expect([rewards[0], ended[0], terminated[0]]).toEqual([-1e6, 1, 1]);
  expect([values[0], nextValues[0], surplus[0]]).toEqual([0, 0, 0]);
});

test("of the advantages the largest in two thousand count as the next, where they are marked", () => {
  const marked = new Uint8Array(4001).fill(1);
  const values = Float64Array.from(marked, (_, i) => (i % 2 === 0 ? i : -i));
  values[4000] = 1e70;
  values[17] = -1e80;
  marked[17] = 0;
  winsoriseWhere(marked, values);
  expect(values[4000]).toBe(3998);
  expect(values[3999]).toBe(-3998);
  expect(values[3998]).toBe(3998);
  expect(values[3]).toBe(-3);
  const few = Float64Array.of(0, 5, -9);
  winsoriseWhere(new Uint8Array(3).fill(1), few);
  expect(few).toEqual(Float64Array.of(0, 5, -9));
});

test("by how much one episode runs away makes no difference to what an iteration learns", () => {
  const settings = {
    ...{ steps: 60, epochs: 1, minibatches: 1, discount: 0.8, lambda: 0, clip: 0.2, largestDivergence: 1 },
    ...{ entropyBonus: 0, deviation: 0.5, valueHidden: [4], clipNorm: 1e9, horizon: 0 },
    ...({ exploration: "fixed", smallestAction: 1, relative: 0 } as const),
  };
  const learnt = (loss: number) => {
    const env = navigationVectorEnv(state, { numEnvs: 40, autoresetMode: "next-step" });
    const step = env.stepInto.bind(env);
    let steps = 0;
    env.stepInto = (actions, buffers) => {
      step(actions, buffers);
      if (steps++ === 5) buffers.rewards[7] -= loss;
    };
    const worth = (out: Float64Array) => out.fill(0);
    const learner = new PpoLearner({ env, worth }, linearModel(1), settings, referenceKernels(), rootKey(1));
    learner.begin(3);
    learner.iterate(0.01, rootKey(4));
    return learner.weights.all.slice();
  };
  expect(learnt(1e6)).toEqual(learnt(1e12));
});

test("against mirror images, each explored by its size, it finds the best gain and leaves σ as it is", async () => {
  const { gain } = solveScalar({ curvature: 2, ...state.objective });
  const options = {
    ...{
      seed: 1,
      iterations: 60,
      environments: 32,
      steps: 32,
      episodeSteps: 32,
      renewEvery: 20,
      checkpointEvery: 20,
    },
    critic: "counterfactual",
    exploration: "relative",
    deviation: 0.3,
    learningRate: 1e-2,
  } as const;
  const run = (more: Partial<PpoOptions> = {}) =>
    lastValueFrom(ppo(state, linearModel(1), { ...options, ...more }).pipe(toArray()));
  const all = await run();
  const states = all.flatMap((event) => (event.kind === "checkpoint" ? [event.state] : []));
  expect(weightsIn(all)[0]).toBeCloseTo(gain, 2);
  expect(states.map(({ actorCritic }) => actorCritic?.logDeviations[0])).toEqual(
    states.map(() => Math.log(0.3)),
  );
  expect(weightsIn(await run({ resume: states[0] }))).toEqual(weightsIn(all));
  expect(all[0]).toMatchObject({
    options: {
      critic: "counterfactual",
      exploration: "relative",
      lambda: 0,
      entropyBonus: 0,
      smallestAction: 1e-4,
      relative: 0,
    },
  });
  expect(weightsIn(await run({ relative: 0.1 }))).not.toEqual(weightsIn(all));
}, 20_000);

test("where only one of two mirror images is finite, the other is measured against V", () => {
  const worths = [-2, Number.NEGATIVE_INFINITY];
  const env = navigationVectorEnv(state, { numEnvs: 1, autoresetMode: "next-step" });
  const collector = new Collector(env, linearModel(1), {
    ...{ kernels: referenceKernels(), steps: 1, groups: 1, discount: 0.8, horizon: 0 },
    worth: (out) => out.fill(-1),
    alternatives: { note: () => {}, worth: (_, out) => out.fill(worths.shift() ?? 0) },
  });
  collector.begin(2);
  collector.collect(Float64Array.of(0.02), Float64Array.of(-1), rootKey(1));
  expect(worths).toEqual([]);
  expect(collector.experience.surplus[0]).toBe(0);
});

const noisy = defineProblem({
  landscape: { kind: "quadratic", dimension: 1, curvature: 1 },
  objective: { discountRate: 0.1 },
  task: { kind: "static", mean: [0], covariance: [[1]] },
  observation: { kind: "gradient", noise: 1, channels: ["gradient", "parameters"] },
});
const memory = policyModel(gruFor(noisy, { units: 4 }));
const short = { seed: 3, environments: 16, steps: 30, episodeSteps: 30, critic: "informed" } as const;

function events(options: PpoOptions): Promise<TrainingEvent[]> {
  return lastValueFrom(ppo(noisy, memory, options).pipe(toArray()));
}

function weightsIn(list: readonly TrainingEvent[]): Float64Array {
  const last = list.at(-1);
  if (last?.kind !== "finished") throw new Error(`ended with ${last?.kind}`);
  return last.parameters;
}

test("told what environments are worth, a run goes on from a checkpoint to the same bits", async () => {
  const options = { ...short, iterations: 6, renewEvery: 2, checkpointEvery: 2 };
  const all = await events(options);
  const resume = all.flatMap((event) => (event.kind === "checkpoint" ? [event.state] : []))[0];
  expect(resume.iteration).toBe(2);
  expect(weightsIn(await events({ ...options, resume }))).toEqual(weightsIn(all));
  expect(all[0]).toMatchObject({ options: { critic: "informed" } });
});

test("with hidden minima it learns sooner than from V of what is seen", async () => {
  const regretOf = async (critic: "learned" | "informed") => {
    const weights = weightsIn(await events({ ...short, critic, iterations: 80 }));
    const policy = learnedPolicy(memory, weights);
    return regretsAgainst(noisy, bayesOptimalPolicy(noisy), [policy], { seed: "regret", steps: 30 })[0];
  };
  const [informed, learned] = [await regretOf("informed"), await regretOf("learned")];
  expect(informed).toBeLessThan(learned / 2);
});

test("where it is not known, it is refused", () => {
  const options = { seed: 1, critic: "informed" } as const;
  const well = defineProblem({ landscape: { kind: "double-well" }, observation: { kind: "state" } });
  expect(() => ppo(well, linearModel(1), options)).toThrow(
    'critic: must be "learned" where the cost-to-go of a learner that is told everything is not known (no closed form',
  );
  const ends = defineProblem({ ...state, objective: { ...state.objective, horizon: 2 } });
  expect(() => ppo(ends, linearModel(1), options)).toThrow('critic: must be "learned"');
  expect(() => ppo(state, linearModel(1), { ...options, discount: 0.5 })).toThrow(
    'ppo: discount must be that of the problem (0.8187307530779818) with critic "informed", got 0.5',
  );
  const env = navigationVectorEnv(state, { numEnvs: 4 });
  expect(() => ppo(env, linearModel(1), { ...options, discount: 0.9 })).toThrow(
    'ppo: critic must be "learned" with an environment, got "informed"',
  );
  expect(() => ppo(state, linearModel(1), { seed: 1, critic: "other" as "learned", discount: 0.5 })).toThrow(
    'ppo: critic must be "learned", "informed" or "counterfactual", got "other"',
  );
  const mirrored = { seed: 1, critic: "counterfactual" } as const;
  expect(() => ppo(well, linearModel(1), mirrored)).toThrow('or a cost without end), got "counterfactual"');
  expect(() => ppo(state, linearModel(1), { ...mirrored, entropyBonus: 0.1 })).toThrow(
    'ppo: entropyBonus must be 0 with critic "counterfactual", which leaves σ as it is, got 0.1',
  );
  expect(() => ppo(state, linearModel(1), { seed: 1, relative: 1 })).toThrow(
    'ppo: relative must be 0 with exploration "fixed", got 1',
  );
  expect(() => ppo(state, linearModel(1), { seed: 1, exploration: "other" as "fixed" })).toThrow(
    'ppo: exploration must be "fixed" or "relative", got "other"',
  );
  expect(() => ppo(state, linearModel(1), { seed: 1, exploration: "relative", smallestAction: 0 })).toThrow(
    "ppo: smallestAction must be in [1e-12, 1000000000000], got 0",
  );
});
