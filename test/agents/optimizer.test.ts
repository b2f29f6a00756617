import type { Optimizer, Scalar, Tensor2D, Variable } from "@tensorflow/tfjs";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Backend, chooseBackend } from "../../agents/backend.js";
import { emaBankFor, fromOptimizer, learnedPolicy, policyModel, toOptimizer } from "../../agents/index.js";
import { defineProblem, type Policy, rollout, rootKey } from "../../envs/index.js";
import { adam, adamw, gradientDescent, heavyBall, nesterov, qmdpPolicy, solve } from "../../solvers/index.js";
import { expectClose } from "../solvers/close.js";

let tf: Backend["tf"];
beforeAll(async () => {
  ({ tf } = await chooseBackend({ force: "cpu" }));
});

/** What a policy of `dimension` coordinates was made for. */
const line = (dimension = 1, timeStep = 0.1) =>
  defineProblem({
    landscape: { kind: "quadratic", curvature: new Array(dimension).fill(1) },
    objective: { timeStep, discountRate: 0.3 },
  });

const start = [1, -0.5, 0.3, 2, -1.2, 0.7, 0.4];

/** Seven parameters in two variables, and a loss that ties them together. */
function task(from: readonly number[] = start, { size = 1, loss = 1 } = {}) {
  const values = from.map((value) => value * size);
  const matrix = tf.variable(tf.tensor2d(values.slice(0, 6), [3, 2])) as Variable;
  const vector = tf.variable(tf.tensor1d(values.slice(6))) as Variable;
  const f = () =>
    tf.tidy(() => {
      const [m, v] = [matrix.div(size), vector.div(size)];
      const valley = m.square().mul(tf.tensor2d([1, 2, 3, 0.5, 1, 4], [3, 2]));
      return valley
        .sum()
        .add(m.sum().mul(v).sum().sin())
        .mul(1 / loss) as Scalar;
    });
  const follow = (optimizer: Optimizer, steps: number) => {
    const path: number[][] = [];
    for (let t = 0; t < steps; t++) {
      optimizer.minimize(f, false, [matrix, vector]);
      path.push([...matrix.dataSync(), ...vector.dataSync()].map((value) => value / size));
    }
    return path;
  };
  const place = (at: readonly number[]) =>
    tf.tidy(() => {
      matrix.assign(
        tf.tensor2d(
          [...at.slice(0, 6)].map((value) => value * size),
          [3, 2],
        ),
      );
      vector.assign(tf.tensor1d([...at.slice(6)].map((value) => value * size)));
    });
  return { follow, place };
}

const follow = (optimizer: Optimizer, steps: number, from?: readonly number[]) =>
  task(from).follow(optimizer, steps);

/** A learned policy that looks at gradients, parameters and its memory; weights as they were drawn, but larger. */
const learned = (dimension = 1) => {
  const problem = line(dimension);
  const parameters = { center: [0], scale: 1 };
  const model = policyModel(emaBankFor(problem, { hidden: [6], parameters }));
  const weights = model.initialParameters(rootKey(3)).map((weight) => weight + 0.05 * Math.sin(weight * 1e3));
  return { problem, policy: learnedPolicy(model, weights) };
};

describe("a textbook rule as an optimizer", () => {
  beforeEach(() => tf.disposeVariables());

  test.each([1, 3])("follows TensorFlow's own for 50 steps, %i coordinates at a time", (dimension) => {
    const problem = line(dimension, 0.25);
    const pairs: [Policy, Optimizer][] = [
      [gradientDescent(problem, { learningRate: 0.05 }), tf.train.sgd(0.05)],
      [heavyBall(problem, { learningRate: 0.02, momentum: 0.8 }), tf.train.momentum(0.02, 0.8)],
      [nesterov(problem, { learningRate: 0.02, momentum: 0.8 }), tf.train.momentum(0.02, 0.8, true)],
      // TensorFlow.js takes 1 − β₂ᵗ from 1 in float32: near β₂ = 1 its own rounding would be what is compared.
      [
        adam(problem, { learningRate: 0.03, beta2: 0.99, epsilon: 1e-7 }),
        tf.train.adam(0.03, 0.9, 0.99, 1e-7),
      ],
    ];
    for (const [rule, reference] of pairs) {
      const got = follow(toOptimizer(rule, { tf, problem }), 50);
      const want = follow(reference, 50);
      for (const [t, parameters] of got.entries())
        for (const [i, value] of parameters.entries())
          expect(Math.abs(value - want[t][i]), `${rule.name}, step ${t}`).toBeLessThan(1e-6);
      expect(Math.abs(got[49][0] - got[48][0]), rule.name).toBeGreaterThan(1e-5);
    }
  });

  test("trains a model by fit, and leaves no tensor behind", async () => {
    const model = tf.sequential();
    const kernelInitializer = tf.initializers.glorotNormal({ seed: 1 });
    model.add(tf.layers.dense({ units: 3, activation: "tanh", inputShape: [2], kernelInitializer }));
    model.add(tf.layers.dense({ units: 1, kernelInitializer }));
    const problem = line();
    const optimizer = toOptimizer(adam(problem, { learningRate: 0.05 }), { tf, problem });
    model.compile({ optimizer, loss: "meanSquaredError" });
    const x = tf.tensor2d([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]) as Tensor2D;
    const y = tf.tensor2d([0, 1, 1, 2], [4, 1]);
    const first = await model.fit(x, y, { epochs: 1, verbose: 0 });
    const before = tf.memory().numTensors;
    const { history } = await model.fit(x, y, { epochs: 60, verbose: 0 });
    expect(tf.memory().numTensors).toBe(before);
    expect(optimizer.iterations).toBe(61);
    expect(history.loss[59]).toBeLessThan(0.05 * Number(first.history.loss[0]));
    expect(optimizer.getClassName()).toBe("PolicyOptimizer");
    expect(optimizer.getConfig()).toEqual({
      policy: "Adam",
      timeStep: 0.1,
      origin: "initial",
      parameterScale: 1,
      lossScale: 1,
    });
  });
});

describe("a learned or derived policy as an optimizer", () => {
  beforeEach(() => tf.disposeVariables());

  test("acts on every coordinate alike, however many it was made for", () => {
    const [one, two, four] = [1, 2, 4].map((dimension) => {
      const { problem, policy } = learned(dimension);
      return follow(toOptimizer(policy, { tf, problem }), 12);
    });
    expectClose(two.flat(), one.flat(), 1e-6);
    expectClose(four.flat(), one.flat(), 1e-6);
    expect(() => expectClose(one[11], one[10], 1e-3)).toThrow();
  });

  test("sees the parameters from where they began, or from zero", () => {
    const { policy, problem } = learned();
    const seen: number[][] = [];
    const spy: Policy = {
      ...policy,
      act: (observations, state, actions) => {
        seen.push([...observations]);
        return policy.act(observations, state as never, actions);
      },
    };
    const options = { tf, problem, parameterScale: 2, lossScale: 3 };
    follow(toOptimizer(spy, options), 1);
    follow(toOptimizer(spy, { ...options, origin: "zero" }), 1);
    const [initial, zero] = seen.map((row) => start.map((_, i) => row[2 * i + 1]));
    expect(initial).toEqual(start.map(() => 0));
    expectClose(
      zero,
      start.map((value) => Math.fround(value) / 2),
      1e-12,
    );
    // ∂L/∂matrix[0] at the start, in the policy's units
    const sum = start.slice(0, 6).reduce((a, b) => a + b);
    expect(seen[0][0]).toBeCloseTo(6 * (2 * start[0] + start[6] * Math.cos(sum * start[6])), 5);
  });

  test("moves alike in other units of the parameters and the loss", () => {
    const { policy, problem } = learned();
    const want = task().follow(toOptimizer(policy, { tf, problem }), 20);
    const units = { parameterScale: 8, lossScale: 5 };
    const got = task(start, { size: 8, loss: 5 }).follow(toOptimizer(policy, { tf, problem, ...units }), 20);
    expectClose(got.flat(), want.flat(), 1e-4);
  });

  test("the exact optimum contracts a parabola as its gain says", () => {
    const problem = line(1, 0.2);
    const { policy, discrete } = solve(problem);
    const x = tf.variable(tf.tensor1d([3, -1]));
    const optimizer = toOptimizer(policy, { tf, problem, origin: "zero" });
    for (let t = 0; t < 7; t++) optimizer.minimize(() => x.square().sum().div(2));
    const factor = (1 - 0.2 * discrete!.gain[0][0]) ** 7;
    expectClose([...x.dataSync()], [3 * factor, -factor], 1e-6);
  });

  test("the rule for a hidden curvature descends", () => {
    const problem = defineProblem({
      landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.1, 10] } },
      objective: { discountRate: 0.3 },
      task: { kind: "static", mean: [0], covariance: [[1]] },
      observation: { kind: "gradient", noise: 0.1 },
    });
    const path = follow(toOptimizer(qmdpPolicy(problem), { tf, problem }), 60);
    const size = (values: readonly number[]) => Math.hypot(...values.slice(0, 6));
    expect(size(path[59])).toBeLessThan(0.2 * size(start));
  });

  test("weights carry on what was interrupted", async () => {
    const problem = line();
    const options = { tf, problem };
    const rules = [
      adam(problem, { learningRate: 0.05 }),
      adamw(problem, { learningRate: 0.05, weightDecay: 0.5 }),
      learned().policy,
    ];
    for (const policy of rules as Policy[]) {
      const want = follow(toOptimizer(policy, options), 9);
      const interrupted = task();
      const first = toOptimizer(policy, options);
      const path = interrupted.follow(first, 5);
      const second = toOptimizer(policy, options);
      await second.setWeights(await first.getWeights());
      path.push(...interrupted.follow(second, 2));
      const weights = await second.getWeights();
      path.push(...interrupted.follow(second, 2));
      expect(second.iterations).toBe(9);
      expectClose(path.flat(), want.flat(), 1e-5);
      // One that has gone on is set back.
      interrupted.place(path[6]);
      await second.setWeights(weights);
      expectClose(interrupted.follow(second, 2).flat(), path.slice(7).flat(), 1e-6);
      interrupted.place(path[6]);
      const forgetful = interrupted.follow(toOptimizer(policy, options), 2);
      expect(() => expectClose(forgetful.flat(), want.slice(7).flat(), 1e-3), policy.name).toThrow();
    }
  });

  test("steps leave no tensor behind", async () => {
    const { policy, problem } = learned();
    const { follow: go } = task();
    const optimizer = toOptimizer(policy, { tf, problem });
    go(optimizer, 1);
    const before = tf.memory().numTensors;
    go(optimizer, 50);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose((await optimizer.getWeights()).map(({ tensor }) => tensor));
    expect(tf.memory().numTensors).toBe(before);
  });

  test("what cannot work is refused, with what would", async () => {
    const { policy, problem } = learned();
    const refuse = (input: object, message: string) => {
      const other = defineProblem({ ...problem, ...input } as Parameters<typeof defineProblem>[0]);
      expect(() => toOptimizer(policy, { tf, problem: other })).toThrow(message);
    };
    refuse({ observation: { kind: "loss" } }, "problem.observation.channels: must be among gradient");
    refuse({ observation: { kind: "gradient", delay: 2 } }, "problem.observation.delay: must be 0, got 2");
    refuse(
      { geometry: { drift: { matrix: [[-1]], offset: [0] } } },
      "problem.geometry.drift: must be absent",
    );
    refuse({ geometry: { control: [[2]] } }, "problem.geometry.control: must be absent");
    for (const units of [{ lossScale: 0 }, { parameterScale: Number.NaN }])
      expect(() => toOptimizer(policy, { tf, problem, ...units })).toThrow("must be > 0");
    expect(() => toOptimizer(policy, { tf, problem, origin: "here" as never })).toThrow(
      '"initial" or "zero"',
    );
    expect(() => toOptimizer(policy, { problem } as never)).toThrow("tf must be TensorFlow.js");
    const optimizer = toOptimizer(policy, { tf, problem });
    follow(optimizer, 1);
    expect(() => follow(optimizer, 1)).toThrow("variables: must be");
    await expect(
      optimizer.setWeights([
        { name: "iter", tensor: tf.scalar(1) },
        ...[1, 2].map(() => ({ name: "", tensor: tf.zeros([3]) })),
      ]),
    ).rejects.toThrow("must be those of ema-bank on 7 parameters");
  });
});

describe("an optimizer of TensorFlow.js as a policy", () => {
  const problem = defineProblem({
    landscape: { kind: "quadratic", curvature: [3, 0.5] },
    objective: { timeStep: 0.2 },
    start: {
      kind: "gaussian",
      mean: [1, -1],
      covariance: [
        [1, 0],
        [0, 1],
      ],
    },
  });
  const costs = (policy: Policy) =>
    rollout(problem, policy as Policy, { episodes: 5, steps: 40, seed: 2 }).costs;

  test("costs what the textbook rule costs, batch after batch", () => {
    const pairs: [() => Optimizer, Policy][] = [
      [() => tf.train.sgd(0.1), gradientDescent(problem, { learningRate: 0.1 }) as Policy],
      [() => tf.train.momentum(0.05, 0.9), heavyBall(problem, { learningRate: 0.05 }) as Policy],
      [() => tf.train.adam(0.1), adam(problem, { learningRate: 0.1, epsilon: 1e-7 }) as Policy],
    ];
    for (const [create, rule] of pairs) {
      const policy = fromOptimizer(create, { tf, problem });
      const first = costs(policy as Policy);
      expectClose([...first], [...costs(rule)], 1e-4);
      expect(costs(policy as Policy)).toEqual(first);
      policy.dispose();
    }
  });

  test("is named by its class, and dispose frees all of it", () => {
    const before = tf.memory().numTensors;
    const policy = fromOptimizer(() => tf.train.adam(0.1), { tf, problem });
    expect(policy.name).toBe("Adam");
    costs(policy as Policy);
    const during = tf.memory().numTensors;
    expect(during).toBeGreaterThan(before);
    costs(policy as Policy);
    expect(tf.memory().numTensors).toBe(2 * during - before);
    policy.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("undoes toOptimizer", () => {
    const policy = adamw(problem, { learningRate: 0.05, weightDecay: 0.3 });
    const there = () => toOptimizer(policy, { tf, problem, origin: "zero" });
    const back = fromOptimizer(there, { tf, problem });
    expectClose([...costs(back as Policy)], [...costs(policy as Policy)], 1e-5);
    back.dispose();
  });
});
