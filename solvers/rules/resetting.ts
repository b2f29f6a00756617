import type { Vector } from "../../envs/problem/problem.js";
import { type GradientTransform, requireRange } from "./transform.js";
import { type InitialState, initInitial, initialOf } from "./weights.js";

/** Whether to reset one learner, from its gradient and parameters, shape [d], and the steps since its last reset. */
export type ResetSignal = (gradient: Float64Array, parameters: Float64Array, steps: number) => boolean;

export interface ResettingOptions {
  /** Steps between resets. This or a signal is needed; with both, either resets. */
  readonly period?: number;
  readonly signal?: ResetSignal;
  /** f: how much of the way back to θ₀ a reset goes. Default 1. */
  readonly fraction?: number;
  /** Whether the rule also forgets its own memory. Default true. */
  readonly clearsMemory?: boolean;
  /** θ₀, shape [d]. Default: where the rule began. */
  readonly initial?: Vector;
}

export interface ResettingState {
  readonly origin: InitialState;
  /** Of each learner, since each is reset by itself: the state of the rule, and the steps since its last reset. */
  readonly rules: unknown[];
  readonly steps: Int32Array;
}

/** A rule whose step now and then leads back to where it began: θ ← (1 − f)(θ + Δθ) + fθ₀. */
export function resetting(
  rule: GradientTransform,
  { period, signal, fraction = 1, clearsMemory = true, initial }: ResettingOptions,
): GradientTransform<ResettingState> {
  const wanted = resetWhen(period, signal);
  requireRange("fraction", fraction, fraction > 0 && fraction <= 1, "in (0, 1]");
  return {
    readsParameters: true,
    init: (batch, dimension) => ({
      origin: initInitial(initial, batch, dimension),
      rules: Array.from({ length: batch }, () => rule.init(1, dimension)),
      steps: new Int32Array(batch),
    }),
    update: (updates, state, parameters) => {
      const { rules, steps } = state;
      const origin = initialOf(state.origin, parameters);
      const d = updates.length / rules.length;
      for (let n = 0; n < rules.length; n++) {
        const own = updates.subarray(n * d, (n + 1) * d);
        const at = parameters.subarray(n * d, (n + 1) * d);
        const resets = wanted(own, at, ++steps[n]);
        rules[n] = rule.update(own, rules[n], at);
        if (!resets) continue;
        for (let i = 0; i < d; i++) own[i] = (1 - fraction) * own[i] + fraction * (origin[n * d + i] - at[i]);
        if (clearsMemory) rules[n] = rule.init(1, d);
        steps[n] = 0;
      }
      return state;
    },
  };
}

function resetWhen(period: number | undefined, signal: ResetSignal | undefined): ResetSignal {
  if (period === undefined && signal === undefined)
    throw new Error("period: must be given, or else a signal, got neither");
  if (period !== undefined)
    requireRange("period", period, Number.isInteger(period) && period >= 1, "a whole number >= 1");
  return (gradient, parameters, steps) =>
    steps === period || (signal?.(gradient, parameters, steps) ?? false);
}
