import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);

test("the built command tells its version", () => {
  const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
  const printed = execFileSync(process.execPath, ["dist/scripts/cli.js", "--version"], { cwd: root });
  expect(printed.toString().trim()).toBe(version);
});
