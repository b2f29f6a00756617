import { type EmaBankConfig, emaBank } from "./ema-bank.js";
import { type GruConfig, gru } from "./gru.js";
import { type MemorylessConfig, memoryless } from "./memoryless.js";
import type { PolicyModel } from "./model.js";

/** What a learned policy is made from, besides its parameters. Plain JSON. */
export type PolicyConfig = MemorylessConfig | EmaBankConfig | GruConfig;

export function policyModel(config: PolicyConfig): PolicyModel {
  switch (config.kind) {
    case "memoryless":
      return memoryless(config);
    case "ema-bank":
      return emaBank(config);
    case "gru":
      return gru(config);
    default:
      throw new Error(`policy.kind: must be "memoryless", "ema-bank" or "gru", got ${kindOf(config)}`);
  }
}

function kindOf(config: never): string {
  return JSON.stringify((config as { kind?: unknown }).kind);
}
