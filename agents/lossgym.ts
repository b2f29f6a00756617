// The package root: the most used names of the three library layers.
export {
  type Channel,
  defineProblem,
  type Landscape,
  list,
  make,
  makeVec,
  type NavigationProblem,
  navigationEnv,
  navigationVectorEnv,
  type Policy,
  ProblemError,
  type ProblemInput,
  type Rollout,
  type RolloutOptions,
  register,
  rollout,
  type Seed,
  standardise,
} from "../envs/index.js";
export {
  adam,
  bayesOptimalPolicy,
  gradientDescent,
  heavyBall,
  informedPolicy,
  qmdpPolicy,
  rmsprop,
  type Solution,
  solve,
} from "../solvers/index.js";
export { bptt, compare, es, learnedPolicy, type Report, rediscover, toOptimizer, version } from "./index.js";
