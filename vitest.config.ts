import { defineConfig } from "vitest/config";
import type { TestModule } from "vitest/node";

/** Closes the run with one plain line, without colour, for whatever reads the log. */
const tally = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const count = (wanted: string) => states.filter((state) => state === wanted).length;
    console.log(`${count("passed")} passed, ${count("failed") + broken} failed, ${count("skipped")} skipped`);
  },
};

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    maxWorkers: 2,
    reporters: ["default", tally],
    coverage: {
      provider: "v8",
      include: ["envs/**/*.ts", "solvers/**/*.ts", "agents/**/*.ts", "scripts/**/*.ts"],
      exclude: ["**/kernels/assembly/**", "**/wasm-module.ts", "**/*.d.ts"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
