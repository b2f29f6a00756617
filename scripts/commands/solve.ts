import { Command } from "commander";
import type { NavigationProblem } from "../../envs/index.js";
import type { RiccatiSolution, Solution, SolveOptions } from "../../solvers/index.js";
import { BadInput } from "../bad-input.js";
import { terminalStyle, wantsColour } from "../report/terminal-style.js";
import { readJson } from "./json-input.js";

/** `lossgym solve`. */
export function solveCommand(): Command {
  return new Command("solve")
    .description("the optimal rule of a navigation problem, in words and numbers")
    .argument("<problem>", "a JSON file, or - for standard input")
    .option("--json", "print the solution as JSON")
    .addHelpText("after", examples)
    .action(async (file: string, { json }: { json?: true }) => {
      const { name, value } = await readJson(file);
      const { problem, solution } = await solveInput(name, value);
      const { solutionText } = await import("../report/solution.js");
      process.stdout.write(
        json
          ? `${JSON.stringify(solutionJson(solution))}\n`
          : `${solutionText(problem, solution, terminalStyle(wantsColour(process.stdout, process.env)))}\n`,
      );
    });
}

/**
 * Solves a problem that was read from `name`.
 *
 * @throws BadInput when it is not one, or cannot be solved
 */
export async function solveInput(
  name: string,
  input: unknown,
  options: SolveOptions = {},
): Promise<{ problem: NavigationProblem; solution: Solution }> {
  const { defineProblem } = await import("../../envs/index.js");
  const { solve } = await import("../../solvers/index.js");
  try {
    const problem = defineProblem(input as Parameters<typeof defineProblem>[0]);
    return { problem, solution: solve(problem, options) };
  } catch (error) {
    throw isComplaint(error) ? new BadInput(`${name}: ${error.message}`) : error;
  }
}

/** The layers below complain of bad arguments with a plain Error or their own; a TypeError is a defect. */
function isComplaint(error: unknown): error is Error {
  return error instanceof Error && (error.constructor === Error || error.name === "ProblemError");
}

function solutionJson({
  status,
  rule,
  method,
  evidence,
  expectedCost,
  continuous,
  discrete,
  shrinkage,
  priorWeight,
}: Solution) {
  return {
    status,
    rule,
    method,
    ...(continuous && { continuous: lawJson(continuous) }),
    ...(discrete && { discrete: lawJson(discrete) }),
    ...(shrinkage !== undefined && { shrinkage, priorWeight }),
    expectedCost,
    evidence,
  };
}

function lawJson({ valueMatrix, valueVector, gain, feedforward, restingPoint }: RiccatiSolution) {
  return { valueMatrix, valueVector, gain, feedforward, restingPoint };
}

const examples = `
The JSON has { status, rule, continuous, discrete }: u = -gain·θ + feedforward, and
V = ½θᵀ·valueMatrix·θ - valueVectorᵀθ + const; for hidden tasks also { shrinkage, priorWeight }.

Examples:
  $ lossgym solve problem.json
  $ echo '{ "landscape": { "kind": "quadratic", "curvature": [4, 1], "minimum": [1, 1] },
            "objective": { "discountRate": 0.1 } }' | lossgym solve - --json`;
