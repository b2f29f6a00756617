export { type AuditOptions, auditEstimators, type EstimatorAudit } from "./audit/audit.js";
export { type LinearRule, linearRuleCost } from "./audit/linear-cost.js";
export {
  type Backend,
  type BackendName,
  backendNames,
  type ChooseBackendOptions,
  chooseBackend,
} from "./backend.js";
export {
  type ComparedPolicy,
  type CompareOptions,
  compare,
  type Measured,
  type PolicyComparison,
} from "./compare/compare.js";
export {
  type Contestant,
  derivedRule,
  learnedRule,
  type TextbookOptions,
  textbookRule,
} from "./compare/contestants.js";
export {
  type BootstrapOptions,
  type Interval,
  interquartileMean,
  stratifiedBootstrap,
} from "./compare/statistics.js";
export { type RuleSettings, type TextbookName, textbookNames } from "./compare/textbook.js";
export type { Evaluator, Job, JobResult, Workload } from "./evaluators/evaluator.js";
export { type InlineEvaluatorOptions, inlineEvaluator } from "./evaluators/inline.js";
export { jobRunner } from "./evaluators/run-job.js";
export {
  type Evaluation,
  type EvaluationOptions,
  evaluateIdentify,
  type Fit,
  type Hyperparameters,
  type Identification,
  type IdentifyOptions,
  identify,
  probeProblem,
  type Structure,
} from "./identify/index.js";
export type { Kernels, Operations } from "./kernels/kernels.js";
export { referenceKernels } from "./kernels/reference.js";
export { wasmKernels } from "./kernels/wasm.js";
export {
  type FromOptimizerOptions,
  fromOptimizer,
  type OptimizerPolicy,
  type OptimizerState,
} from "./optimizer/from-optimizer.js";
export type { Units } from "./optimizer/mover.js";
export { type ToOptimizerOptions, toOptimizer } from "./optimizer/to-optimizer.js";
export { fromTensorFlow } from "./policies/from-tensorflow.js";
export {
  type EmaBankConfig,
  type EmaBankOptions,
  emaBankFor,
  type FullConfig,
  type FullGruConfig,
  type FullGruOptions,
  type FullOptions,
  fullFor,
  fullGruFor,
  type GruConfig,
  type GruOptions,
  gruFor,
  type ImpliedMinimum,
  impliedMinimumFor,
  type LearnedPolicyOptions,
  type LearnedPolicyState,
  type LinearEmaBankConfig,
  type LinearEmaBankOptions,
  type LstmConfig,
  learnedPolicy,
  linearEmaBankFor,
  loadPolicy,
  lstmFor,
  type MemorylessConfig,
  type MemorylessOptions,
  type MinimumBankConfig,
  type MinimumBankOptions,
  memorylessFor,
  minimumBankFor,
  type PolicyConfig,
  type PolicyHeader,
  type PolicyModel,
  type PolicyTape,
  type PowerBankConfig,
  type PowerBankOptions,
  policyModel,
  powerBankFor,
  type SavedPolicy,
  type ScaleFree,
  savePolicy,
  scaleFreeFor,
} from "./policies/index.js";
export { type Adaptivity, adaptivity } from "./probes/adaptivity.js";
export { type CueMemory, type CueMemoryOptions, cueMemory } from "./probes/cue-memory.js";
export { type HeavyBall, heavyBallFit, heavyBallOf } from "./probes/heavy-ball.js";
export {
  type HorizonExponentOptions,
  type HorizonExponents,
  horizonExponents,
} from "./probes/horizon-exponents.js";
export { type MetricExponent, metricExponent } from "./probes/metric-exponent.js";
export { type MomentumKernel, type MomentumKernelOptions, momentumKernel } from "./probes/momentum-kernel.js";
export { type Regret, regret } from "./probes/regret.js";
export {
  type ExposureOptions,
  resetWeight,
  type TaskSwitchOptions,
  taskSwitch,
} from "./probes/reset-weight.js";
export {
  hold,
  inOtherUnits,
  mapGradients,
  recordStream,
  respond,
  type Stream,
  type StreamOptions,
} from "./probes/streams.js";
export type { Table } from "./rediscover/application.js";
export type { Archive, Training } from "./rediscover/archive.js";
export type { RediscoverEvent } from "./rediscover/events.js";
export { phenomena, type RediscoverOptions, rediscover } from "./rediscover/rediscover.js";
export type {
  ApplicationReport,
  Criterion,
  Estimate,
  FigureData,
  Phenomenon,
  PhenomenonReport,
  Report,
  Row,
  RunConfiguration,
  SettingReport,
  TrainerName,
  TrainingReport,
} from "./rediscover/report.js";
export { type BpttOptions, bptt } from "./trainers/bptt.js";
export { type CmaEsOptions, cmaEs } from "./trainers/cma-es.js";
export { type EsOptions, es } from "./trainers/es.js";
export type { ParticleState, TrainerKind, TrainingEvent, TrainingState } from "./trainers/events.js";
export { type PesOptions, pes } from "./trainers/pes.js";
export { type PpoOptions, ppo } from "./trainers/ppo.js";
export type { DecisionWeights } from "./trainers/reverse.js";
export type { TerminalSpec } from "./trainers/terminal-cost.js";
export { version } from "./trainers/version.js";
