import { expect, test } from "vitest";
import { list } from "../../envs/index.js";
import { lossgymHere } from "./command-line.js";

const parabola = {
  landscape: { kind: "quadratic", curvature: [4, 1], minimum: [1, -1] },
  objective: { discountRate: 0.6 },
};

test("solve --json prints the continuous and the discrete law", async () => {
  const { code, stdout, stderr } = await lossgymHere(["solve", "-", "--json"], {
    input: JSON.stringify(parabola),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { status, rule, continuous, discrete } = JSON.parse(stdout);
  expect(status).toBe("exact");
  expect(rule.name).toBeTypeOf("string");
  // R = √(γ²/4 + ηkh) − γ/2
  const rates = [4, 1].map((h) => Math.sqrt(0.09 + h) - 0.3);
  expect(continuous.gain[0][0]).toBeCloseTo(rates[0], 12);
  expect(continuous.gain[1][1]).toBeCloseTo(rates[1], 12);
  expect(continuous.restingPoint[0]).toBeCloseTo(1, 12);
  expect(continuous.feedforward[1]).toBeCloseTo(-rates[1], 12);
  expect(Object.keys(discrete)).toEqual([
    "valueMatrix",
    "valueVector",
    "gain",
    "feedforward",
    "restingPoint",
  ]);
  expect(discrete.gain[0][0]).toBeLessThan(rates[0]);
});

test("solve --json tells the pull of a hidden task to the prior mean", async () => {
  const problem = {
    landscape: { kind: "quadratic", dimension: 1, curvature: 1 },
    objective: { discountRate: 0.2 },
    task: { kind: "redrawn", hazardRate: 0.3, mean: [0.5], covariance: [[1]] },
    observation: { kind: "gradient", noise: 1 },
  };
  const solution = JSON.parse(
    (await lossgymHere(["solve", "-", "--json"], { input: JSON.stringify(problem) })).stdout,
  );
  expect(solution.priorWeight).toBeCloseTo(0.2012, 4);
  expect(solution.shrinkage).toBeCloseTo(1 - solution.priorWeight, 12);
});

test("a cost without end is told from one without a closed form", async () => {
  const drift = { matrix: [[-1]], offset: [0.4] };
  const endless = {
    landscape: { kind: "quadratic", curvature: [1], minimum: [0.5] },
    geometry: { drift },
    objective: { discountRate: 0 },
  };
  const input = JSON.stringify(endless);
  const { expectedCost } = JSON.parse((await lossgymHere(["solve", "-", "--json"], { input })).stdout);
  expect(expectedCost).toEqual({ informed: "Infinity", optimal: "Infinity" });
  const { stdout } = await lossgymHere(["solve", "-"], { input });
  expect(stdout).toContain("expected ∞; told everything ∞");
});

test("solve prints the problem, the rule and its numbers", async () => {
  const { code, stdout } = await lossgymHere(["solve", "-"], { input: JSON.stringify(parabola) });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^problem {3}A quadratic loss in 2 dimensions, curvature \(4, 1\)\. /);
  expect(stdout).toContain(
    "in continuous time: u = -gain·θ + feedforward\ngain          [[1.722, 0], [0, 0.744]]\n",
  );
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("list names every registered environment", async () => {
  const { code, stdout } = await lossgymHere(["list"]);
  expect(code).toBe(0);
  for (const id of list()) expect(stdout).toMatch(new RegExp(`^${id} {2,}\\w`, "m"));
  const printed: { id: string; description: string }[] = JSON.parse(
    (await lossgymHere(["list", "--json"])).stdout,
  );
  expect(printed.map(({ id }) => id)).toEqual(list());
  expect(printed.every(({ description }) => description.length > 10)).toBe(true);
});

test("every command has help with examples", async () => {
  for (const command of [[], ["rediscover"], ["solve"], ["list"]]) {
    const { code, stdout, stderr } = await lossgymHere([...command, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: lossgym /);
    expect(stdout).toContain("Examples:\n  $ lossgym ");
  }
});

test("solve takes the id of a registered environment", async () => {
  const { code, stdout } = await lossgymHere(["solve", "lossgym/HiddenTask-v0", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).priorWeight).toBeCloseTo(0.044117, 6);
});

test("an unknown id is refused in one line that lists the known ones", async () => {
  const { code, stdout, stderr } = await lossgymHere(["solve", "lossgym/HiddenTusk-v0"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(
    /^lossgym: unknown environment "lossgym\/HiddenTusk-v0": .*lossgym\/HiddenTask-v0.*\n$/,
  );
});

test("a double well tells where the best path rests, and when that changes", async () => {
  const problem = {
    landscape: { kind: "double-well" },
    objective: { discountRate: 0.3 },
    start: { kind: "point", parameters: [-0.6] },
  };
  const { start, criticalDiscountRate } = JSON.parse(
    (await lossgymHere(["solve", "-", "--json"], { input: JSON.stringify(problem) })).stdout,
  );
  expect(start.restingPoint[0]).toBeCloseTo(1.05745377, 4);
  expect(Math.abs(start.value / 1.92816177569666 - 1)).toBeLessThan(1e-3);
  expect(criticalDiscountRate).toBeCloseTo(0.664609897, 3);
  const { stdout } = await lossgymHere(["solve", "-"], { input: JSON.stringify(problem) });
  expect(stdout.replace(/\s+/g, " ")).toContain("the best valley changes at γ* = 0.6646");
});

test("a problem that ends has a schedule", async () => {
  const problem = { landscape: { kind: "quadratic", curvature: [1] }, objective: { horizon: 1 } };
  const { schedule } = JSON.parse(
    (await lossgymHere(["solve", "-", "--json"], { input: JSON.stringify(problem) })).stdout,
  );
  expect(schedule).toHaveLength(10);
  // The last step: K = kΔtH/(R̃ + kΔt³H) in units of Δt, as if nothing followed.
  expect(schedule[9].gain[0][0]).toBeCloseTo(0.1 / (1 + 0.01), 12);
});
