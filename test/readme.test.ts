import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { defineProblem } from "../envs/index.js";
import { solve } from "../solvers/index.js";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const readme = read("README.md");
const blocks = (language: string, text = readme) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map(([, code]) => code);

// Inside the package, so that "lossgym/envs" resolves as it does for those who install it.
const folder = mkdtempSync(join(root, "dist", "readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a script prints, line by line. */
function run(name: string, code: string): string[] {
  const script = join(folder, `${name}.mjs`);
  writeFileSync(script, code);
  const options = { encoding: "utf8", cwd: folder } as const;
  return execFileSync(process.execPath, [script], { ...options, stdio: ["ignore", "pipe", "ignore"] })
    .trim()
    .split("\n");
}

describe("the README", () => {
  test("its example runs, and the optimum costs less than gradient descent", () => {
    const example = blocks("ts").slice(0, 2).join("\n");
    const lines = run("readme", `${example}\nconsole.log("observation", observation.length);\n`);
    expect(lines).toHaveLength(4);
    const [optimum, descent] = lines.slice(1, 3).map((line) => Number(line.split(" ").at(-1)));
    expect(optimum).toBeGreaterThan(0);
    expect(optimum).toBeLessThan(descent);
    expect(lines[3]).toBe("observation 4");
  });

  test("its learned rule trains a model", () => {
    const [, , code] = blocks("ts");
    const printed = run("optimizer", code).join(" ");
    const predictions = [...printed.matchAll(/\[(-?[\d.]+)\s*\]/g)].map(([, value]) => Number(value));
    for (const [i, want] of [1, 3, 0, 2].entries()) expect(predictions[i]).toBeCloseTo(want, 1);
  });

  test("its comparison has the derived rule at no regret and the others beyond it", () => {
    const [, , , code] = blocks("ts");
    const lines = run("compare", code);
    const regrets = lines.map((line) => Number(line.match(/: (-?[\d.]+) %/)?.[1]));
    expect(lines[1]).toMatch(/^heavy ball, tuned: /);
    expect(regrets[0]).toBe(0);
    expect(Math.min(regrets[1], regrets[2])).toBeGreaterThan(1);
  });

  test("its problem file can be solved", () => {
    const [text] = blocks("json");
    expect(solve(defineProblem(JSON.parse(text))).status).toBe("exact");
  });

  test("every file that it links to exists", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path);
    expect(links.length).toBeGreaterThan(1);
    for (const link of links) expect(readFileSync(join(root, link)).length, link).toBeGreaterThan(0);
  });
});

describe("the guide to landscapes of your own", () => {
  const [custom, formula, table, model] = blocks("ts", read("docs/your-landscape.md"));

  test("a function is an environment", () => {
    const [line] = run("function", custom);
    expect(line).toMatch(/^return -\d/);
  });

  test("a formula is solved, and the patient learner crosses the barrier", () => {
    const [line] = run("formula", formula);
    expect(line).toMatch(/comes to rest at 1\.057, -?0\.000$/);
    const [impatient] = run("impatient", formula.replace("discountRate: 0.3", "discountRate: 1"));
    expect(impatient).toMatch(/comes to rest at -0\.930, -?0\.000$/);
  });

  test.each([
    ["table", table, Math.log(2)],
    ["model", model, 0.25],
  ])("a %s is learned", (name, code, atMost) => {
    const loss = Number(run(name, code).at(-1)?.split(" ").at(-1));
    expect(loss).toBeGreaterThan(0);
    expect(loss).toBeLessThan(atMost);
  });
});
