import { readFileSync } from "node:fs";
import type { ProblemInput } from "../../envs/problem/schema.js";

/** Reference vectors, computed elsewhere by methods that share no code with the solvers. */
function read<Case>(name: string): Case[] {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8"));
}

interface Law {
  readonly valueMatrix: number[][];
  readonly valueVector: number[];
  readonly gain: number[][];
  readonly feedforward: number[];
  readonly restingPoint: number[];
}

export const riccatiCases = read<{
  readonly problem: ProblemInput;
  readonly continuous: Law;
  readonly discrete: Law & { readonly costFrom: { readonly start: number[]; readonly cost: number } };
}>("riccati");

export const taskCases = read<{
  readonly problem: ProblemInput;
  readonly expected: {
    readonly gain: number;
    readonly contraction: number;
    readonly shrinkage: number;
    readonly priorWeight: number;
    readonly parameters: number[];
    readonly gradients: number[];
    readonly posteriorMean: number[];
    readonly action: number[];
  };
}>("tasks");

export const curvatureCases = read<{
  readonly problem: ProblemInput;
  readonly curvatureGrid: number;
  readonly expected: {
    readonly parameters: number[];
    readonly gradients: number[];
    readonly action: number[];
    readonly posteriorLogCurvature: number[];
  };
}>("curvature");

export const finiteHorizonCases = read<{
  readonly curvature: number;
  readonly mobility: number;
  readonly lossWeight: number;
  readonly discountRate: number;
  readonly horizon: number;
  readonly terminalWeight: number;
  readonly times: number[];
  readonly rate: number[];
}>("finiteHorizon");
