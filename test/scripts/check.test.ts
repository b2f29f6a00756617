import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CheckReport, list } from "../../envs/index.js";
import { lossgymHere, temporaryFolder } from "./command-line.js";

const problem = JSON.stringify({
  landscape: { kind: "quadratic", curvature: [4, 1] },
  observation: { kind: "sign", noise: 1 },
});
/** So steep that any step overflows: episodes end before they should. */
const cliff = JSON.stringify({ landscape: { kind: "quadratic", curvature: [1e308] } });

test("check --all passes every registered environment", async () => {
  const { code, stdout, stderr } = await lossgymHere(["check", "--all"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.trim().split("\n");
  expect(lines.length).toBe(list().length);
  lines.forEach((line, i) => {
    expect(line).toMatch(/^\S+: \d\d passed, 0 failed, \d skipped$/);
    expect(line.startsWith(`${list()[i]}:`)).toBe(true);
  });
});

test("check --json prints every rule of one environment", async () => {
  const { code, stdout } = await lossgymHere(["check", "lossgym/DoubleWell-v0", "--json"]);
  expect(code).toBe(0);
  const [checked, ...others]: (CheckReport & { name: string })[] = JSON.parse(stdout);
  expect(others).toEqual([]);
  expect(checked).toMatchObject({ name: "lossgym/DoubleWell-v0", passed: true });
  expect(checked.checks.length).toBeGreaterThan(30);
  const rules = checked.checks.map(({ rule }) => rule);
  expect(new Set(rules).size).toBe(rules.length);
  for (const { status, message } of checked.checks) expect(status === "skipped").toBe(message !== undefined);
});

test("check reads a problem from a file or from standard input", async () => {
  const file = join(temporaryFolder(), "problem.json");
  writeFileSync(file, problem);
  const fromFile = await lossgymHere(["check", file]);
  expect(fromFile).toMatchObject({ code: 0, stderr: "" });
  expect(fromFile.stdout.startsWith(`${file}: `)).toBe(true);
  expect((await lossgymHere(["check", "-"], { input: problem })).stdout).toMatch(/^standard input: /);
});

test("a broken rule is named, with the value and the fix, and the exit code is 1", async () => {
  const { code, stdout, stderr } = await lossgymHere(["check", "-"], { input: cliff });
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toMatch(/^standard input: \d+ passed, [1-9] failed, /);
  expect(stdout).toMatch(/\n {2}losses and gradients are finite: loss\[\d+\] is Infinity; avoid overflow/);
  const [report]: CheckReport[] = JSON.parse(
    (await lossgymHere(["check", "-", "--json"], { input: cliff })).stdout,
  );
  expect(report.passed).toBe(false);
});

test.each<[string[], string, string?]>([
  [["check"], "check: give an id, a JSON file, or --all (see lossgym check --help)"],
  [["check", "--all", "x.json"], 'check: --all checks every environment, leave out "x.json"'],
  [["check", "nowhere.json"], "nowhere.json: cannot be read (there is no such file or folder)"],
  [
    ["check", "lossgym/Quadratics-v0"],
    'unknown environment "lossgym/Quadratics-v0": did you mean lossgym/Quadratic-v0?',
  ],
  [["check", "-"], "standard input: landscape: must be an object whose kind is one of", "{}"],
])("%j is bad input", async (args, message, input = "") => {
  const { code, stdout, stderr } = await lossgymHere(args, { input });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.startsWith(`lossgym: ${message}`)).toBe(true);
  expect(stderr.trim().split("\n").length).toBe(1);
});
