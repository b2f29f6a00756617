import { type EmaBankConfig, emaBank } from "./ema-bank.js";
import { type FullConfig, type FullGruConfig, full, fullGru } from "./full.js";
import { type GruConfig, gru } from "./gru.js";
import { type LinearEmaBankConfig, linearEmaBank } from "./linear-ema-bank.js";
import { type LstmConfig, lstm } from "./lstm.js";
import { type MemorylessConfig, memoryless } from "./memoryless.js";
import { type MinimumBankConfig, minimumBank } from "./minimum-bank.js";
import type { PolicyModel } from "./model.js";
import { checkPolicyConfig } from "./policy-schema.js";
import { type PowerBankConfig, powerBank } from "./power-bank.js";

/** What a learned policy is made from, besides its parameters. Plain JSON. */
export type PolicyConfig =
  | MemorylessConfig
  | LinearEmaBankConfig
  | EmaBankConfig
  | MinimumBankConfig
  | PowerBankConfig
  | GruConfig
  | LstmConfig
  | FullConfig
  | FullGruConfig;

/** @throws when the config is not valid, with the path of what is wrong. */
export function policyModel(config: PolicyConfig): PolicyModel {
  checkPolicyConfig(config);
  switch (config.kind) {
    case "memoryless":
      return memoryless(config);
    case "ema-bank":
      return emaBank(config);
    case "power-bank":
      return powerBank(config);
    case "minimum-bank":
      return minimumBank(config);
    case "linear-ema-bank":
      return linearEmaBank(config);
    case "gru":
      return gru(config);
    case "lstm":
      return lstm(config);
    case "full":
      return full(config);
    case "full-gru":
      return fullGru(config);
  }
}
