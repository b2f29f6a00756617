import { describe, expect, test } from "vitest";
import {
  createLandscape,
  defineProblem,
  type Landscape,
  type ProblemInput,
  rootKey,
  uniformAt,
} from "../../envs/index.js";
import { standardErrorsFrom } from "../oracles/statistics.js";

const build = (landscape: ProblemInput["landscape"]) =>
  createLandscape(defineProblem({ landscape }).landscape);

/** Members drawn as the simulator does, one row each. */
function draw(landscape: Landscape, count: number, seed: string | number = "draws"): Float64Array[] {
  const key = rootKey(seed);
  return Array.from({ length: count }, (_, episode) => {
    const instance = new Float64Array(landscape.instanceSize);
    landscape.sampleInstance?.(
      (i) => {
        expect(i).toBeLessThan(landscape.instanceSize);
        return uniformAt(key, i, episode);
      },
      instance,
      0,
    );
    return instance;
  });
}

function hessian(landscape: Landscape, instance: Float64Array): number[][] {
  const { dimension } = landscape;
  return Array.from({ length: dimension }, (_, j) => {
    const unit = Float64Array.from({ length: dimension }, (_, i) => (i === j ? 1 : 0));
    const column = new Float64Array(dimension);
    landscape.hessianVector(unit, instance, 1, unit, column);
    return Array.from(column);
  });
}

describe("random quadratics", () => {
  test.each([1, 2, 3, 6].flatMap((d) => [[d, "haar"] as const, [d, "householder"] as const]))(
    "of dimension %d have the condition number, whatever the rotation (%s)",
    (dimension, rotation) => {
      const landscape = build({ kind: "random-quadratic", dimension, conditionNumber: 50, rotation });
      for (const instance of draw(landscape, 20)) {
        const h = hessian(landscape, instance);
        const eigenvalues = Array.from(instance.subarray(0, dimension));
        const trace = h.reduce((total, row, i) => total + row[i], 0);
        const squares = h.flat().reduce((total, value) => total + value * value, 0);
        expect(trace).toBeCloseTo(
          eigenvalues.reduce((a, b) => a + b),
          12,
        );
        expect(squares).toBeCloseTo(
          eigenvalues.reduce((a, b) => a + b * b, 0),
          12,
        );
        expect(Math.max(...eigenvalues)).toBe(1);
        if (dimension > 1) expect(Math.min(...eigenvalues)).toBeCloseTo(1 / 50, 15);
      }
    },
  );

  test("turn all ways alike: the mean of H is a multiple of the identity", () => {
    const landscape = build({ kind: "random-quadratic", dimension: 3, conditionNumber: 10 });
    const members = draw(landscape, 4000);
    const means = members.map((m) => (m[0] + m[1] + m[2]) / 3);
    const hessians = members.map((m) => hessian(landscape, m));
    for (const [i, j] of [
      [0, 0],
      [1, 1],
      [2, 2],
      [0, 1],
      [1, 2],
      [0, 2],
    ]) {
      const differences = hessians.map((h, n) => h[i][j] - (i === j ? means[n] : 0));
      expect(standardErrorsFrom(0, Float64Array.from(differences))).toBeLessThan(4);
    }
  });
});

test("a reflection turns what lies along its vector around, and keeps what lies across", () => {
  const landscape = build({
    kind: "random-quadratic",
    dimension: 3,
    conditionNumber: 7,
    rotation: "householder",
  });
  for (const instance of draw(landscape, 20)) {
    const w = instance.subarray(3, 6);
    expect(Math.hypot(...w)).toBeCloseTo(1, 12);
    // H = RΛR, entry by entry.
    const reflection = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 1 : 0) - 2 * w[i] * w[j]));
    const expected = reflection.map((row) =>
      reflection.map((other) => row.reduce((sum, value, k) => sum + value * instance[k] * other[k], 0)),
    );
    const h = hessian(landscape, instance);
    for (let i = 0; i < 9; i++) expect(h.flat()[i]).toBeCloseTo(expected.flat()[i], 12);
  }
});

describe("random double wells", () => {
  test("lie in their ranges, along unit vectors that point all ways", () => {
    for (const dimension of [1, 2, 3]) {
      const landscape = build({ kind: "random-double-well", dimension, tilt: [0.2, 0.4], barrier: [1, 3] });
      const members = draw(landscape, 2000);
      const column = (j: number) => Float64Array.from(members, (m) => m[j]);
      expect(Math.min(...column(0))).toBeGreaterThan(1);
      expect(Math.max(...column(0))).toBeLessThan(3);
      expect(standardErrorsFrom(2, column(0))).toBeLessThan(4);
      expect(standardErrorsFrom(0.3, column(1))).toBeLessThan(4);
      for (const m of members) expect(Math.hypot(...m.subarray(2, 2 + dimension))).toBeCloseTo(1, 12);
      for (let j = 0; j < dimension; j++) {
        expect(standardErrorsFrom(0, column(2 + j))).toBeLessThan(4);
        const squares = column(2 + j).map((w) => w * w);
        if (dimension > 1) expect(standardErrorsFrom(1 / dimension, squares)).toBeLessThan(4);
      }
    }
  });
});

describe.each(["random-quadratic", "random-double-well"] as const)("pools of %s", (kind) => {
  const members = (split: "train" | "test", size: number, seed = 0, draws: string | number = "draws") =>
    new Set(
      draw(build({ kind, dimension: 3, pool: { split, size, seed } }), 400, draws).map((m) => m.join()),
    );

  test("are finite, the same for all seeds of an environment", () => {
    expect(members("train", 20).size).toBe(20);
    expect(members("train", 20, 0, "other")).toEqual(members("train", 20));
  });

  test("share no member between train and test, nor between seeds", () => {
    const train = members("train", 50);
    const others = [members("test", 50), members("train", 50, 1), members("test", 50, 1)];
    for (const other of others) for (const member of other) expect(train.has(member)).toBe(false);
  });

  test("grow by adding members", () => {
    const [few, many] = [members("train", 5), members("train", 20)];
    for (const member of few) expect(many.has(member)).toBe(true);
  });
});
