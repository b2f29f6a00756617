export type { Policy } from "./core/policy.js";
export {
  deriveKey,
  fillNormals,
  integerAt,
  normalAt,
  type RandomKey,
  rootKey,
  type Seed,
  streams,
  uniformAt,
} from "./core/random.js";
export { Dynamics, type DynamicsOptions } from "./dynamics.js";
export { createLandscape } from "./landscapes/create-landscape.js";
export type { Landscape } from "./landscapes/landscape.js";
export { standardise } from "./landscapes/regression.js";
export {
  actionSizeOf,
  type Channel,
  type ChannelLayout,
  type CustomSpec,
  channelOffset,
  channelsOf,
  type DoubleWellSpec,
  dimensionOf,
  discountOf,
  type Geometry,
  type GradientNoise,
  hidesCurvature,
  hidesMinimum,
  isDense,
  isLogUniform,
  type LandscapeSpec,
  type LogUniform,
  layoutOf,
  type Matrix,
  type NavigationProblem,
  type Objective,
  type Observation,
  observationSizeOf,
  type QuadraticSpec,
  type RegressionSpec,
  type Start,
  type Task,
  type Vector,
} from "./problem/problem.js";
export { defineProblem, ProblemError, type ProblemInput } from "./problem/schema.js";
export { survivalOf } from "./problem/tasks.js";
export {
  type Rollout,
  type RolloutOptions,
  type RolloutStep,
  rollout,
  type TerminalCost,
} from "./rollout.js";
