import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defineProblem, type ProblemInput } from "../../envs/index.js";
import { BadInput } from "../../scripts/bad-input.js";
import { readRecord } from "../../scripts/commands/replay-record.js";
import { curvatureCases, riccatiCases, taskCases } from "../oracles/vectors.js";
import { expectClose } from "../solvers/close.js";
import { lossgym, lossgymHere, temporaryFolder } from "./command-line.js";

/** Runs `lossgym replay - RECORD …` with the problem on standard input. */
async function replay(problem: unknown, record: unknown, ...options: string[]) {
  const file = join(temporaryFolder(), "record.json");
  writeFileSync(file, typeof record === "string" ? record : JSON.stringify(record));
  const outcome = await lossgymHere(["replay", "-", file, ...options], { input: JSON.stringify(problem) });
  return { ...outcome, stderr: outcome.stderr.replaceAll(file, "RECORD") };
}

async function answer(problem: unknown, record: unknown, ...options: string[]) {
  const { code, stdout, stderr } = await replay(problem, record, ...options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

describe("reference records", () => {
  test.each(taskCases.map((each, index) => ({ index, ...each })))(
    "hidden minimum $index",
    async ({ problem, expected }) => {
      const { parameters, gradients } = expected;
      const { action, posteriorMean } = await answer(problem, { parameters, gradients }, "--json");
      expectClose(action, expected.action, 1e-8);
      expectClose(posteriorMean, expected.posteriorMean, 1e-8);
    },
  );

  test.each(curvatureCases.map((each, index) => ({ index, ...each })))(
    "hidden curvature $index",
    async ({ problem, curvatureGrid, expected }) => {
      const { parameters, gradients } = expected;
      const options = curvatureGrid === 41 ? [] : ["--curvature-grid", String(curvatureGrid)];
      const { action } = await answer(problem, { parameters, gradients }, "--json", ...options);
      expectClose(action, expected.action, 1e-8);
    },
  );

  test.each(riccatiCases.map((each, index) => ({ index, ...each })))(
    "solve --json on linear-quadratic problem $index",
    async ({ problem, continuous, discrete }) => {
      const { code, stdout } = await lossgymHere(["solve", "-", "--json"], {
        input: JSON.stringify(problem),
      });
      const solution = JSON.parse(stdout);
      expect({ code, status: solution.status }).toEqual({ code: 0, status: "exact" });
      for (const [found, wanted] of [
        [solution.continuous, continuous],
        [solution.discrete, discrete],
      ]) {
        for (const part of ["valueMatrix", "valueVector", "gain", "feedforward", "restingPoint"])
          expectClose(found[part], wanted[part], 1e-8);
      }
    },
  );

  test.each(taskCases.map((each, index) => ({ index, ...each })))(
    "solve --json on hidden minimum $index",
    async ({ problem, expected }) => {
      const { stdout } = await lossgymHere(["solve", "-", "--json"], { input: JSON.stringify(problem) });
      const { shrinkage, priorWeight, discrete } = JSON.parse(stdout);
      expectClose(shrinkage, expected.shrinkage, 1e-8);
      expectClose(priorWeight, expected.priorWeight, 1e-8);
      expectClose(discrete.gain, expected.gain, 1e-8);
    },
  );
});

const plane: ProblemInput = {
  landscape: { kind: "quadratic", curvature: [4, 1], minimum: [1, -1] },
  objective: { discountRate: 0.6 },
};
const known = {
  parameters: [
    [0, 0],
    [1, -1],
  ],
  gradients: [
    [-4, 1],
    [0, 0],
  ],
};

describe("what is printed", () => {
  test("a known minimum has no posterior mean, and rests at its minimum", async () => {
    const printed = await answer(plane, known);
    expect(Object.keys(printed)).toEqual(["action"]);
    expect(printed.action[0][0]).toBeGreaterThan(0);
    expectClose(printed.action[1], [0, 0], 1e-12);
    expect((await replay(plane, known, "--json")).stdout).toBe(`${JSON.stringify(printed)}\n`);
  });

  test("entries are arrays where the record's are", async () => {
    const { problem, expected } = taskCases[0];
    const [parameters, gradients] = [expected.parameters, expected.gradients].map((values) =>
      values.slice(0, 2).map((value) => [value]),
    );
    const { action, posteriorMean } = await answer(problem, { parameters, gradients });
    expect([action.length, action[0].length, posteriorMean[1].length]).toEqual([2, 1, 1]);
  });

  test("what the problem does not show may be left out", async () => {
    const observation = { kind: "gradient", channels: ["parameters", "update", "time"] };
    const { gradients: _, ...parameters } = known;
    expectClose(
      (await answer({ ...plane, observation }, parameters)).action.flat(),
      (await answer(plane, known)).action.flat(),
      1e-12,
    );
  });

  test("the record may come from standard input", async () => {
    const file = join(temporaryFolder(), "problem.json");
    writeFileSync(file, JSON.stringify(plane));
    const { code, stdout } = lossgym(["replay", file, "-", "--json"], { input: JSON.stringify(known) });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(await answer(plane, known));
  });

  test("help has examples", async () => {
    expect((await lossgymHere(["replay", "--help"])).stdout).toContain("Examples:\n  $ lossgym replay ");
  });
});

test.each<[ProblemInput, unknown, string]>([
  [plane, [1, 2], "RECORD: must be an object with parameters and gradients, got [1,2]"],
  [
    plane,
    { parameters: known.parameters },
    "RECORD: gradients: must be an array with an entry for each step, got nothing",
  ],
  [
    plane,
    { ...known, gradients: [] },
    "RECORD: gradients: must be an array with an entry for each step, got []",
  ],
  [
    plane,
    { ...known, gradients: [[1, 2]] },
    "RECORD: parameters: must have 1 entries, as many as gradients, got 2",
  ],
  [
    plane,
    { ...known, gradients: [[1, 2], [3]] },
    "RECORD: gradients[1]: must be an array of 2 finite numbers, got [3]",
  ],
  [
    plane,
    {
      ...known,
      parameters: [
        [1, 2],
        [3, null],
      ],
    },
    "RECORD: parameters[1]: must be an array of 2 finite numbers, got [3,null]",
  ],
  [
    { landscape: { kind: "quadratic", curvature: [1] } },
    { parameters: [1, "2"], gradients: [1, 2] },
    'RECORD: parameters[1]: must be a finite number, got "2"',
  ],
  [
    { ...plane, observation: { kind: "gradient", channels: ["gradient", "loss"] } },
    known,
    "RECORD: holds no loss, which the problem shows; replay knows gradient, parameters, update and time",
  ],
])("for the problem %j the record %j is refused", async (problem, record, message) => {
  const reading = readRecord(defineProblem(problem), { name: "RECORD", value: record });
  await expect(reading).rejects.toThrow(new BadInput(message));
});

test("a record tells the last update and the time as well", async () => {
  const observation = { kind: "gradient", channels: ["time", "update", "gradient"] } as const;
  const value = {
    parameters: [
      [1, 2],
      [4, 1],
    ],
    gradients: [
      [5, 6],
      [7, 8],
    ],
  };
  const { observe } = await readRecord(defineProblem({ ...plane, observation }), { name: "RECORD", value });
  const seen = [0, 1].map((step) => {
    const out = new Float64Array(5);
    observe(step, out);
    return Array.from(out);
  });
  expect(seen).toEqual([
    [0, 0, 0, 5, 6],
    [1, 3, -1, 7, 8],
  ]);
});

test("a bad record and a bad problem end with code 2 and one line", async () => {
  const bad = await replay(plane, { ...known, gradients: [[1, 2], [3]] });
  expect(bad).toEqual({
    code: 2,
    stdout: "",
    stderr: "lossgym: RECORD: gradients[1]: must be an array of 2 finite numbers, got [3]\n",
  });
  expect((await replay(plane, "{")).stderr).toBe(
    "lossgym: RECORD: is not JSON, line 1, column 2: it ends too early\n",
  );
  const { code, stderr } = await replay({ landscape: 3 }, known);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^lossgym: standard input: landscape: must be an object.*\n$/);
});

test.each<[string[], string]>([
  [["replay", "-"], "missing required argument 'record' (see lossgym --help)"],
  [["replay", "-", "-"], "record: cannot be standard input where the problem is; give a file for one"],
  [["replay", "-", "/no/such.json"], "/no/such.json: cannot be read (there is no such file or folder)"],
  [["replay", "-", "x", "--curvature-grid", "0"], '--curvature-grid: must be a whole number >= 1, got "0"'],
])("lossgym %j is refused in one line", async (args, message) => {
  const { code, stderr } = await lossgymHere(args, { input: JSON.stringify(plane) });
  expect(code).toBe(2);
  expect(stderr.startsWith(`lossgym: ${message}`), stderr).toBe(true);
});
