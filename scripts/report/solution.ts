import type { NavigationProblem } from "../../envs/index.js";
import type { RiccatiSolution, Solution } from "../../solvers/index.js";
import { plainNumber } from "./numbers.js";
import { problemInWords } from "./problem-words.js";
import { hanging } from "./terminal.js";
import type { TerminalStyle } from "./terminal-style.js";

/** Larger matrices are left to JSON. */
const shownSize = 6;

/** A solution in words and numbers. */
export function solutionText(problem: NavigationProblem, solution: Solution, style: TerminalStyle): string {
  const { status, rule, method, expectedCost, continuous, discrete, shrinkage, priorWeight } = solution;
  const { informed, optimal } = expectedCost;
  const cost = optimal === null ? "no closed form" : plainNumber(optimal);
  const field = (label: string, text: string) => hanging(label, text, style);
  return [
    ...field("problem", problemInWords(problem)),
    ...field("rule", rule.text),
    ...field("status", `${status}: ${method}`),
    ...field("cost", `expected ${cost}; told everything ${plainNumber(informed)}`),
    ...(shrinkage === undefined || shrinkage === null
      ? []
      : field(
          "target",
          `μ₀ + s(μ̂ - μ₀) with s = ${show(shrinkage)}, prior weight w = ${show(priorWeight ?? null)}`,
        )),
    ...bestPathLines(solution, field),
    ...lawLines(`per step of ${plainNumber(problem.objective.timeStep)}`, discrete, style),
    ...lawLines("in continuous time", continuous, style),
  ].join("\n");
}

function bestPathLines(
  { start, criticalDiscountRate, schedule }: Solution,
  field: (label: string, text: string) => string[],
): string[] {
  const patience =
    criticalDiscountRate === null || criticalDiscountRate === undefined
      ? ""
      : `; the best valley changes at γ* = ${show(criticalDiscountRate)}`;
  return [
    ...(start ? field("start", `the best path comes to rest at ${show(start.restingPoint)}${patience}`) : []),
    ...(schedule
      ? field(
          "schedule",
          `gain ${show(schedule[0].gain)} in the first step, ${show(schedule[schedule.length - 1].gain)} in the last`,
        )
      : []),
  ];
}

function lawLines(title: string, law: RiccatiSolution | undefined, style: TerminalStyle): string[] {
  if (!law) return [];
  const { gain, feedforward, restingPoint, valueMatrix, valueVector } = law;
  const rows = {
    gain,
    feedforward,
    "rests at": restingPoint,
    "value matrix": valueMatrix,
    "value vector": valueVector,
  };
  return [
    "",
    style.bold(`${title}: u = -gain·θ + feedforward`),
    ...Object.entries(rows).map(([name, value]) => `${style.dim(name.padEnd(14))}${show(value)}`),
  ];
}

type Shown = number | readonly number[] | readonly (readonly number[])[] | null;

function show(value: Shown): string {
  if (value === null) return "none";
  if (typeof value === "number") return plainNumber(value);
  if (value.length > shownSize)
    return `${value.length} ${typeof value[0] === "number" ? "numbers" : "rows"} (see --json)`;
  return `[${value.map((part) => show(part)).join(", ")}]`;
}
