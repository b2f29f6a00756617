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

/**
 * Tests that reach beyond their own modules: backends of TensorFlow.js, signals, workers, what the engine compiles. Each has
 * a process of its own; all others share the modules that they load, since loading takes longer than most of them.
 */
const alone = [
  "test/*.test.ts",
  "test/agents/{backend,from-tensorflow,optimizer}.test.ts",
  "test/contracts/env.test.ts",
  "test/envs/landscapes-network.test.ts",
  "test/scripts/{bench,images,rediscover,run-files,train,worker-pool}.test.ts",
  "test/solvers/rules-reference.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: "shared", include: ["test/**/*.test.ts"], exclude: alone, isolate: false },
      },
      { extends: true, test: { name: "alone", include: alone } },
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
