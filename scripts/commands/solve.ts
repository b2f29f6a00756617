import { Command } from "commander";
import type { RiccatiSolution, Solution } from "../../solvers/index.js";
import { terminalStyle, wantsColour } from "../report/terminal-style.js";
import { problemArgument, solveInput } from "./problem-input.js";

/** `lossgym solve`. */
export function solveCommand(): Command {
  return new Command("solve")
    .description("the optimal rule of a navigation problem, in words and numbers")
    .argument("<problem>", problemArgument)
    .option("--json", "print the solution as JSON")
    .addHelpText("after", examples)
    .action(async (argument: string, { json }: { json?: true }) => {
      const { problem, solution } = await solveInput(argument);
      const { solutionText } = await import("../report/solution.js");
      process.stdout.write(
        json
          ? `${JSON.stringify(solutionJson(solution))}\n`
          : `${solutionText(problem, solution, terminalStyle(wantsColour(process.stdout, process.env)))}\n`,
      );
    });
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
  start,
  criticalDiscountRate,
  schedule,
}: Solution) {
  return {
    status,
    rule,
    method,
    ...(continuous && { continuous: lawJson(continuous) }),
    ...(discrete && { discrete: lawJson(discrete) }),
    ...(shrinkage !== undefined && { shrinkage, priorWeight }),
    ...(start && { start }),
    ...(criticalDiscountRate !== undefined && { criticalDiscountRate }),
    ...(schedule && { schedule }),
    expectedCost: { informed: costJson(expectedCost.informed), optimal: costJson(expectedCost.optimal) },
    evidence,
  };
}

function lawJson(law: RiccatiSolution) {
  const { valueMatrix, valueRemainder, valueVector, gain, feedforward, restingPoint } = law;
  const remainder = valueRemainder && { valueRemainder };
  return { valueMatrix, ...remainder, valueVector, gain, feedforward, restingPoint };
}

/** JSON has no word for infinity, and null says that no closed form is known. */
function costJson(cost: number | null): number | string | null {
  return cost === Infinity ? "Infinity" : cost;
}

const examples = `
The JSON has { status, rule, continuous, discrete }: u = -gain·θ + feedforward, and
V = ½θᵀ·valueMatrix·θ - valueVectorᵀθ + const (valueRemainder is what a huge valueMatrix lacks of its
digits); for hidden tasks also { shrinkage, priorWeight }; for landscapes
that are not parabolas { start: { value, restingPoint }, criticalDiscountRate }; with a horizon { schedule }.
In expectedCost null is a cost without a closed form, and "Infinity" one without end.

Examples:
  $ lossgym solve problem.json
  $ lossgym solve lossgym/HiddenTask-v0
  $ echo '{ "landscape": { "kind": "quadratic", "curvature": [4, 1], "minimum": [1, 1] },
            "objective": { "discountRate": 0.1 } }' | lossgym solve - --json`;
