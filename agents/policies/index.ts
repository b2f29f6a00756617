export { type EmaBankConfig, type EmaBankOptions, emaBankFor } from "./ema-bank.js";
export {
  type FullConfig,
  type FullGruConfig,
  type FullGruOptions,
  type FullOptions,
  fullFor,
  fullGruFor,
} from "./full.js";
export { type GruConfig, type GruOptions, gruFor, impliedMinimumFor, scaleFreeFor } from "./gru.js";
export type { ImpliedMinimum } from "./implied-minimum.js";
export { type LearnedPolicyOptions, type LearnedPolicyState, learnedPolicy } from "./learned-policy.js";
export { type LinearEmaBankConfig, type LinearEmaBankOptions, linearEmaBankFor } from "./linear-ema-bank.js";
export { type LstmConfig, lstmFor } from "./lstm.js";
export { type MemorylessConfig, type MemorylessOptions, memorylessFor } from "./memoryless.js";
export { type MinimumBankConfig, type MinimumBankOptions, minimumBankFor } from "./minimum-bank.js";
export type { PolicyModel, PolicyTape } from "./model.js";
export { type PolicyConfig, policyModel } from "./policy-model.js";
export { type PowerBankConfig, type PowerBankOptions, powerBankFor } from "./power-bank.js";
export { loadPolicy, type PolicyHeader, type SavedPolicy, savePolicy } from "./saved-policy.js";
export type { ScaleFree } from "./scale-free.js";
