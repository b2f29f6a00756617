import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lossgymHere, play, temporaryFolder } from "./command-line.js";

const quadratic = { kind: "quadratic", curvature: [4, 1] };

test.each([
  [
    [],
    "no command given; commands are rediscover, solve, train, replay, compare, figures, list, check (see lossgym --help)",
  ],
  [
    ["rediscovr"],
    'unknown command "rediscovr"; commands are rediscover, solve, train, replay, compare, figures, list, check',
  ],
  [["--frobnicate"], "unknown option '--frobnicate' (see lossgym --help)"],
  [["rediscover", "--seds", "3"], "unknown option '--seds' (Did you mean --seeds?)"],
  [
    ["rediscover", "grokking"],
    'phenomenon: must be one of momentum, adaptivity, resets, geometry, control, horizon, all, phase-curve, got "grokking"',
  ],
  [["rediscover", "--seeds", "0"], '--seeds: must be a whole number >= 1, got "0"'],
  [["rediscover", "--seeds", "2.5"], '--seeds: must be a whole number >= 1, got "2.5"'],
  [["rediscover", "--seeds", "many"], '--seeds: must be a whole number >= 1, got "many"'],
  [["rediscover", "--workers", "-1"], '--workers: must be a whole number >= 1, got "-1"'],
  [
    ["rediscover", "--name", "a/b"],
    '--name: must be the name of a folder, got "a/b"; give the path to --out',
  ],
  [["solve"], "missing required argument 'problem' (see lossgym --help)"],
  [
    ["solve", "/no/such.json"],
    "/no/such.json: cannot be read (there is no such file or folder); give a readable JSON file, or - for standard input",
  ],
])("lossgym %j is refused in one line", async (args, message) => {
  expect(await lossgymHere(args)).toEqual({ code: 2, stdout: "", stderr: `lossgym: ${message}\n` });
});

test.each([
  ['{\n  "landscape": {,}\n}', 'is not JSON, line 2, column 17: unexpected ","'],
  ['{"landscape": "quadratic', 'is not JSON, line 1, column 15: unexpected "\\""'],
  ["", "is not JSON, line 1, column 1: it ends too early"],
  ["[1, 2] 3", 'is not JSON, line 1, column 8: unexpected "3"'],
  [{ landscape: quadratic, objective: { discountRate: -1 } }, "objective.discountRate: must be >= 0, got -1"],
  [{ landscape: { ...quadratic, minimum: [1] } }, "landscape.minimum: must have length 2, got 1"],
  [
    { landscape: quadratic, geometry: { metric: [[1]] } },
    "geometry.metric: must have shape [2, 2], got [1, 1]",
  ],
  [
    { landscape: quadratic, horizon: 3 },
    'problem: has no field "horizon", only landscape, objective, geometry, task, observation, action, start',
  ],
  [
    { landscape: { kind: "double-well" }, objective: { horizon: 3 } },
    'landscape.kind: must be "quadratic" for a linear-quadratic solution, got "double-well"',
  ],
])("the problem %j is refused in one line", async (problem, message) => {
  const input = typeof problem === "string" ? problem : JSON.stringify(problem);
  const stderr = `lossgym: standard input: ${message}\n`;
  expect(await lossgymHere(["solve", "-"], { input })).toEqual({ code: 2, stdout: "", stderr });
});

test("a run folder that holds files is refused, and left as it was", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "runs/mine"), { recursive: true });
  writeFileSync(join(folder, "runs/mine/notes.txt"), "keep");
  const stderr = "lossgym: runs/mine: already holds files; choose another --name, or give --overwrite\n";
  expect(play(["--name", "mine"], folder)).toEqual({ code: 2, stdout: "", stderr });
  expect(readdirSync(join(folder, "runs/mine"))).toEqual(["notes.txt"]);
});

test.each([
  [
    "a file in the place of the run folder",
    ["--out", ".", "--name", "file"],
    "file: is not a folder; choose another --name or --out",
  ],
  [
    "a file in the place of its parent",
    ["--out", "file", "--name", "x"],
    "file/x: cannot be written to (a file is in the way); choose another --out",
  ],
  ["a file system that takes no folders", ["--out", "/proc", "--name", "x"], "cannot be written to"],
])("%s is refused before anything runs", (_, args, message) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  const { code, stdout, stderr } = play(args, folder);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^lossgym: .*\n$/);
  expect(stderr).toContain(message);
  expect(readdirSync(folder).sort()).toEqual(["file", "recording.json"]);
});
