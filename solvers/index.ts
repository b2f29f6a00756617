export { beliefLayoutOf, beliefObservation } from "./belief-observation.js";
export type { BeliefLayout, BeliefPart } from "./belief-parts.js";
export type { Belief, BeliefState } from "./beliefs/belief.js";
export { type CuedBelief, type CuedState, cuedKalman } from "./beliefs/cued.js";
export {
  type CurvatureGridBelief,
  type CurvatureGridOptions,
  type CurvatureGridState,
  curvatureGrid,
} from "./beliefs/curvature-grid.js";
export type { Evidence } from "./beliefs/evidence.js";
export { type KalmanBelief, type KalmanState, kalman } from "./beliefs/kalman.js";
export {
  type LinearGaussianFilter,
  type LinearGaussianModel,
  type LinearGaussianState,
  linearGaussianFilter,
} from "./beliefs/linear-gaussian.js";
export { type MomentsOptions, type MomentsState, moments } from "./beliefs/moments.js";
export { type RevealedBelief, revealedMinimum } from "./beliefs/revealed.js";
export { type RunLengthBelief, type RunLengthState, runLength } from "./beliefs/run-length.js";
export {
  type CollocationOptions,
  type CollocationSolution,
  collocation,
  type PlannedPath,
} from "./collocation.js";
export type { DoublingOptions } from "./doubling.js";
export type { Eigenvalue } from "./eigenvalues.js";
export { type ExpectedCost, expectedCost } from "./expected-cost.js";
export { type FiniteHorizonProblem, finiteHorizonRate } from "./finite-horizon.js";
export { type FiniteHorizonValue, finiteHorizonValue } from "./finite-horizon-flow.js";
export {
  type FiniteHorizonOptions,
  type FiniteHorizonSolution,
  finiteHorizonPolicy,
  type ScheduledLaw,
} from "./finite-horizon-policy.js";
export { type CriticalRateOptions, criticalDiscountRate } from "./hjb/critical-rate.js";
export type { Bounds, Grid } from "./hjb/grid.js";
export type { StartOfBestPath } from "./hjb/solve-landscape.js";
export type { StationaryPoint } from "./hjb/stationary.js";
export { type HjbOptions, type HjbSolution, hjb } from "./hjb.js";
export { type InformedValue, informedTerminalCost, informedValue } from "./informed-value.js";
export { type LinearQuadraticSolution, linearQuadraticOf, solveLinearQuadratic } from "./linear-quadratic.js";
export {
  categoricalFisher,
  categoricalNaturalGradient,
  categoricalProbabilities,
  crossEntropyLandscape,
  expectedCostLandscape,
} from "./natural-gradient/categorical.js";
export { bayesOptimalPolicy, linearFilterPolicy } from "./policies/bayes-optimal.js";
export type { PosteriorState } from "./policies/erase.js";
export type { FilteredState } from "./policies/filtered.js";
export { type InformedState, informedPolicy } from "./policies/known.js";
export { qmdpPolicy } from "./policies/qmdp.js";
export {
  type PredictedExponents,
  type PredictedMomentum,
  type Prediction,
  predict,
  predictedExponents,
  predictedMomentum,
  priorWeight,
} from "./predictions.js";
export { type LinearQuadratic, type RiccatiSolution, solveContinuous, solveDiscrete } from "./riccati.js";
export type { Rule } from "./rule.js";
export type { Comparison } from "./rules/comparison.js";
export type { MatrixShape } from "./rules/matrix-shape.js";
export { accumulateMomentum, type MomentumOptions } from "./rules/momentum.js";
export { type OrthogonaliseOptions, orthogonalise } from "./rules/orthogonalise.js";
export {
  adagrad,
  adam,
  adamw,
  gradientDescent,
  type HeavyBallOptions,
  heavyBall,
  type LearningRate,
  lion,
  nesterov,
  rmsprop,
  signDescent,
  type WeightDecay,
} from "./rules/recipes.js";
export {
  type BallisticOptions,
  ballistic,
  type GivenCurvature,
  type MuonOptions,
  muon,
  type NewtonOptions,
  naturalGradient,
  newton,
  shampoo,
} from "./rules/recipes-geometry.js";
export {
  hardReset,
  type L2ToInitialOptions,
  l2ToInitial,
  type ResetOptions,
  softReset,
} from "./rules/recipes-initial.js";
export {
  type ResetSignal,
  type ResettingOptions,
  type ResettingState,
  resetting,
} from "./rules/resetting.js";
export { type RuleState, rulePolicy } from "./rules/rule-policy.js";
export { type AdamState, type ScaleByAdamOptions, scaleByAdam } from "./rules/scale-by-adam.js";
export { type Curvature, scaleByCurvature, scaleByMetric } from "./rules/scale-by-curvature.js";
export { type ScaleByRmsOptions, scaleByRms } from "./rules/scale-by-rms.js";
export { type ScaleByRssOptions, scaleByRss } from "./rules/scale-by-rss.js";
export { type ScaleByShampooOptions, type ShampooState, scaleByShampoo } from "./rules/scale-by-shampoo.js";
export { type ScaleByLionOptions, scaleByLion, scaleBySign } from "./rules/scale-by-sign.js";
export { chain, descend, type GradientTransform, scale } from "./rules/transform.js";
export { addDecayedWeights, addPullToInitial, type InitialState } from "./rules/weights.js";
export { continuousRate, type ScalarProblem, type ScalarSolution, solveScalar } from "./scalar.js";
export { type Solution, type SolveOptions, solve } from "./solve.js";
export { continuousTaskLaw, discreteTaskLaw, type TaskLaw } from "./task-law.js";
