import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { defineProblem } from "../envs/index.js";
import { solve } from "../solvers/index.js";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map(([, code]) => code);

// Inside the package, so that "lossgym/envs" resolves as it does for those who install it.
const folder = mkdtempSync(join(root, "dist", "readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the README", () => {
  test("its example runs, and the optimum costs less than gradient descent", () => {
    const script = join(folder, "example.mjs");
    writeFileSync(script, `${blocks("ts").join("\n")}\nconsole.log("observation", observation.length);\n`);
    const lines = execFileSync(process.execPath, [script], { encoding: "utf8" }).trim().split("\n");
    expect(lines).toHaveLength(4);
    const [optimum, descent] = lines.slice(1, 3).map((line) => Number(line.split(" ").at(-1)));
    expect(optimum).toBeGreaterThan(0);
    expect(optimum).toBeLessThan(descent);
    expect(lines[3]).toBe("observation 4");
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
