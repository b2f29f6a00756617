import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import {
  type Contestant,
  compare,
  derivedRule,
  emaBankFor,
  policyModel,
  savePolicy,
  textbookRule,
} from "../../agents/index.js";
import { defineProblem, rootKey } from "../../envs/index.js";
import { type Derived, derive, parsePolicy, readContestant } from "../../scripts/commands/policy-input.js";
import { comparisonText } from "../../scripts/report/comparison.js";
import { comparisonSvg } from "../../scripts/report/comparison-figure.js";
import { terminalStyle } from "../../scripts/report/terminal-style.js";
import { writePolicy } from "../../scripts/run/policy-files.js";
import { lossgym, temporaryFolder } from "./command-line.js";

const hidden = {
  landscape: { kind: "quadratic", curvature: [1, 4] },
  objective: { discountRate: 0.5 },
  task: {
    kind: "drifting",
    relaxationRate: 0.5,
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: 1 },
} as const;
const problem = defineProblem(hidden);
const small = ["--seeds", "2", "--episodes", "4", "--steps", "12", "--tuning", "2"];
const few = { seeds: 2, episodes: 4, steps: 12, resamples: 50 };

function savedPolicy(folder: string): string {
  const model = policyModel(emaBankFor(problem, { hidden: [4] }));
  writePolicy(folder, savePolicy(model, model.initialParameters(rootKey(1))));
  return folder;
}

test("compares a saved, a derived and textbook rules, and keeps the comparison", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "problem.json"), JSON.stringify(hidden));
  savedPolicy(folder);
  const policies = ["derived", "adam:alpha=0.03,beta1=0", "heavy-ball:beta=0.5", "policy.json"];
  const { code, stdout } = lossgym(
    ["compare", "problem.json", ...policies, ...small, "--json", "--out", "kept"],
    {
      cwd: folder,
    },
  );
  expect(code).toBe(0);
  const found = JSON.parse(stdout);
  expect(found.optimum).toBe("exact");
  expect(found.reference).toEqual({ name: "derived", kind: "optimum" });
  expect(found.policies).toMatchObject([
    { name: "derived", kind: "derived", status: "exact", regretPercent: { value: 0, interval: [0, 0] } },
    {
      name: "Adam (alpha=0.03, beta1=0)",
      kind: "textbook",
      hyperparameters: { learningRate: 0.03, beta1: 0 },
    },
    {
      name: "heavy ball (beta=0.5), tuned",
      tuning: { settings: 17, episodes: 2 },
      hyperparameters: { momentum: 0.5 },
    },
    { kind: "learned" },
  ]);
  for (const { cost, profile } of found.policies) {
    expect(cost.interval[0]).toBeLessThanOrEqual(cost.value);
    expect(cost.interval[1]).toBeGreaterThanOrEqual(cost.value);
    expect(profile).toHaveLength(found.factors.length);
  }
  expect(readdirSync(join(folder, "kept")).sort()).toEqual([
    "comparison.json",
    "comparison.png",
    "comparison.svg",
  ]);
  expect(JSON.parse(readFileSync(join(folder, "kept", "comparison.json"), "utf8"))).toEqual(found);
  expect(
    readFileSync(join(folder, "kept", "comparison.png"))
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
});

test("a problem without an exact optimum is measured against the best found, in a table that fits", () => {
  const input = JSON.stringify({ ...hidden, landscape: { kind: "double-well", dimension: 2 } });
  const policies = ["gradient-descent", "adam:alpha=0.1"];
  const { code, stdout } = lossgym(["compare", "-", ...policies, ...small], { input });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^regret {4}mean cost beyond the best found, (gradient descent, tuned|Adam \(alpha=0\.1\))$/m,
  );
  expect(stdout).toMatch(/^optimum {3}not known: task\.kind/m);
  expect(stdout).toMatch(/^gradient descent, tuned +\S+ +\[.*\] +\S+ +\[.*\] +\S+ +α\u00a0\d/m);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("bad input is refused in one line", () => {
  const { code, stdout, stderr } = lossgym(["compare", "lossgym/HiddenTask-v0", "adamant"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^lossgym: adamant: is no policy; give derived, one of gradient-descent, .*\n$/);
});

describe("a policy argument", () => {
  const read = async (text: string, derived: Derived) =>
    readContestant(await parsePolicy(text), problem, derived, { episodes: 1, steps: 3 });

  test.each([
    ["adam:alpha", 'adam:alpha: must list hyperparameters as name=number, got "alpha"'],
    ["adam:alpha=x", "adam:alpha=x: must list hyperparameters as name=number"],
    ["adam:gamma=1", "adam: hyperparameter must be one of learningRate, beta1, beta2, epsilon, got gamma"],
    ["adam:alpha=-1", "adam:alpha=-1: learningRate: must be > 0, got -1"],
    ["derived", "derived: the optimum is not known: too hard; leave derived out"],
  ])("%s is refused", async (text, message) => {
    const unknown = { rule: null, optimum: "not known: too hard" };
    await expect(read(text, unknown)).rejects.toThrow(message);
  });

  test("may be a folder, which names the policy, and must hold one", async () => {
    const folder = join(temporaryFolder(), "mine");
    mkdirSync(folder);
    const derived = await derive(problem);
    await expect(read(folder, derived)).rejects.toThrow(/policy\.json: cannot be read/);
    savedPolicy(folder);
    for (const path of [folder, join(folder, "policy.json")])
      expect(await read(path, derived)).toMatchObject({
        name: "mine",
        kind: "learned",
      });
  });

  test("derived is what the solution says, and what cannot be solved says why", async () => {
    expect(await derive(problem)).toMatchObject({ optimum: "exact", rule: { isOptimal: true } });
    expect(await derive(problem, { optimum: false })).toEqual({ rule: null, optimum: "not asked for" });
    const odd = defineProblem({ ...hidden, landscape: { kind: "double-well", dimension: 2 } });
    expect(await derive(odd)).toMatchObject({
      rule: null,
      optimum: expect.stringMatching(/^not known: task\.kind/),
    });
  });
});

describe("a comparison", () => {
  const bold: Contestant = {
    ...textbookRule(problem, "gradient-descent", { given: { alpha: 1e200 } }),
    name: "bold",
  };
  const rules = [textbookRule(problem, "adam", { given: { alpha: 0.05 } }), derivedRule(problem), bold];
  const comparison = compare(problem, rules, few);
  const textsOf = (svg: string) =>
    [...parseHTML(svg).document.querySelectorAll("text")].map((text) => text.textContent ?? "");

  test("as text has the cheapest first, and tells of divergence", () => {
    const lines = comparisonText(problem, comparison, "exact", terminalStyle(false)).split("\n");
    const from = lines.findIndex((line) => line.startsWith("──"));
    expect(lines.slice(from + 1).map((line) => line.split(/ {2,}/)[0])).toEqual(["derived", "Adam", "bold"]);
    expect(lines.at(-1)).toContain("100 %");
    expect(lines.join(" ")).toContain("mean cost beyond the exact optimum");
  });

  test("as a figure draws every policy in both panels, once in each", () => {
    const svg = comparisonSvg(comparison);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    const texts = textsOf(svg);
    for (const name of ["derived", "Adam", "bold"])
      expect(texts.filter((text) => text === name)).toHaveLength(2);
    expect(texts).toContain("mean cost beyond the exact optimum (%)");
    expect(texts).toContain("Performance profile");
    const { document } = parseHTML(svg);
    expect(document.querySelectorAll('[aria-label="line"] path')).toHaveLength(3);
    expect(document.querySelectorAll('[aria-label="rect"] rect')).toHaveLength(3);
    expect(comparisonSvg(comparison)).toBe(svg);
  });

  test("without factors or regrets is drawn from costs alone", () => {
    const policies = comparison.policies.map((policy) => ({ ...policy, regretPercent: null, profile: null }));
    const texts = textsOf(comparisonSvg({ ...comparison, factors: null, policies }));
    expect(texts).toContain("cost of an episode, interquartile mean");
    expect(texts).not.toContain("Performance profile");
  });
});
