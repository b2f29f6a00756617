export type { Hyperparameters } from "./candidate.js";
export { type Evaluation, type EvaluationOptions, evaluateIdentify } from "./evaluate.js";
export type { Fit } from "./fit.js";
export { type Identification, type IdentifyOptions, identify, NONE, probeProblem } from "./identify.js";
export type { Structure } from "./structure.js";
