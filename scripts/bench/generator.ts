import { table } from "../report/table.js";
import { reference, wasm } from "./statistics/sources.js";
import { testSource } from "./statistics/suite.js";

/** Statistical tests of the random numbers: `npm run bench:generator [-- --quick | --json]`; see docs/generator.md. */
const quick = process.argv.includes("--quick");
const sizes = quick
  ? { draws: 2 ** 18, sorted: 2 ** 16, counters: 2 ** 10, words: 2 ** 20 }
  : { draws: 2 ** 24, sorted: 2 ** 21, counters: 2 ** 16, words: 2 ** 26 };

/** Chance that a perfect generator fails any of the tests of a run. */
const FALSE_ALARM = 0.001;

const findings = [reference, wasm()].flatMap((source) =>
  testSource(source, sizes).map((finding) => ({ source: source.name, ...finding })),
);
const least = FALSE_ALARM / findings.length;
const passed = findings.every(({ p }) => p >= least);

if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ passed, least, findings })}\n`);
} else {
  const lines = table(
    [
      { heading: "generator" },
      { heading: "test" },
      { heading: "draws", align: "right" },
      { heading: "statistic", align: "right" },
      { heading: "p", align: "right" },
    ],
    findings.map(({ source, test, draws, value, p }) => [
      source,
      test,
      String(draws),
      value.toPrecision(3),
      p.toPrecision(3),
    ]),
    120,
  );
  const verdict = passed ? "passed" : "failed";
  process.stdout.write(
    `${lines.join("\n")}\n${findings.length} tests, ${verdict}: every p must be at least ${least.toExponential(1)}\n`,
  );
}
if (!passed) process.exitCode = 1;
