import { parseArgs } from "node:util";
import { evaluateIdentify } from "../../agents/identify/index.js";
import { table } from "../report/table.js";

/** Names rules of known kind: `node dist/scripts/bench/identify.js [--seed S] [--threshold R] [--json]`. */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "final" },
    threshold: { type: "string", default: "0.99" },
    json: { type: "boolean", default: false },
  },
});

const seconds: number[] = [];
let before = process.cpuUsage();
const { confusion, ...shares } = evaluateIdentify({
  seed: values.seed,
  threshold: Number(values.threshold),
  onIdentified: () => {
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
    before = process.cpuUsage();
  },
});
seconds.sort((a, b) => a - b);
/** Of processor time, an instance. */
const quantile = (share: number) => seconds[Math.floor(share * (seconds.length - 1))];
const processorSeconds = { median: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };

if (values.json) {
  const counts = Object.fromEntries([...confusion].map(([label, row]) => [label, Object.fromEntries(row)]));
  const { seed, threshold } = values;
  process.stdout.write(
    `${JSON.stringify({ seed, threshold, ...shares, processorSeconds, confusion: counts })}\n`,
  );
} else {
  const rows = [...confusion].map(([label, row]) => [
    label,
    [...row].map(([name, count]) => `${count} ${name}`).join(", "),
  ]);
  const columns = [{ heading: "rule" }, { heading: "named", align: "left", wraps: true }] as const;
  const numbers = Object.entries({ ...shares, ...processorSeconds }).map(
    ([name, value]) => `${name} ${Number(value.toPrecision(4))}`,
  );
  process.stdout.write(`${[...numbers, "", ...table(columns, rows)].join("\n")}\n`);
}
