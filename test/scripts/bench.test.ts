import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { idiomaticStepContender } from "../../scripts/bench/idiomatic-step.js";
import { measure } from "../../scripts/bench/measure.js";
import { optionsOf } from "../../scripts/bench/options.js";
import { simulationContender } from "../../scripts/bench/simulation-step.js";
import { kolmogorovTail, normalCdf, poissonTwoSided } from "../../scripts/bench/statistics/distributions.js";
import { reference, type Source } from "../../scripts/bench/statistics/sources.js";
import { testSource } from "../../scripts/bench/statistics/suite.js";
import { verifyStep } from "../../scripts/bench/step-verification.js";
import { judge } from "../../scripts/bench/targets.js";
import { findTools } from "../../scripts/bench/tools.js";
import { ended, said, temporaryFolder } from "./command-line.js";

const script = fileURLToPath(new URL("../../dist/scripts/bench/bench.js", import.meta.url));
/** Nothing but Node. */
const bare = { ...process.env, LOSSGYM_CC: "no-such-compiler", LOSSGYM_PYTHON: "no-such-python" };

function bench(...args: readonly string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8", env: bare, timeout: 55_000 });
}

test("bench --json prints rows of medians, and names on stderr what is missing", () => {
  const { status, stdout, stderr } = bench("--json", "--only", "step/exact/D=2$", "--repeats", "1");
  expect(status).toBe(0);
  const { rows, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({});
  expect(rows).toHaveLength(1);
  const [{ columns, ...row }] = rows;
  expect(row).toEqual({ id: "step/exact/D=2", unit: "ns/coordinate" });
  expect(Object.keys(columns)).toEqual(expect.arrayContaining(["idiomatic", "reference"]));
  for (const spread of Object.values<Record<string, number>>(columns)) {
    expect(Object.keys(spread)).toEqual(["median", "min", "max"]);
    expect(spread.min).toBeGreaterThan(0);
    expect(spread.min).toBeLessThanOrEqual(spread.median);
    expect(spread.median).toBeLessThanOrEqual(spread.max);
  }
  for (const tool of ["native", "jax on one core"]) expect(stderr).toContain(`${tool} is left out: `);
});

test("bad input ends the bench with 2", () => {
  const { status, stdout, stderr } = bench("--only", "no-such-row");
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: "",
    stderr: "--only: no row matches /no-such-row/\n",
  });
});

test.each([
  [["--repeats", "0"], "--repeats: must be a whole number >= 1, got 0"],
  [["--only", "("], "--only: must be a regular expression, got ("],
  [["--frequency", "1"], "usage: bench [--json | --markdown] [--only PATTERN] [--repeats n]"],
])("%j is bad input", (args, message) => {
  expect(() => optionsOf(args)).toThrow(message);
});

test("an interrupt ends the bench and the process that it asked", async () => {
  const folder = temporaryFolder();
  const python = join(folder, "python");
  const pidFile = join(folder, "pid");
  // Has jax, and never answers.
  writeFileSync(
    python,
    `#!/bin/sh\n[ "$1" = -c ] && exit 0\necho $$ > ${pidFile}\necho asked >&2\nexec sleep 60\n`,
    {
      mode: 0o755,
    },
  );
  const child = spawn(process.execPath, [script, "--only", "step/exact/D=2$"], {
    env: { ...bare, LOSSGYM_PYTHON: python },
  });
  const outcome = ended(child);
  await said(child, /asked/);
  child.kill("SIGINT");
  expect((await outcome).code).toBe(130);
  const pid = Number(readFileSync(pidFile, "utf8"));
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("contenders run in turns, and ratios of their medians are judged", async () => {
  const turns: string[] = [];
  const contender = (name: string, times: readonly number[]) => {
    let runs = -times.length;
    return {
      run(iterations: number) {
        turns.push(name);
        // What warms up takes the time of a run, and so asks for no more iterations.
        const time = runs++ < 0 ? 40 : times[(runs - 1) % times.length];
        return { nanoseconds: 1e6 * time, iterations };
      },
    };
  };
  const id = "step/exact/D=2";
  const columns = { idiomatic: contender("a", [30, 10, 50]), wasm: contender("b", [2, 1, 1.5]) };
  const row = { id, unit: "ms", perIteration: 1e6, open: async () => columns };
  const measured = await measure([row], { repeats: 3 });
  expect(measured).toEqual([
    {
      id,
      unit: "ms",
      columns: {
        idiomatic: { median: 30, min: 10, max: 50 },
        wasm: { median: 1.5, min: 1, max: 2 },
      },
    },
  ]);
  expect(turns.slice(-6).join("")).toBe("ababab");
  expect(judge(measured)).toEqual([
    { text: `${id}: speed of wasm over idiomatic`, bound: "≥ 20", value: 20, met: true },
  ]);
});

const shape = { count: 64, dimension: 3, noise: false };
const hasCompiler = spawnSync(process.env.LOSSGYM_CC ?? "cc", ["--version"]).status === 0;

test.skipIf(!hasCompiler)("C takes the steps that TypeScript takes", async () => {
  const tools = findTools((line) => {
    if (!line.startsWith("c128")) throw new Error(line);
  });
  onTestFinished(() => tools.close());
  const peers = { native: tools.c("native"), c128: tools.c("c128") };
  expect(peers.native).not.toBeNull();
  for (const noise of [false, true]) {
    const own = { reference: simulationContender({ ...shape, noise }, "reference") };
    await verifyStep("step", { ...shape, noise }, own, peers);
  }
});

test("a column that differs is refused", async () => {
  const [idiomatic, correct] = [idiomaticStepContender(shape), simulationContender(shape, "reference")];
  await verifyStep("step", shape, { idiomatic, reference: correct }, {});
  const wrong = simulationContender(shape, "reference");
  await expect(
    verifyStep(
      "step",
      shape,
      {
        reference: simulationContender(shape, "reference"),
        wasm: { ...wrong, cost: (n) => wrong.cost(n) + 1e-4 },
      },
      {},
    ),
  ).rejects.toThrow("step: wasm beside reference: number 0 is");
  const noisy = { ...shape, noise: true };
  const loud = simulationContender(noisy, "reference");
  await expect(
    verifyStep("step", noisy, { wasm: { ...loud, gradient: (n, j) => 1.1 * loud.gradient(n, j) } }, {}),
  ).rejects.toThrow("the noise has mean");
});

test("distribution functions have their published values", () => {
  expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 14);
  expect(normalCdf(-1.959963984540054)).toBeCloseTo(0.025, 14);
  expect(normalCdf(-6)).toBeCloseTo(9.865876450376946e-10, 20);
  // Critical values: 1.3581 at 5 %, 1.6276 at 1 %.
  expect(kolmogorovTail(1.3581e-4, 1e8)).toBeCloseTo(0.05, 4);
  expect(kolmogorovTail(1.6276e-4, 1e8)).toBeCloseTo(0.01, 4);
  expect(poissonTwoSided(0, 3)).toBeCloseTo(2 * Math.exp(-3), 14);
  expect(poissonTwoSided(2, 1)).toBeCloseTo(2 * (1 - 2 * Math.exp(-1)), 14);
});

const small = { draws: 2 ** 14, sorted: 2 ** 13, counters: 2 ** 7, words: 2 ** 17 };
const least = (source: Source) => {
  const findings = testSource(source, small);
  return findings.reduce((worst, finding) => (finding.p < worst.p ? finding : worst));
};

test("the generator passes its tests, and broken ones fail the test that is for them", () => {
  expect(least(reference).p).toBeGreaterThan(2e-5);
  const broken: readonly [RegExp, Partial<Source>][] = [
    [/^normal moment/, { normals: scaled }],
    [
      /key with low word/,
      { normals: (key, counter, out) => reference.normals({ ...key, low: 0 }, counter, out) },
    ],
    [/counter/, { normals: (key, counter, out) => reference.normals(key, counter & ~1, out) }],
    [/^uniform/, { uniforms: (_key, counter, out) => fill(out, (i) => ((i + counter) % 997) / 997) }],
    [
      /^birthday/,
      { words: (_key, counter, out) => fill(out, (i) => Math.imul(64 * counter + i, 0x9e3779b1)) },
    ],
  ];
  for (const [test, part] of broken) {
    const worst = least({ ...reference, ...part });
    expect(worst.test).toMatch(test);
    expect(worst.p).toBeLessThan(2e-5);
  }
});

function scaled(...[key, counter, out]: Parameters<Source["normals"]>): void {
  reference.normals(key, counter, out);
  fill(out, (i) => 1.05 * out[i]);
}

function fill(out: Float64Array | Uint32Array, value: (i: number) => number): void {
  for (let i = 0; i < out.length; i++) out[i] = value(i);
}
