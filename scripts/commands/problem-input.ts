import type { NavigationProblem } from "../../envs/index.js";
import type { Solution, SolveOptions } from "../../solvers/index.js";
import { BadInput } from "../bad-input.js";
import { readJson } from "./json-input.js";

/** What a command that takes a problem says of its argument. */
export const problemArgument = "a JSON file, - for standard input, or the id of a registered environment";

export interface SolvedInput {
  readonly problem: NavigationProblem;
  readonly solution: Solution;
}

/**
 * Reads a problem and solves it.
 *
 * @throws BadInput when it cannot be read, is not a problem, or cannot be solved
 */
export async function solveInput(argument: string, options: SolveOptions = {}): Promise<SolvedInput> {
  const { defineProblem, registeredProblem } = await import("../../envs/index.js");
  const { solve } = await import("../../solvers/index.js");
  const registered = /^[\w-]+\/\w+-v\d+$/.test(argument);
  const { name, value } = registered ? { name: argument, value: null } : await readJson(argument);
  try {
    const problem = registered
      ? registeredProblem(argument)
      : defineProblem(value as Parameters<typeof defineProblem>[0]);
    return { problem, solution: solve(problem, options) };
  } catch (error) {
    if (!isComplaint(error)) throw error;
    throw new BadInput(error.message.includes(name) ? error.message : `${name}: ${error.message}`);
  }
}

/** The layers below complain of bad arguments with a plain Error or their own; a TypeError is a defect. */
function isComplaint(error: unknown): error is Error {
  return error instanceof Error && (error.constructor === Error || error.name === "ProblemError");
}
