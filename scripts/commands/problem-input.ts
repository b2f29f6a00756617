import type { NavigationProblem } from "../../envs/index.js";
import type { Solution, SolveOptions } from "../../solvers/index.js";
import { BadInput } from "../bad-input.js";
import { readJson } from "./json-input.js";

/** What a command that takes a problem says of its argument. */
export const problemArgument = "a JSON file, - for standard input, or the id of a registered environment";

export interface ReadProblem {
  /** The argument, or "standard input". */
  readonly name: string;
  /** Whether it is the id of a registered environment. */
  readonly registered: boolean;
  readonly problem: NavigationProblem;
}

export interface SolvedInput {
  readonly problem: NavigationProblem;
  readonly solution: Solution;
}

/** @throws BadInput when the problem cannot be read, or is none */
export async function readProblem(argument: string): Promise<ReadProblem> {
  const { defineProblem, registeredProblem } = await import("../../envs/index.js");
  const registered = /^[\w-]+\/\w+-v\d+$/.test(argument);
  const { name, value } = registered ? { name: argument, value: null } : await readJson(argument);
  const problem = complaintsAsBadInput(name, () =>
    registered ? registeredProblem(argument) : defineProblem(value as Parameters<typeof defineProblem>[0]),
  );
  return { name, registered, problem };
}

/**
 * Reads a problem and solves it.
 *
 * @throws BadInput when it cannot be read, is not a problem, or cannot be solved
 */
export async function solveInput(argument: string, options: SolveOptions = {}): Promise<SolvedInput> {
  const { name, problem } = await readProblem(argument);
  const { solve } = await import("../../solvers/index.js");
  return { problem, solution: complaintsAsBadInput(name, () => solve(problem, options)) };
}

/** The layers below complain of bad arguments with a plain Error or their own; a TypeError is a defect. */
export function complaintsAsBadInput<Value>(name: string, call: () => Value): Value {
  try {
    return call();
  } catch (error) {
    const complains =
      error instanceof Error && (error.constructor === Error || error.name === "ProblemError");
    if (!complains) throw error;
    throw new BadInput(error.message.includes(name) ? error.message : `${name}: ${error.message}`);
  }
}
