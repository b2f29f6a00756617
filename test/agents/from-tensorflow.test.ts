import { beforeAll, describe, expect, test } from "vitest";
import { type Backend, chooseBackend } from "../../agents/backend.js";
import { fromTensorFlow } from "../../agents/policies/from-tensorflow.js";
import type { Policy } from "../../envs/core/policy.js";
import { defineProblem } from "../../envs/problem/schema.js";
import { rollout } from "../../envs/rollout.js";
import { expectClose } from "../solvers/close.js";

type Tensor = import("@tensorflow/tfjs").Tensor;

const gain = [
  [0.9, 0.4],
  [-0.3, 0.7],
];
const feedforward = [0.25, -0.5];
const problem = defineProblem({
  landscape: { kind: "quadratic", curvature: [3, 0.5], minimum: [0.2, -0.1] },
  objective: { discountRate: 0.3 },
  observation: { kind: "state" },
  start: {
    kind: "gaussian",
    mean: [0, 0],
    covariance: [
      [1, 0.2],
      [0.2, 2],
    ],
  },
});

/** u = −gain·θ + feedforward, in float64. */
const exact: Policy<null> = {
  name: "exact",
  init: () => null,
  act(observations, state, actions) {
    for (let n = 0; n < actions.length; n += 2) {
      for (let i = 0; i < 2; i++) {
        const pull = gain[i][0] * observations[n] + gain[i][1] * observations[n + 1];
        actions[n + i] = feedforward[i] - pull;
      }
    }
    return state;
  },
};

function run<State>(policy: Policy<State>, episodes = 50, steps = 40) {
  const actions: number[] = [];
  const parameters: number[] = [];
  const { costs } = rollout(problem, policy, {
    episodes,
    steps,
    seed: 7,
    onStep(step) {
      actions.push(...step.actions);
      parameters.push(...step.dynamics.parameters);
    },
  });
  return { costs, actions, parameters };
}

function actOnce(policy: Policy, batch: number, observations: number[], actionSize: number): number[] {
  const actions = new Float64Array(batch * actionSize);
  policy.act(Float64Array.from(observations), policy.init(batch), actions);
  return [...actions];
}

describe.each(["wasm", "cpu"] as const)("on %s", (name) => {
  let tf: Backend["tf"];
  beforeAll(async () => {
    ({ tf } = await chooseBackend({ force: name }));
  });

  /** A dense layer computes x·kernel + bias, so the kernel is −gainᵀ. */
  const denseModel = (rows: number[][] = gain) => {
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 2, inputShape: [2] }));
    const kernel = [0, 1].map((j) => [0, 1].map((i) => -rows[i][j]));
    tf.tidy(() => model.setWeights([tf.tensor2d(kernel), tf.tensor1d(feedforward)]));
    return model;
  };

  /** m' = 0.8 m + x, u = −0.1 m'. */
  const momentum = (observations: Tensor, [memory]: Tensor[]): [Tensor, Tensor[]] => {
    const next = memory.mul(0.8).add(observations);
    return [next.mul(-0.1), [next]];
  };
  const zeros = (rows: number) => [tf.zeros([rows, 2])];

  test("a dense layer of −gain follows the exact policy", () => {
    const model = denseModel();
    const [got, want] = [run(fromTensorFlow(model, { tf })), run(exact)];
    for (const field of ["costs", "actions", "parameters"] as const) {
      expectClose(got[field], want[field], 1e-6);
    }
    model.dispose();
    const other = denseModel([[0.9, 0.4001], gain[1]]);
    expect(() => expectClose(run(fromTensorFlow(other, { tf })).costs, want.costs, 1e-6)).toThrow();
    other.dispose();
  });

  test("a function of tensors is a policy", () => {
    const doubled = fromTensorFlow((x) => x.mul(-2), { tf, name: "doubled" });
    expect(doubled.name).toBe("doubled");
    expect(actOnce(doubled, 3, [1, 2, 3, 4, 5, 6], 2)).toEqual([-2, -4, -6, -8, -10, -12]);
  });

  test("a graph model is a policy", async () => {
    const type = { dtype: { type: "DT_FLOAT" } };
    const shape = { shape: { dim: [{ size: "-1" }, { size: "2" }] } };
    const model = await tf.loadGraphModel(
      tf.io.fromMemory({
        modelTopology: {
          versions: { producer: 1 },
          node: [
            { name: "x", op: "Placeholder", attr: { ...type, shape } },
            { name: "w", op: "Const", attr: type },
            { name: "y", op: "MatMul", input: ["x", "w"], attr: { T: type.dtype } },
          ],
        },
        weightSpecs: [{ name: "w", shape: [2, 2], dtype: "float32" }],
        weightData: Float32Array.of(0, -1, 2, 0).buffer,
      }),
    );
    const policy = fromTensorFlow(model, { tf });
    const before = tf.memory().numTensors;
    expect(actOnce(policy, 2, [1, 2, 3, 4], 2)).toEqual([4, -1, 8, -3]);
    expect(() => actOnce(policy, 1, [1, 2, 3], 2)).toThrow("observations: expected [any, 2], got [1, 3]");
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  test("memory is carried from act to act, and an earlier state still holds", () => {
    const policy = fromTensorFlow(momentum, { tf, initialState: zeros });
    const actions = new Float64Array(4);
    const act = (state: ReturnType<typeof policy.init>) => {
      const next = policy.act(Float64Array.of(1, 2, 3, 4), state, actions);
      return { next, actions: [...actions] };
    };
    const first = act(policy.init(2));
    expectClose(first.actions, [-0.1, -0.2, -0.3, -0.4], 1e-6);
    const second = act(first.next);
    expectClose(second.actions, [-0.18, -0.36, -0.54, -0.72], 1e-6);
    expect(act(first.next)).toEqual(second);
    expect(structuredClone(first.next)).toEqual(first.next);
  });

  test("a state keeps its own copy", () => {
    const start = Float32Array.of(1, 2);
    const policy = fromTensorFlow(momentum, { tf, initialState: () => [tf.tensor2d(start, [1, 2])] });
    const state = policy.init(1);
    start.fill(9);
    expect(state.tensors[0]).toEqual({ values: Float32Array.of(1, 2), shape: [1, 2], dtype: "float32" });
  });

  test("one model serves every coordinate", () => {
    // Batch 2, channels 2, dimension 3: u = a − 10 b for each coordinate.
    const policy = fromTensorFlow((x) => x.matMul(tf.tensor2d([[1], [-10]])), {
      tf,
      perCoordinate: { channels: 2, dimension: 3 },
    });
    const observations = [1, 2, 3, 0.1, 0.2, 0.4, 4, 5, 6, 0.5, 0, 0.6];
    expectClose(actOnce(policy, 2, observations, 3), [0, 0, -1, -1, 5, 0], 1e-6);
  });

  test("memory per coordinate has a row for each coordinate", () => {
    let rows = 0;
    const policy = fromTensorFlow((x, [count]) => [x.mul(count), [count.add(1)]], {
      tf,
      perCoordinate: { channels: 1, dimension: 3 },
      initialState: (size) => {
        rows = size;
        return [tf.ones([size, 1])];
      },
    });
    const actions = new Float64Array(6);
    const observations = Float64Array.of(1, 2, 3, 4, 5, 6);
    policy.act(observations, policy.act(observations, policy.init(2), actions), actions);
    expect(rows).toBe(6);
    expect([...actions]).toEqual([2, 4, 6, 8, 10, 12]);
  });

  test("a thousand acts leave no tensor behind", () => {
    const model = denseModel();
    const leaky = fromTensorFlow((x) => tf.keep(x.neg()), { tf });
    const policies = [
      fromTensorFlow(model, { tf }),
      fromTensorFlow(momentum, { tf, initialState: zeros }),
      fromTensorFlow((x) => x, { tf }),
    ];
    const before = tf.memory().numTensors;
    for (const policy of policies) run(policy, 2, 1000);
    expect(tf.memory().numTensors).toBe(before);
    run(leaky, 2, 10);
    expect(tf.memory().numTensors).toBe(before + 10);
    model.dispose();
  });

  test("an act that fails leaves no tensor behind", () => {
    const policy = fromTensorFlow((x) => x.sum(), { tf });
    const before = tf.memory().numTensors;
    expect(() => actOnce(policy, 2, [1, 2, 3, 4], 2)).toThrow("action: expected shape [2, 2], got []");
    expect(tf.memory().numTensors).toBe(before);
  });

  test("the same inputs give the same bits", () => {
    const model = denseModel();
    const policy = fromTensorFlow(model, { tf });
    expect(run(policy)).toEqual(run(policy));
    model.dispose();
  });

  test("a large batch is one call of the model", () => {
    const model = denseModel();
    let calls = 0;
    const { call } = model.layers[0];
    model.layers[0].call = function (...args) {
      calls++;
      return call.apply(this, args);
    };
    run(fromTensorFlow(model, { tf }), 200, 1);
    expect(calls).toBe(1);
    model.dispose();
  });

  test("wrong shapes name the path, what was expected and what came", () => {
    const model = denseModel();
    const one = { tf, name: "net" };
    const two = { ...one, initialState: zeros };
    const small = { ...one, perCoordinate: { channels: 2, dimension: 3 } };
    const attempts: [Policy, number[], number, string][] = [
      [fromTensorFlow(model, one), [1, 2, 3], 2, "net: observations: expected [any, 2], got [1, 3]"],
      [fromTensorFlow(model, one), [1, 2], 3, "net: action: expected shape [1, 3], got [1, 2]"],
      [fromTensorFlow((x) => [x, x] as never, one), [1], 1, "net: action: expected one tensor [1, 1], got 2"],
      [
        fromTensorFlow((async (x: Tensor) => x) as never, one),
        [1],
        1,
        "action: expected one tensor [1, 1], got Promise",
      ],
      [fromTensorFlow((x) => [x, []], two), [1], 1, "net: state: expected 1 tensors, got 0"],
      [fromTensorFlow((x) => [x, [x]], two), [1], 1, "net: state[0]: expected shape [1, 2], got [1, 1]"],
      [fromTensorFlow((x) => x, small), [1, 2], 3, "net: observations: expected 6 numbers, got 2"],
      [fromTensorFlow((x) => x, small), [1, 2, 3, 4, 5, 6], 2, "net: actions: expected 3 numbers, got 2"],
    ];
    for (const [policy, observations, actionSize, message] of attempts) {
      expect(() => actOnce(policy, 1, observations, actionSize)).toThrow(message);
    }
    const odd = fromTensorFlow((x) => x, one);
    expect(() => actOnce(odd, 2, [1, 2, 3], 1)).toThrow(
      "observations: expected a multiple of 2 numbers, got 3",
    );
    model.dispose();
  });

  test("bad arguments are refused at once", () => {
    const model = denseModel();
    const refused: [unknown, object, string][] = [
      [(x: Tensor) => x, {}, "tensorflow: tf must be TensorFlow.js, as chooseBackend returns it"],
      [7, { tf }, "tensorflow: model must be a TensorFlow.js model or a function, got number"],
      [model, { tf, initialState: zeros }, "model must be a function when there is an initialState"],
      [model, { tf, perCoordinate: { channels: 0, dimension: 2 } }, "perCoordinate.channels must be a whole"],
    ];
    for (const [each, options, message] of refused) {
      expect(() => fromTensorFlow(each as never, options as never)).toThrow(message);
    }
    const input = () => tf.input({ shape: [2] });
    const [a, b] = [input(), input()];
    const sum = tf.layers.add().apply([a, b]) as ReturnType<typeof input>;
    const pair = tf.model({ inputs: [a, b], outputs: sum });
    expect(() => fromTensorFlow(pair, { tf })).toThrow("tensorflow: model.inputs: expected 1, got 2");
    model.dispose();
  });
});
