import { describe, expect, test } from "vitest";
import type { Kernels, Numbers } from "../../agents/kernels/kernels.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { wasmKernels } from "../../agents/kernels/wasm.js";
import { emaBankFor } from "../../agents/policies/ema-bank.js";
import { fullFor, fullGruFor } from "../../agents/policies/full.js";
import { gruFor, impliedMinimumFor, scaleFreeFor } from "../../agents/policies/gru.js";
import { learnedPolicy } from "../../agents/policies/learned-policy.js";
import { linearEmaBankFor } from "../../agents/policies/linear-ema-bank.js";
import { lstmFor } from "../../agents/policies/lstm.js";
import { memorylessFor } from "../../agents/policies/memoryless.js";
import { minimumBankFor } from "../../agents/policies/minimum-bank.js";
import type { PolicyModel } from "../../agents/policies/model.js";
import { type PolicyConfig, policyModel } from "../../agents/policies/policy-model.js";
import { powerBankFor } from "../../agents/policies/power-bank.js";
import { loadPolicy, savePolicy } from "../../agents/policies/saved-policy.js";
import { defineProblem, fillNormals, rollout, rootKey } from "../../envs/index.js";

/** A hidden task with known curvature, and channels that a policy has to skip. */
const hiddenTask = defineProblem({
  landscape: { kind: "quadratic", curvature: [0.5, 2] },
  objective: { discountRate: 0.2 },
  task: {
    kind: "redrawn",
    hazardRate: 0.3,
    mean: [0.5, -1],
    covariance: [
      [4, 0],
      [0, 2],
    ],
  },
  observation: { kind: "gradient", noise: 1, channels: ["loss", "parameters", "gradient", "time"] },
});

const hiddenCurvature = defineProblem({
  landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.01, 100] } },
  task: {
    kind: "static",
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } }, channels: ["gradient"] },
});

const cuedTask = defineProblem({
  landscape: { kind: "quadratic", curvature: [2, 0.5] },
  task: {
    kind: "redrawn",
    hazardRate: 0.2,
    mean: [0.5, -1],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: 1, channels: ["cue", "gradient", "parameters"] },
});

const oneDimensional = defineProblem({
  landscape: { kind: "quadratic", curvature: [1] },
  observation: { kind: "gradient", noise: 1 },
});

const configs: Readonly<Record<string, PolicyConfig>> = {
  memoryless: memorylessFor(hiddenTask, {
    hidden: [5],
    constants: [[0.3, -0.7]],
    center: [0.5, -1],
    scale: 2,
  }),
  "memoryless without parameters": memorylessFor(hiddenCurvature, { hidden: [4, 3] }),
  "ema-bank": emaBankFor(hiddenCurvature, { hidden: [6, 5] }),
  "ema-bank with parameters": emaBankFor(hiddenTask, {
    hidden: [5],
    decays: [0.2, 0.8],
    squareDecays: [0.6],
    parameters: { center: [0.5, -1], scale: 2 },
  }),
  "ema-bank, carried": emaBankFor(hiddenTask, {
    hidden: [5],
    decays: [0.2, 0.8],
    squareDecays: [0.6],
    parameters: { center: [0.5, -1], scale: 2 },
    carried: { curvature: 0.7 },
  }),
  "linear-ema-bank": linearEmaBankFor(hiddenTask, {
    decays: [0.3, 0.9],
    parameters: { center: [0.5, -1], scale: 2 },
  }),
  "linear-ema-bank without parameters": linearEmaBankFor(hiddenCurvature),
  "power-bank": powerBankFor(hiddenCurvature, { decays: [0.3, 0.9], squareDecays: [0.5, 0.8] }),
  "minimum-bank": minimumBankFor(hiddenTask, { hidden: [5], decays: [0.3, 0.7, 0.95], clocks: [3] }),
  "minimum-bank with a cue": minimumBankFor(cuedTask, { hidden: [5], decays: [0.8], cuedDecays: [0.3, 0.9] }),
  "scale-free lstm": lstmFor(hiddenCurvature, { units: 5 }),
  "implied-minimum lstm": lstmFor(hiddenTask, { units: 4 }),
  full: fullFor(hiddenTask, { hidden: [6, 5], center: [0, 1, -1, 0, 0, 3], scale: [2], unit: 0.7 }),
  "full gru": fullGruFor(hiddenTask, { units: 5, center: [0, 1, -1, 0, 0, 3], scale: [2], unit: 0.7 }),
  "full, one input": fullFor(oneDimensional, { hidden: [4] }),
  "scale-free gru": gruFor(hiddenCurvature, { units: 5 }),
  "implied-minimum gru": gruFor(hiddenTask, { units: 6 }),
};
const models = Object.entries(configs).map(([name, config]): [string, PolicyModel] => [
  name,
  policyModel(config),
]);

const STEPS = 6;

/** Parameters away from the start, where every path through the network matters. */
function someParameters(model: PolicyModel, size = 0.3): Float64Array {
  const noise = new Float64Array(model.parameterCount);
  fillNormals(rootKey("parameters"), 0, 0, noise.length, noise);
  return model.initialParameters(rootKey("weights")).map((value, i) => value + size * noise[i]);
}

/** Per step, normal numbers. */
function someRows(name: string, size: number, steps = STEPS): readonly Float64Array[] {
  return Array.from({ length: steps }, (_, t) => {
    const row = new Float64Array(size);
    fillNormals(rootKey(name), 0, t, size, row);
    return row;
  });
}

function observationsFor({ config }: PolicyModel, batch: number, steps = STEPS): readonly Float64Array[] {
  return someRows("observations", batch * config.layout.observationSize, steps);
}

/** Runs forward from `first`, and returns a copy of the actions of each step. */
function act(
  model: PolicyModel,
  parameters: Float64Array,
  observations: readonly Float64Array[],
  kernels: Kernels,
): readonly Float64Array[] {
  const batch = observations[0].length / model.config.layout.observationSize;
  const tape = model.instantiate(kernels, batch, 1);
  tape.setParameters(parameters);
  tape.reset();
  return observations.map((row, t) => {
    const actions = new Float64Array(batch * model.config.layout.dimension);
    tape.forward(t, row, actions);
    return actions;
  });
}

/** ∂J/∂parameters and ∂J/∂observations of J = Σₜ costsₜ · actionsₜ, by the reverse pass over steps ≥ first. */
function reversePass(
  model: PolicyModel,
  parameters: Float64Array,
  observations: readonly Float64Array[],
  costs: readonly Float64Array[],
  kernels: Kernels,
) {
  const { observationSize } = model.config.layout;
  const batch = observations[0].length / observationSize;
  const tape = model.instantiate(kernels, batch, observations.length);
  tape.setParameters(parameters);
  tape.reset();
  const actions = new Float64Array(costs[0].length);
  for (const [t, row] of observations.entries()) tape.forward(t, row, actions);
  const observationGradients = observations.map(({ length }) => new Float64Array(length).fill(Number.NaN));
  for (let t = observations.length - 1; t >= 0; t--) tape.backward(t, costs[t], observationGradients[t]);
  return { parameterGradient: tape.parameterGradient, observationGradients };
}

function costOf(actions: readonly Float64Array[], costs: readonly Float64Array[]): number {
  return actions.reduce((sum, row, t) => sum + row.reduce((s, u, i) => s + u * costs[t][i], 0), 0);
}

/** Central differences of `value` in every number of `at`, which is left as it was. */
function differences(value: () => number, at: Float64Array, step = 1e-5): Float64Array {
  return at.map((middle, i) => {
    at[i] = middle + step;
    const above = value();
    at[i] = middle - step;
    const below = value();
    at[i] = middle;
    return (above - below) / (2 * step);
  });
}

/** The same in an observation, but for its cue: no action moves that, and no gradient goes back through it. */
function observationDifferences(
  { config }: PolicyModel,
  value: () => number,
  row: Float64Array,
): Float64Array {
  const { observationSize, cueOffset } = { cueOffset: undefined, ...config.layout };
  return differences(value, row).map((slope, i) => (i % observationSize === cueOffset ? 0 : slope));
}

/** Each entry within `tolerance` of itself, or of a hundredth of the largest. */
function expectClose(actual: ArrayLike<number>, expected: Float64Array, tolerance: number): void {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(actual.length).toBe(expected.length);
  const error = expected.reduce(
    (worst, value, i) =>
      Math.max(worst, Math.abs(value - actual[i]) / Math.max(Math.abs(value), largest / 100)),
    0,
  );
  expect(largest).toBeGreaterThan(0);
  expect(error).toBeLessThan(tolerance);
}

function flat(rows: readonly Float64Array[]): Float64Array {
  return Float64Array.from(rows.flatMap((row) => [...row]));
}

describe.each(models)("%s", (name, model) => {
  const { dimension } = model.config.layout;
  const batch = 3;
  const observations = observationsFor(model, batch);
  const costs = someRows("costs", batch * dimension);
  const parameters = someParameters(model);

  test("the reverse pass agrees with central differences", () => {
    const kernels = referenceKernels();
    const probe = parameters.slice();
    const value = () => costOf(act(model, probe, observations, kernels), costs);
    const { parameterGradient, observationGradients } = reversePass(
      model,
      parameters,
      observations,
      costs,
      kernels,
    );
    expectClose(parameterGradient, differences(value, probe), 1e-6);
    const expected = observations.map((row) => observationDifferences(model, value, row));
    expectClose(flat(observationGradients), flat(expected), 1e-6);
  });

  test("float32 agrees with float64", () => {
    const exact = act(model, parameters, observations, referenceKernels());
    const fast = act(model, parameters, observations, wasmKernels());
    expectClose(flat(fast), flat(exact), 1e-3);
    const exactPass = reversePass(model, parameters, observations, costs, referenceKernels());
    const fastPass = reversePass(model, parameters, observations, costs, wasmKernels());
    expectClose(fastPass.parameterGradient, exactPass.parameterGradient, 1e-3);
    expectClose(flat(fastPass.observationGradients), flat(exactPass.observationGradients), 1e-3);
  });

  test("float32 stays within 2e-5 of float64 over 100 steps", () => {
    const many = observationsFor(model, 5, 100);
    const exact = flat(act(model, parameters, many, referenceKernels()));
    const fast = flat(act(model, parameters, many, wasmKernels()));
    const largest = Math.max(...exact.map(Math.abs));
    const worst = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - fast[i])), 0);
    expect(worst / largest).toBeLessThan(2e-5);
  });

  test("float32 rows give the bits of the same numbers in float64 rows", () => {
    const single = observations.map((row) => Float32Array.from(row));
    const run = (rows: readonly Numbers[], Row: typeof Float32Array | typeof Float64Array) => {
      const tape = model.instantiate(wasmKernels(), batch, STEPS);
      tape.setParameters(parameters);
      tape.reset();
      const actions = rows.map((row, t) => {
        const out = new Row(batch * dimension);
        tape.forward(t, row, out);
        return [...out];
      });
      const gradients = rows.map(({ length }) => new Row(length).fill(Number.NaN));
      for (let t = STEPS - 1; t >= 0; t--) tape.backward(t, Row.from(costs[t]), gradients[t]);
      return { actions, gradients: gradients.map((row) => [...row]), sum: tape.parameterGradient };
    };
    const double = single.map((row) => Float64Array.from(row));
    expect(run(single, Float32Array)).toEqual(run(double, Float64Array));
  });

  test("a later window differentiates through its own steps only", () => {
    const window = 3;
    const kernels = referenceKernels();
    const tape = model.instantiate(kernels, batch, window);
    tape.setParameters(parameters);
    tape.reset();
    const actions = new Float64Array(batch * dimension);
    const gradients = observations.map(({ length }) => new Float64Array(length));
    for (const first of [0, window]) {
      for (let t = first; t < first + window; t++) tape.forward(t, observations[t], actions);
      for (let t = first + window - 1; t >= first; t--) tape.backward(t, costs[t], gradients[t]);
    }
    const value = () =>
      costOf(act(model, parameters, observations, kernels).slice(window), costs.slice(window));
    const expected = observations.slice(window).map((row) => observationDifferences(model, value, row));
    expectClose(flat(gradients.slice(window)), flat(expected), 1e-6);
  });

  test("an environment acts alike in any batch", () => {
    const whole = act(model, parameters, observationsFor(model, 37), wasmKernels());
    const { observationSize } = model.config.layout;
    for (const [from, to] of [
      [0, 1],
      [1, 14],
      [14, 37],
    ]) {
      const rows = observationsFor(model, 37).map((row) =>
        row.slice(from * observationSize, to * observationSize),
      );
      const part = act(model, parameters, rows, wasmKernels());
      expect(part).toEqual(whole.map((row) => row.slice(from * dimension, to * dimension)));
    }
  });

  test("the same seed gives the same bits, another seed others", () => {
    const run = (seed: string) => {
      const weights = model.initialParameters(rootKey(seed));
      return flat(reversePass(model, weights, observations, costs, wasmKernels()).observationGradients);
    };
    expect(run("a")).toEqual(run("a"));
    expect(run("a")).not.toEqual(run("b"));
  });

  test("resetting a tape empties its memory and its gradient", () => {
    const tape = model.instantiate(wasmKernels(), batch, STEPS);
    tape.setParameters(parameters);
    const episode = () => {
      tape.reset();
      const actions = new Float64Array(batch * dimension);
      for (const [t, row] of observations.entries()) tape.forward(t, row, actions);
      for (let t = STEPS - 1; t >= 0; t--)
        tape.backward(t, costs[t], new Float64Array(observations[t].length));
      return [...tape.parameterGradient, ...actions];
    };
    expect(episode()).toEqual(episode());
  });

  test("a tape goes on from the memory of another", () => {
    const [first, second] = [STEPS, 1].map((steps) => model.instantiate(wasmKernels(), batch, steps));
    for (const tape of [first, second]) {
      tape.setParameters(parameters);
      tape.reset();
    }
    const [expected, actual] = [0, 1].map(() => new Float64Array(batch * dimension));
    for (let t = 0; t < 3; t++) first.forward(t, observations[t], expected);
    const memory = first.memoryBefore(3);
    for (const [i, to] of second.memoryBefore(3).entries()) to.set(memory[i]);
    first.forward(3, observations[3], expected);
    second.forward(3, observations[3], actual);
    expect(actual).toEqual(expected);
  });

  test("a tape acts again by other weights as if these had seen it all, unless it remembers by them", () => {
    const [first, second] = [0, 1].map(() => model.instantiate(wasmKernels(), batch, STEPS));
    for (const tape of [first, second]) tape.reset();
    first.setParameters(parameters.map(() => 0));
    second.setParameters(parameters);
    const [actual, expected] = [0, 1].map(() => new Float64Array(batch * dimension));
    for (const [t, row] of observations.entries()) first.forward(t, row, actual);
    first.setParameters(parameters);
    expect(first.forwardAgain !== undefined).toBe(!/GRU|LSTM/i.test(name));
    for (const [t, row] of observations.entries()) {
      second.forward(t, row, expected);
      first.forwardAgain?.(t, actual);
      if (first.forwardAgain) expect(actual).toEqual(expected);
    }
  });

  test("resetting a tape of one step forgets what it overwrote", () => {
    const tape = model.instantiate(wasmKernels(), batch, 1);
    tape.setParameters(parameters);
    const episode = () => {
      tape.reset();
      return observations.map((row, t) => {
        const actions = new Float64Array(batch * dimension);
        tape.forward(t, row, actions);
        return actions;
      });
    };
    expect(episode()).toEqual(episode());
  });

  test("saving and loading changes no bit", () => {
    const { header, weights } = savePolicy(model, parameters);
    const loaded = loadPolicy({ header: JSON.parse(JSON.stringify(header)), weights: weights.slice() });
    expect(loaded.parameters).toEqual(parameters);
    expect(loaded.model.config).toEqual(model.config);
    expect(act(loaded.model, loaded.parameters, observations, wasmKernels())).toEqual(
      act(model, parameters, observations, wasmKernels()),
    );
  });
});

describe("untrained policies", () => {
  const steps = 300;
  const cost = (problem: typeof hiddenTask, model: PolicyModel) => {
    const policy = learnedPolicy(model, model.initialParameters(rootKey(1)));
    const { costs, diverged } = rollout(problem, policy, { episodes: 64, steps, seed: 1 });
    expect(diverged.reduce((a, b) => a + b)).toBe(0);
    return costs.reduce((a, b) => a + b) / costs.length;
  };
  const still = (problem: typeof hiddenTask) => {
    const policy = {
      name: "still",
      init: () => 0,
      act: (_observations: Float64Array, state: number, actions: Float64Array) => {
        actions.fill(0);
        return state;
      },
    };
    const { costs } = rollout(problem, policy, { episodes: 64, steps, seed: 1 });
    return costs.reduce((a, b) => a + b) / costs.length;
  };

  test.each([
    ["memoryless", memorylessFor(hiddenCurvature)],
    ["ema-bank", emaBankFor(hiddenCurvature)],
    ["gru", gruFor(hiddenCurvature)],
    ["lstm", lstmFor(hiddenCurvature)],
    ["power-bank", powerBankFor(hiddenCurvature)],
    ["linear-ema-bank", linearEmaBankFor(hiddenCurvature)],
  ])("%s does better than standing still where the curvature is hidden", (_name, config) => {
    expect(cost(hiddenCurvature, policyModel(config))).toBeLessThan(still(hiddenCurvature));
  });

  test("one constant serves every coordinate", () => {
    const config = gruFor(hiddenTask);
    const inputs = { ...impliedMinimumFor(hiddenTask), curvature: [2], center: [1], rate: [3] };
    const spread = { ...inputs, curvature: [2, 2], center: [1, 1], rate: [3, 3] };
    const [one, each] = [inputs, spread].map((given) => {
      const model = policyModel({ ...config, inputs: given });
      return act(model, someParameters(model), observationsFor(model, 4), wasmKernels());
    });
    expect(one).toEqual(each);
  });

  test("they start near gradient descent", () => {
    for (const config of [
      memorylessFor(hiddenTask),
      gruFor(hiddenTask),
      lstmFor(hiddenTask),
      gruFor(hiddenTask, { inputs: scaleFreeFor(hiddenTask) }),
    ]) {
      const model = policyModel(config);
      const [observations] = someRows("start", 10 * 6, 1);
      const [actions] = act(model, model.initialParameters(rootKey(2)), [observations], referenceKernels());
      const gains = [...actions].map((u, i) => -u / observations[6 * (i >> 1) + 3 + (i & 1)]);
      const spread = Math.max(...gains) / Math.min(...gains);
      expect(Math.min(...gains)).toBeGreaterThan(0);
      expect(spread).toBeLessThan(3);
    }
  });
});

test("a linear EMA bank is the filter that its weights say", () => {
  const config = linearEmaBankFor(hiddenCurvature, { decays: [0, 0.5], gain: 2 });
  const [first, second] = observationsFor(policyModel(config), 1, 2);
  const [, actions] = act(policyModel(config), Float64Array.of(3, -1), [first, second], referenceKernels());
  for (const [j, u] of actions.entries())
    expect(u).toBeCloseTo(-2 * (3 * second[j] - (first[j] + 2 * second[j]) / 3), 12);
});

test("a minimum bank goes to the mean of what gradients imply and of the prior, before it has learned", () => {
  const config = minimumBankFor(hiddenTask, { decays: [0.5], hidden: [1] });
  const { curvature, center, scale, rate } = config.minimum;
  const model = policyModel(config);
  const rows = observationsFor(model, 1, 2);
  const [, actions] = act(model, new Float64Array(model.parameterCount), rows, referenceKernels());
  for (const [j, u] of actions.entries()) {
    const [place] = rows.slice(-1).map((row) => (row[1 + j] - center[j]) / scale);
    const [first, second] = rows.map((row) => (row[1 + j] - row[3 + j] / curvature[j] - center[j]) / scale);
    expect(u).toBeCloseTo(rate[j] * scale * ((first + 2 * second) / 3 / 2 - place), 12);
  }
});

test("at a cue, averages of a minimum bank begin anew from the prior mean, and its clocks from 0", () => {
  const config = minimumBankFor(cuedTask, { decays: [0.5], cuedDecays: [0.5], hidden: [1], clocks: [1] });
  const { curvature, center, scale, rate } = config.minimum;
  const model = policyModel(config);
  const weights = new Float64Array(model.parameterCount);
  // The last weight before the three biases: of the clock, in the logit of the prior mean.
  weights[weights.length - 4] = 1.5;
  const rows = observationsFor(model, 1, 3);
  for (const cue of [0, 1]) {
    for (const [t, row] of rows.entries()) row[0] = t === 1 ? cue : 0;
    const [, , actions] = act(model, weights, rows, referenceKernels());
    for (const [j, u] of actions.entries()) {
      const place = (rows[2][3 + j] - center[j]) / scale;
      const minima = rows.map((row) => (row[3 + j] - row[1 + j] / curvature[j] - center[j]) / scale);
      const through = (minima[0] + 2 * minima[1] + 4 * minima[2]) / 7;
      const since = cue ? (2 * minima[1] + 4 * minima[2]) / 7 : through;
      const elapsed = cue ? 1 : 2;
      const shares = 2 + Math.exp((1.5 * elapsed) / (elapsed + 1));
      expect(u).toBeCloseTo(rate[j] * scale * ((through + since) / shares - place), 12);
    }
  }
});

test("a minimum bank without a cue to see has no averages that begin anew", () => {
  expect(minimumBankFor(hiddenTask).cuedDecays).toBeUndefined();
  expect(() => policyModel(minimumBankFor(hiddenTask, { cuedDecays: [0.5] }))).toThrow(
    'minimum-bank.cuedDecays: need the channel "cue" among the observations',
  );
});

test("a minimum bank that was told to leaves an average that disagrees with the slowest one", () => {
  const config = minimumBankFor(hiddenTask, { decays: [0, 0.9], clocks: [], hidden: [1] });
  const model = policyModel(config);
  const weights = new Float64Array(model.parameterCount);
  // Rows of the output layer: hidden unit, ẑ₁², ẑ₂², (ẑ₁ − ẑ₂)², for each of two averages and the prior mean; then biases.
  const outputs = 4;
  weights[outputs + 3] = -1000;
  weights.set([0, 0, -1000], weights.length - 3);
  const rows = observationsFor(model, 1, 3);
  const [alone, , actions] = act(model, weights, rows, referenceKernels());
  const { curvature, center, scale, rate } = config.minimum;
  const aim = (u: number, t: number, j: number) =>
    u / (rate[j] * scale) + (rows[t][1 + j] - center[j]) / scale;
  for (const j of [0, 1]) {
    const minima = rows.map((row) => (row[1 + j] - row[3 + j] / curvature[j] - center[j]) / scale);
    const slowest = (0.81 * minima[0] + 0.9 * minima[1] + minima[2]) / 2.71;
    expect(aim(alone[j], 0, j)).toBeCloseTo(minima[0], 12);
    expect(aim(actions[j], 2, j)).toBeCloseTo(slowest, 6);
  }
});

test("a power bank is the power law that its weights say", () => {
  const config = powerBankFor(hiddenCurvature, {
    decays: [0, 0.5],
    squareDecays: [0.5],
    varianceDecay: 0.5,
    clocks: [1],
    gain: 2,
    epsilon: 1e-12,
  });
  const model = policyModel(config);
  const [a, b, c, d, e, f] = [-0.3, -0.2, 0.4, 0.1, -0.15, 0.05];
  // Rows: log gain, and the logits of the latest gradient and of its average, of which only the first counts.
  const weights = Float64Array.of(a, b, c, d, e, f, 0, 0, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0);
  expect(model.parameterCount).toBe(weights.length);
  const [first, second] = observationsFor(model, 1, 2);
  const [, actions] = act(model, weights, [first, second], referenceKernels());
  for (const [j, u] of actions.entries()) {
    const square = (first[j] ** 2 + 2 * second[j] ** 2) / 3;
    const variance = (2 / 9) * (second[j] - first[j]) ** 2;
    const power = square ** (a + d / 2) * variance ** (b + e / 2) * Math.exp(4 * (c / 2 + f));
    expect(u / (-2 * second[j] * power)).toBeCloseTo(1, 8);
  }
});

test("an EMA bank remembers a gradient beyond float32 as a large one", () => {
  const model = policyModel(configs["ema-bank"]);
  const rows = observationsFor(model, 1, 4).map((row, t) => (t === 1 ? row.map((y) => y * 1e60) : row));
  const actions = act(model, model.initialParameters(rootKey(1)), rows, wasmKernels());
  expect(flat(actions).every(Number.isFinite)).toBe(true);
});

test("a full policy mixes coordinates, a per-coordinate one does not", () => {
  const change = (config: PolicyConfig) => {
    const model = policyModel(config);
    const [row] = observationsFor(model, 1, 1);
    const other = row.slice();
    other[4] += 1;
    const run = (seen: Float64Array) => act(model, someParameters(model), [seen], referenceKernels())[0];
    return run(row).map((u, j) => u - run(other)[j]);
  };
  expect(change(configs.full)[0]).not.toBe(0);
  expect(change(configs.memoryless)[0]).toBe(0);
});

describe("bad arguments", () => {
  test("implied-minimum inputs need a known curvature", () => {
    expect(() => impliedMinimumFor(hiddenCurvature)).toThrow(
      "landscape.curvature: implied-minimum inputs need",
    );
  });

  test("parameters must be shown to be used", () => {
    const parameters = { center: [0, 0], scale: 1 };
    expect(() => policyModel(emaBankFor(hiddenCurvature, { parameters }))).toThrow(
      'needs the channel "parameters"',
    );
    expect(() => policyModel(linearEmaBankFor(hiddenCurvature, { parameters }))).toThrow(
      'linear-ema-bank.parameters: needs the channel "parameters"',
    );
    const inputs = impliedMinimumFor(hiddenTask);
    expect(() => policyModel(gruFor(hiddenCurvature, { inputs }))).toThrow('needs the channel "parameters"');
  });

  test("weights must fit their model", () => {
    const model = policyModel(configs.memoryless);
    expect(() => learnedPolicy(model, new Float64Array(3))).toThrow(
      /parameters: must have length \d+, got 3/,
    );
    const { header, weights } = savePolicy(model, someParameters(model), { precision: 32 });
    expect(loadPolicy({ header, weights }).parameters[0]).toBe(Math.fround(someParameters(model)[0]));
    expect(() => loadPolicy({ header, weights: weights.slice(4) })).toThrow(/weights: must be \d+ bytes/);
    expect(() => loadPolicy({ header: { ...header, version: 2 as 1 }, weights })).toThrow(
      "version: must be 1, got 2",
    );
    const config = { ...header.config, kind: "transformer" as "gru" } as PolicyConfig;
    expect(() => loadPolicy({ header: { ...header, config }, weights })).toThrow(
      'policy.kind: must be one of "memoryless", "linear-ema-bank", ',
    );
  });

  test("a config says where it is wrong", () => {
    const bank = emaBankFor(hiddenCurvature);
    expect(() => policyModel({ ...bank, decays: [0, 1] })).toThrow("policy.decays[1]: must be in [0, 1)");
    expect(() => policyModel({ ...bank, hidden: [] })).toThrow("policy.hidden: must not be empty");
    expect(() => policyModel({ ...bank, gain: Number.NaN })).toThrow("policy.gain: must be a finite number");
    expect(() => policyModel({ ...bank, epsilon: 1e-50 })).toThrow("policy.epsilon: must be >= 1e-30");
    const inputs = { ...impliedMinimumFor(hiddenTask), center: [1, 2, 3] };
    expect(() => policyModel(gruFor(hiddenTask, { inputs }))).toThrow(
      "policy.inputs.center: must have length 2 or 1, got 3",
    );
    expect(() => policyModel(fullFor(hiddenTask, { scale: [1, 2] }))).toThrow(
      "policy.scale: must have length 6 or 1, got 2",
    );
    const constants = [[1, 2, 3]];
    expect(() => policyModel(memorylessFor(hiddenTask, { constants }))).toThrow(
      "policy.constants[0]: must have length 2 or 1",
    );
  });

  test("a layout says which channel is not where it is said to be", () => {
    const bank = emaBankFor(hiddenCurvature);
    const { layout } = bank;
    const [d, size] = [layout.dimension, layout.observationSize];
    const model = (changes: Partial<typeof layout>) => () =>
      policyModel({ ...bank, layout: { ...layout, ...changes } });
    expect(model({ gradientOffset: size - d + 1 })).toThrow(
      `policy.layout.gradientOffset: must be <= ${size - d}, as it begins ${d} of ${size} numbers, got ${size - d + 1}`,
    );
    expect(model({ parametersOffset: layout.gradientOffset })).toThrow(
      `policy.layout.parametersOffset: must not overlap what begins at gradientOffset = ${layout.gradientOffset}, got`,
    );
    expect(model({ cueOffset: size })).toThrow(`policy.layout.cueOffset: must be <= ${size - 1}`);
    expect(model({ cueOffset: size - 1 })).toThrow("policy.layout.cueOffset: must not overlap");
    expect(model({ observationSize: size + 1, cueOffset: size })).not.toThrow();
  });
});
