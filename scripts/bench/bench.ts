import { parseArgs } from "node:util";
import { interrupted, listenForInterrupts } from "../run/interrupts.js";
import { allocationGroups } from "./allocation-rows.js";
import type { Group } from "./contender.js";
import { type MeasuredRow, measure } from "./measure.js";
import { policyGroups } from "./policy-rows.js";
import { markdownOf, textOf } from "./print.js";
import { stepGroups } from "./step-rows.js";
import { findTools, type Tools } from "./tools.js";
import { trainingGroups } from "./training-rows.js";

/** `npm run bench -- [--json | --markdown] [--only PATTERN] [--repeats n]`; see docs/benchmarks.md. */
const usage = "bench [--json | --markdown] [--only PATTERN] [--repeats n]";

interface Options {
  readonly format: "text" | "json" | "markdown";
  readonly only: RegExp;
  readonly repeats: number;
}

function optionsOf(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: "boolean" },
      markdown: { type: "boolean" },
      only: { type: "string", default: "" },
      repeats: { type: "string", default: "9" },
    },
  });
  const repeats = Number(values.repeats);
  if (!(Number.isInteger(repeats) && repeats >= 1))
    throw new Error(`--repeats: must be a whole number >= 1, got ${values.repeats}`);
  return {
    format: values.json ? "json" : values.markdown ? "markdown" : "text",
    only: new RegExp(values.only),
    repeats,
  };
}

function groupsFor(tools: Tools, only: RegExp): readonly Group[] {
  const all = [
    ...stepGroups(tools),
    ...policyGroups(tools),
    ...trainingGroups(tools),
    // Last, since what it does to collect garbage stays on.
    ...allocationGroups(),
  ];
  return all.map((group) => group.filter(({ id }) => only.test(id))).filter((group) => group.length > 0);
}

function print(rows: readonly MeasuredRow[], format: Options["format"]): void {
  if (format === "json") process.stdout.write(`${JSON.stringify({ rows })}\n`);
  else process.stdout.write(format === "markdown" ? markdownOf(rows) : textOf(rows));
}

async function bench({ format, only, repeats }: Options): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const tools = findTools(say);
  const { signal, dispose } = listenForInterrupts();
  const rows: MeasuredRow[] = [];
  try {
    const groups = groupsFor(tools, only);
    if (groups.length === 0) throw new Error(`--only: no row matches ${only}`);
    for (const group of groups) {
      say(group.map(({ id }) => id).join(", "));
      rows.push(...(await measure(group, { repeats, signal })));
    }
    print(rows, format);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = interrupted;
  } finally {
    tools.close();
    dispose();
  }
}

let options: Options | undefined;
try {
  options = optionsOf(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
  process.exitCode = 2;
}
if (options) {
  await bench(options).catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode ??= 1;
  });
}
