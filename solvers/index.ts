export type { Belief, BeliefState } from "./beliefs/belief.js";
export {
  type CurvatureGridBelief,
  type CurvatureGridOptions,
  type CurvatureGridState,
  curvatureGrid,
} from "./beliefs/curvature-grid.js";
export type { Evidence } from "./beliefs/evidence.js";
export { type KalmanBelief, type KalmanState, kalman } from "./beliefs/kalman.js";
export { revealedMinimum } from "./beliefs/revealed.js";
export { type RunLengthBelief, type RunLengthState, runLength } from "./beliefs/run-length.js";
export type { DoublingOptions } from "./doubling.js";
export { type ExpectedCost, expectedCost } from "./expected-cost.js";
export { type FiniteHorizonProblem, finiteHorizonRate } from "./finite-horizon.js";
export { type InformedValue, informedTerminalCost, informedValue } from "./informed-value.js";
export { type LinearQuadraticSolution, linearQuadraticOf, solveLinearQuadratic } from "./linear-quadratic.js";
export { bayesOptimalPolicy, linearFilterPolicy } from "./policies/bayes-optimal.js";
export type { PosteriorState } from "./policies/erase.js";
export type { FilteredState } from "./policies/filtered.js";
export { type InformedState, informedPolicy } from "./policies/known.js";
export { qmdpPolicy } from "./policies/qmdp.js";
export {
  type HorizonExponents,
  horizonExponents,
  type MomentumKernel,
  momentumKernel,
  priorWeight,
} from "./predictions.js";
export { type LinearQuadratic, type RiccatiSolution, solveContinuous, solveDiscrete } from "./riccati.js";
export type { Rule } from "./rule.js";
export { accumulateMomentum } from "./rules/momentum.js";
export {
  adam,
  gradientDescent,
  type HeavyBallOptions,
  heavyBall,
  type LearningRate,
  type RuleState,
  rmsprop,
  rulePolicy,
} from "./rules/recipes.js";
export { type AdamState, type ScaleByAdamOptions, scaleByAdam } from "./rules/scale-by-adam.js";
export { type ScaleByRmsOptions, scaleByRms } from "./rules/scale-by-rms.js";
export { chain, type GradientTransform, scale } from "./rules/transform.js";
export { continuousRate, type ScalarProblem, type ScalarSolution, solveScalar } from "./scalar.js";
export { type Solution, type SolveOptions, solve } from "./solve.js";
export { continuousTaskLaw, discreteTaskLaw, type TaskLaw } from "./task-law.js";
export type { Eigenvalue } from "./well-posed.js";
