export { checkNavigation } from "./check-navigation.js";
export { checkEnv } from "./core/check-env.js";
export { type CheckLandscapeOptions, checkLandscape } from "./core/check-landscape.js";
export type { EnvFactory, EnvFactoryOptions } from "./core/checks/play.js";
export type { CheckReport, CheckResult } from "./core/checks/report.js";
export type { SingleFactory } from "./core/checks/single-rule.js";
export type {
  Env,
  EnvSpec,
  Info,
  Metadata,
  RenderMode,
  ResetOptions,
  ResetResult,
  StepResult,
} from "./core/env.js";
export { Episodes, type EpisodesOptions, type World } from "./core/episodes.js";
export type { Numbers } from "./core/finite.js";
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
export {
  createRegistry,
  type EntryPointOptions,
  type Kwargs,
  type MakeOptions,
  type MakeVecOptions,
  type Registration,
  type Registry,
} from "./core/registry.js";
export { SingleEnv } from "./core/single-env.js";
export { Box, type BoxJson, type BoxOptions, batchSpace } from "./core/spaces.js";
export {
  type AutoresetMode,
  type BatchOf,
  type StepBuffers,
  stepBuffers,
  type VectorEnv,
  type VectorInfos,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from "./core/vector-env.js";
export { clipAction } from "./core/wrappers/clip-action.js";
export { flattenObservation } from "./core/wrappers/flatten-observation.js";
export { type FrameStackOptions, frameStack } from "./core/wrappers/frame-stack.js";
export { type MomentsJson, RunningMoments } from "./core/wrappers/moments.js";
export {
  type NormalizeObservationOptions,
  normalizeObservation,
} from "./core/wrappers/normalize-observation.js";
export { type NormalizeRewardOptions, normalizeReward } from "./core/wrappers/normalize-reward.js";
export { ObservationWrapper } from "./core/wrappers/observation-wrapper.js";
export {
  type EpisodeStatistics,
  type RecordEpisodeStatisticsOptions,
  recordEpisodeStatistics,
} from "./core/wrappers/record-episode-statistics.js";
export { type RescaleActionOptions, rescaleAction } from "./core/wrappers/rescale-action.js";
export { wrapAny } from "./core/wrappers/single.js";
export { timeLimit } from "./core/wrappers/time-limit.js";
export { VectorWrapper } from "./core/wrappers/vector-wrapper.js";
export { Dynamics, type DynamicsOptions } from "./dynamics.js";
export { FastAdjoint, type StepWeights } from "./fast-adjoint.js";
export { FastDynamics } from "./fast-dynamics.js";
export { createLandscape } from "./landscapes/create-landscape.js";
export { expressionFunctions } from "./landscapes/expression-derivative.js";
export type { KnownMinimum, Landscape } from "./landscapes/landscape.js";
export { networkStart } from "./landscapes/network-sizes.js";
export type { LandscapeInput } from "./landscapes/schema.js";
export type {
  ExpressionSpec,
  LinearRegressionSpec,
  MatrixFactorisationSpec,
  MultimodalSpec,
  NetworkSpec,
  PlanarSpec,
  Pool,
  RandomDoubleWellSpec,
  RandomQuadraticSpec,
  RastriginSpec,
  RosenbrockSpec,
  SaddleSpec,
  StreamSpec,
} from "./landscapes/specs.js";
export { standardise } from "./landscapes/standardise.js";
export { Table, tableShape } from "./landscapes/table.js";
export { type TensorFlowLandscapeOptions, tensorFlowLandscape } from "./landscapes/tensorflow.js";
export {
  type Action,
  type ActionLayout,
  actionLayoutOf,
  actionOf,
  actionSizeOf,
  type Channel,
  type ChannelLayout,
  type CustomSpec,
  channelOffset,
  channelsOf,
  type DoubleWellSpec,
  delayOf,
  dimensionOf,
  discountOf,
  type Geometry,
  type GradientNoise,
  hidesCurvature,
  hidesMinimum,
  horizonStepsOf,
  type InnerRule,
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
  velocitySizeOf,
} from "./problem/problem.js";
export { defineProblem, ProblemError, type ProblemInput } from "./problem/schema.js";
export { survivalOf } from "./problem/tasks.js";
export {
  list,
  make,
  makeVec,
  navigationRegistration,
  register,
  registeredProblem,
  spec,
} from "./registered.js";
export { type DrawingOptions, drawEpisode, type EpisodePath } from "./render/episode-drawing.js";
export {
  type Rollout,
  type RolloutOptions,
  type RolloutStep,
  rollout,
  type TerminalCost,
} from "./rollout.js";
export {
  type Simulation,
  type SimulationBackend,
  type SimulationOptions,
  type SimulationState,
  simulation,
} from "./simulation.js";
export {
  type NavigationEnvOptions,
  type NavigationInfo,
  type NavigationMemory,
  NavigationVectorEnv,
  type NavigationVectorEnvOptions,
  navigationEnv,
  navigationVectorEnv,
} from "./simulator.js";
