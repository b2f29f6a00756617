import type { NavigationProblem } from "../../envs/index.js";
import { type GruConfig, type GruOptions, gruFor, recurrent } from "./gru.js";
import { lstmNetwork } from "./lstm-network.js";
import type { PolicyModel } from "./model.js";

/** Long short-term memory per coordinate; what it is told is that of a `GruConfig`. */
export interface LstmConfig extends Omit<GruConfig, "kind"> {
  readonly kind: "lstm";
}

export function lstmFor(problem: NavigationProblem, options: GruOptions = {}): LstmConfig {
  return { ...gruFor(problem, options), kind: "lstm" };
}

export function lstm(config: LstmConfig): PolicyModel {
  return recurrent(config, lstmNetwork);
}
