import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "..", "examples");

/** What an example prints, line by line. */
function run(file: string): string[] {
  const printed = execFileSync(process.execPath, [join(folder, file)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return printed.trim().split("\n");
}

test("a rule learned in seconds trains a network, better than the defaults of Adam and SGD", () => {
  const [title, ...rows] = run("train-a-model.mjs");
  expect(title).toBe("cross-entropy on iris after 60 steps");
  const [learned, adam, tuned, sgd] = rows.map((row) => Number(row.split(" ").at(-1)));
  for (const loss of [learned, adam, tuned, sgd]) expect(loss).toBeGreaterThan(0);
  expect(learned).toBeLessThan(0.2);
  expect(learned).toBeLessThan(Math.min(adam, sgd));
});

test("every example is run here", () => {
  expect(readdirSync(folder)).toEqual(["train-a-model.mjs"]);
});
