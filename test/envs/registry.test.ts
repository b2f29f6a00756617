import { describe, expect, test } from "vitest";
import {
  createRegistry,
  defineProblem,
  type EntryPointOptions,
  type Kwargs,
  list,
  make,
  makeVec,
  navigationRegistration,
  navigationVectorEnv,
  registeredProblem,
  spec,
} from "../../envs/index.js";

const bowl = defineProblem({ landscape: { kind: "quadratic", curvature: [1] } });

function recording(ids: string[]) {
  const calls: { kwargs: Kwargs; options: EntryPointOptions }[] = [];
  const registry = createRegistry(
    ids.map((id) => ({
      id,
      maxEpisodeSteps: 7,
      kwargs: { part: { kind: "a", x: 1, y: 2 }, rate: 3 },
      entryPoint: (kwargs, options) => {
        calls.push({ kwargs, options });
        return navigationVectorEnv(bowl, options);
      },
    })),
  );
  return { registry, calls };
}

test("the built-in environments", () => {
  expect(list()).toEqual([
    "lossgym/Ackley-v0",
    "lossgym/Beale-v0",
    "lossgym/DoubleWell-v0",
    "lossgym/Expression-v0",
    "lossgym/Griewank-v0",
    "lossgym/HiddenCurvature-v0",
    "lossgym/HiddenMinimum-v0",
    "lossgym/HiddenTask-v0",
    "lossgym/Himmelblau-v0",
    "lossgym/IllConditioned-v0",
    "lossgym/Levy-v0",
    "lossgym/LinearRegression-v0",
    "lossgym/MatrixFactorisation-v0",
    "lossgym/Network-v0",
    "lossgym/PermutedLabels-v0",
    "lossgym/Quadratic-v0",
    "lossgym/RandomDoubleWell-v0",
    "lossgym/Rastrigin-v0",
    "lossgym/Regression-v0",
    "lossgym/Rosenbrock-v0",
    "lossgym/Saddle-v0",
    "lossgym/StyblinskiTang-v0",
  ]);
});

describe("ids", () => {
  test("are listed in order, and a new one joins them", () => {
    const { registry } = recording(["b/B-v0", "a/A-v1"]);
    registry.register(navigationRegistration("a/A-v0", null, { landscape: { kind: "double-well" } }));
    expect(registry.list()).toEqual(["a/A-v0", "a/A-v1", "b/B-v0"]);
    expect(registry.make("a/A-v0").actionSpace.size).toBe(1);
  });

  test("without a version mean the newest", () => {
    const { registry } = recording(["a/A-v2", "a/A-v10", "a/A-v9"]);
    expect(registry.make("a/A").spec?.id).toBe("a/A-v10");
    expect(registry.spec("a/A-v2").id).toBe("a/A-v2");
  });

  test.each(["", "Name", "a/b/C-v0", "a/B-v", "a/B-vx", "a b-v0"])("%j is malformed", (id) => {
    expect(() => recording([id])).toThrow(`register: id must look like "namespace/Name-v0", got "${id}"`);
  });

  test("are taken once", () => {
    expect(() => recording(["a/A-v0", "a/A-v0"])).toThrow(
      "register: a/A-v0 is taken, choose another name or the next version",
    );
  });

  test.each([
    ["lossgym/Quadratics-v0", "did you mean lossgym/Quadratic-v0?"],
    ["quadratic-v0", "did you mean lossgym/Quadratic-v0?"],
    ["lossgym/Quadratic-v3", "did you mean lossgym/Quadratic-v0?"],
    ["lossgym/hiddentask-v0", "did you mean lossgym/HiddenTask-v0?"],
    ["x", `registered are ${list().join(", ")}`],
  ])("an unknown %s: %s", (id, hint) => {
    for (const call of [make, makeVec, spec, registeredProblem])
      expect(() => call(id)).toThrow(`unknown environment "${id}": ${hint}`);
  });

  test("an empty registry says so", () => {
    expect(() => createRegistry().make("a/A-v0")).toThrow(
      'unknown environment "a/A-v0": nothing is registered',
    );
  });
});

describe("arguments", () => {
  test("what every environment understands goes to the options, the rest over the kwargs", () => {
    const { registry, calls } = recording(["a/A-v0"]);
    const env = registry.makeVec("a/A-v0", {
      numEnvs: 3,
      autoresetMode: "same-step",
      seed: 1,
      firstIndex: 2,
      renderMode: "ansi",
      rate: 9,
      part: { x: 5 },
      extra: true,
    });
    expect(calls[0].kwargs).toEqual({ part: { kind: "a", x: 5, y: 2 }, rate: 9, extra: true });
    expect(calls[0].options).toMatchObject({ numEnvs: 3, seed: 1, firstIndex: 2, maxEpisodeSteps: 7 });
    expect(env.metadata.autoresetMode).toBe("same-step");
    expect(env.spec).toEqual({ id: "a/A-v0", maxEpisodeSteps: 7, kwargs: calls[0].kwargs });
    expect(registry.spec("a/A-v0").kwargs).toEqual({ part: { kind: "a", x: 1, y: 2 }, rate: 3 });
  });

  test("an object of another kind replaces, one of the same kind or none is merged", () => {
    const { registry, calls } = recording(["a/A-v0"]);
    for (const part of [{ kind: "b" }, { kind: "a", y: 0 }, { z: 1 }, [1]]) registry.make("a/A-v0", { part });
    expect(calls.map(({ kwargs }) => kwargs.part)).toEqual([
      { kind: "b" },
      { kind: "a", x: 1, y: 0 },
      { kind: "a", x: 1, y: 2, z: 1 },
      [1],
    ]);
  });

  test("the limit of steps can be changed and lifted", () => {
    const { registry } = recording(["a/A-v0"]);
    const limits = [{}, { maxEpisodeSteps: 2 }, { maxEpisodeSteps: null }, { maxEpisodeSteps: undefined }];
    expect(limits.map((options) => registry.make("a/A-v0", options).spec?.maxEpisodeSteps)).toEqual([
      7,
      2,
      null,
      7,
    ]);
  });

  test("parts of a built-in problem", () => {
    const env = make("lossgym/Quadratic-v0", {
      landscape: { curvature: [1, 2] },
      objective: { timeStep: 0.5 },
    });
    const problem = registeredProblem("lossgym/Quadratic-v0", { landscape: { curvature: [1, 2] } });
    expect(problem.landscape).toMatchObject({ curvature: [1, 2], minimum: [1, 1] });
    expect(problem.objective.discountRate).toBe(0.1);
    env.reset();
    // Δt·(½u² + L(θ′)), θ′ = ½ in the first coordinate.
    expect(env.step([1, 0]).reward).toBeCloseTo(-0.5 * (0.5 + 0.125 + 1), 12);
    expect(
      make("lossgym/Quadratic-v0", { landscape: { kind: "double-well", dimension: 3 } }).actionSpace.size,
    ).toBe(3);
  });

  test("the penalty of divergence", () => {
    const env = make("lossgym/Quadratic-v0", { divergencePenalty: 5 });
    env.reset();
    expect(env.step([1e300, 0])).toMatchObject({ reward: -5, terminated: true });
    expect(registeredProblem("lossgym/Quadratic-v0", { divergencePenalty: 5 })).toEqual(
      registeredProblem("lossgym/Quadratic-v0"),
    );
  });

  test("a table for the regression", () => {
    const table = { features: [[1], [2], [3]], labels: [0, 1, 1], ridge: 0.5 };
    expect(registeredProblem("lossgym/Regression-v0", table).landscape).toEqual({
      kind: "regression",
      ...table,
    });
    expect(make("lossgym/Regression-v0", table).actionSpace.size).toBe(4);
    expect(() => make("lossgym/Regression-v0", { features: [[1], [2]] })).toThrow(
      "landscape.labels: must have one label per row of features (2), got 12",
    );
  });

  test("an argument that nobody knows is refused", () => {
    expect(() => make("lossgym/Quadratic-v0", { gamma: 1 })).toThrow(
      'problem: has no field "gamma", only landscape, objective, geometry, task, observation, action, start',
    );
    expect(() => make("lossgym/Quadratic-v0", { objective: { timeStep: 0 } })).toThrow(
      "objective.timeStep: must be > 0, got 0",
    );
  });

  test.each(list())("%s is made again from its spec", (id) => {
    const original = make(id, { seed: 3 });
    const { kwargs, maxEpisodeSteps } = JSON.parse(JSON.stringify(original.spec));
    const copy = make(id, { seed: 3, maxEpisodeSteps, ...kwargs });
    const action = original.actionSpace.sample(1);
    expect(copy.reset()).toEqual(original.reset());
    expect(copy.step(action)).toEqual(original.step(action));
    expect(copy.spec).toEqual(original.spec);
  });
});
