import { BadInput } from "../bad-input.js";
import { interrupted, listenForInterrupts } from "../run/interrupts.js";
import { allocationGroups } from "./allocation-rows.js";
import type { Group } from "./contender.js";
import { type MeasuredRow, measure } from "./measure.js";
import { type Options, optionsOf } from "./options.js";
import { policyGroups } from "./policy-rows.js";
import { markdownOf, textOf } from "./print.js";
import { stepGroups } from "./step-rows.js";
import { findTools, type Tools } from "./tools.js";
import { trainingGroups } from "./training-rows.js";

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
  // A peer at work answers no question; without it the one that waits fails.
  signal.addEventListener("abort", () => tools.close());
  const rows: MeasuredRow[] = [];
  try {
    const groups = groupsFor(tools, only);
    if (groups.length === 0) throw new BadInput(`--only: no row matches ${only}`);
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

try {
  await bench(optionsOf(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof BadInput ? 2 : 1;
}
