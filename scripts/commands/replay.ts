import { Command } from "commander";
import type { NavigationProblem } from "../../envs/index.js";
import type { Solution } from "../../solvers/index.js";
import { BadInput } from "../bad-input.js";
import { readJson } from "./json-input.js";
import { wholeNumber } from "./options.js";
import { problemArgument, solveInput } from "./problem-input.js";
import { type ReplayRecord, readRecord } from "./replay-record.js";

interface Options {
  readonly json?: true;
  readonly curvatureGrid: number;
}

/** One entry per step, a number or an array as the record has them. */
interface Replay {
  readonly action: (number | number[])[];
  /** Where the minimum is hidden: its expectation after each observation. */
  readonly posteriorMean?: (number | number[])[];
}

/** `lossgym replay`. */
export function replayCommand(): Command {
  return new Command("replay")
    .description("what the optimal rule does on a recorded sequence of observations")
    .argument("<problem>", problemArgument)
    .argument("<record>", "a JSON file, or - for standard input")
    .option("--json", "print the JSON on one line")
    .option(
      "--curvature-grid <n>",
      "points of the belief about a hidden curvature",
      wholeNumber("--curvature-grid"),
      41,
    )
    .addHelpText("after", examples)
    .action(async (problemInput: string, recordFile: string, { json, curvatureGrid }: Options) => {
      if (problemInput === "-" && recordFile === "-")
        throw new BadInput("record: cannot be standard input where the problem is; give a file for one");
      const { problem, solution } = await solveInput(problemInput, { curvatureGrid });
      const input = await readJson(recordFile);
      const answer = await replay(problem, solution, await readRecord(problem, input));
      process.stdout.write(`${JSON.stringify(answer, null, json ? 0 : 2)}\n`);
    });
}

/** Lets the optimal policy see a record; what it does has no effect on what it sees. */
async function replay(
  problem: NavigationProblem,
  { policy }: Solution,
  { steps, plain, observe }: ReplayRecord,
): Promise<Replay> {
  const { actionSizeOf, hidesMinimum, observationSizeOf } = await import("../../envs/index.js");
  const entry = (values: Float64Array) => (plain && values.length === 1 ? values[0] : Array.from(values));
  const observation = new Float64Array(observationSizeOf(problem));
  const actions = new Float64Array(actionSizeOf(problem));
  const action: Replay["action"] = [];
  const means: Replay["action"] = [];
  let state = policy.init(1);
  for (let step = 0; step < steps; step++) {
    observe(step, observation);
    state = policy.act(observation, state, actions);
    action.push(entry(actions));
    means.push(entry(state.posteriorMean));
  }
  return { action, ...(hidesMinimum(problem) && { posteriorMean: means }) };
}

const examples = `
The record has { parameters: [...], gradients: [...] }, one entry per step, each a number or an array of
numbers; what the problem does not show may be left out. Printed is { action: [...] }, the velocity that the
optimal rule answers with, and where the minimum is hidden { posteriorMean: [...] }.

Examples:
  $ lossgym replay problem.json record.json
  $ echo '{ "parameters": [0, 0.1], "gradients": [2.1, 1.8] }' | lossgym replay problem.json - --json`;
