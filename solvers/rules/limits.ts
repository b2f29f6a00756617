import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix";
import { product, quotient, scalarOf, symmetrise, toMatrix } from "../dense.js";
import type { LinearQuadratic, RiccatiSolution } from "../riccati.js";
import type { RuleShape } from "../rule.js";
import { rangeOf, showRange } from "./words.js";

/** Share of the largest eigenvalue below which a direction is flat: no rule moves along it. */
const FLAT = 1e-12;

/** The gain along each eigenvector of G⁻¹H that is not flat, and the eigenvalue h. */
function modesOf(
  { metric, curvature }: LinearQuadratic,
  gain: number[][],
): { readonly h: number; readonly gain: number }[] {
  const root = new CholeskyDecomposition(symmetrise(toMatrix(metric))).lowerTriangularMatrix;
  const unroot = quotient(root, Matrix.eye(root.rows));
  const white = symmetrise(product(product(unroot, toMatrix(curvature)), unroot.transpose()));
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(white, {
    assumeSymmetric: true,
  });
  const left = product(eigenvectorMatrix.transpose(), root.transpose());
  const diagonal = product(
    product(left, toMatrix(gain)),
    product(unroot.transpose(), eigenvectorMatrix),
  ).diagonal();
  const floor = FLAT * Math.max(...realEigenvalues);
  return realEigenvalues.map((h, i) => ({ h, gain: diagonal[i] })).filter(({ h }) => h > floor);
}

type Limit = { readonly name: string; readonly gainAt: (h: number) => number; readonly formula: string };

function limitsOf({ mobility, lossWeight, discountRate, timeStep, metric }: LinearQuadratic): Limit[] {
  const flat = scalarOf(toMatrix(metric)) !== null;
  const patience = timeStep / -Math.expm1(-discountRate * timeStep);
  const ballistic: Limit = {
    name: "ballistic",
    gainAt: (h) => Math.sqrt(mobility * lossWeight * h),
    formula: flat ? "u = -√(ηk)·H^(-1/2)∇L" : "u = -√(ηk)·(G⁻¹H)^(-1/2)G⁻¹∇L",
  };
  const newton: Limit = { name: "Newton", gainAt: () => 1 / timeStep, formula: "θ ← θ - H⁻¹∇L" };
  if (discountRate === 0) return [ballistic, newton];
  const descent: Limit = {
    name: flat ? "gradient descent" : "natural gradient",
    gainAt: (h) => mobility * lossWeight * patience * h,
    formula: flat ? "θ ← θ - α∇L" : "θ ← θ - αG⁻¹∇L",
  };
  return [descent, ballistic, newton];
}

/** The limit whose gains differ least, over all modes, from the exact ones. */
export function limitRule(problem: LinearQuadratic, discrete: RiccatiSolution): RuleShape {
  const modes = modesOf(problem, discrete.gain);
  const { mobility, lossWeight, discountRate, timeStep } = problem;
  const spreadOf = ({ gainAt }: Limit) => modes.map(({ h, gain }) => gain / gainAt(h));
  const misfit = (limit: Limit) => Math.max(...spreadOf(limit).map((ratio) => Math.abs(Math.log(ratio))));
  const nearest = limitsOf(problem).reduce((best, limit) => (misfit(limit) < misfit(best) ? limit : best));
  const gainRatio = rangeOf(spreadOf(nearest));
  const perGradient = timeStep / (scalarOf(toMatrix(problem.metric)) ?? 1);
  const learningRate = rangeOf(modes.map(({ h, gain }) => (perGradient * gain) / h));
  const descent =
    discountRate > 0
      ? {
          gradientDescentRatio: rangeOf(
            modes.map(({ h, gain }) => (gain * discountRate) / (mobility * lossWeight * h)),
          ),
        }
      : {};
  return {
    name: nearest.name,
    text: `${nearest.name}, ${nearest.formula} with α = ${showRange(learningRate)}: the exact gain is ${showRange(gainRatio)} of this rule's`,
    hyperparameters: {
      learningRate,
      gainRatio,
      ...descent,
      ballisticRatio: rangeOf(modes.map(({ h, gain }) => gain / Math.sqrt(mobility * lossWeight * h))),
      newtonRatio: rangeOf(modes.map(({ gain }) => gain * timeStep)),
    },
  };
}
