import type { NavigationProblem } from "../../envs/index.js";
import { slices } from "../kernels/kernels.js";
import { coordinateTape, type Head, type HeadMaker } from "./coordinate-tape.js";
import { type CoordinateLayout, coordinateLayout, perLane } from "./coordinates.js";
import { optimalGain, steepestCurvature } from "./gains.js";
import { writeClocks } from "./gradient-inputs.js";
import { mlp } from "./mlp.js";
import type { PolicyModel } from "./model.js";

/**
 * A network of bias-corrected averages of the gradient, m̂ᵢ, and of its square, v̂ⱼ:
 * u = −gain·(Σᵢ wᵢ m̂ᵢ)·exp(4·o₀), w = softmax(o₁, o₂, …).
 * Inputs: log(v̂ⱼ + ε)/4, m̂ᵢ/√(v̂ + ε) by the last (slowest) v̂, clocks, and (θ − center)/scale where wanted.
 */
export interface EmaBankConfig {
  readonly kind: "ema-bank";
  readonly layout: CoordinateLayout;
  /** Units of each hidden layer. Default [32, 32]. */
  readonly hidden: readonly number[];
  /** β of each average of the gradient, per step. Default [0, 0.5, 0.9, 0.99]. */
  readonly decays: readonly number[];
  /** β of each average of its square, per step, the slowest last. Default [0.5, 0.9, 0.98]. */
  readonly squareDecays: readonly number[];
  /** τ of each clock t/(t + τ), in steps. Default [10, 100]. */
  readonly clocks: readonly number[];
  /** What multiplies −Σ wᵢ m̂ᵢ at the start, θ²/(loss·time). Default: the optimal gain at the steepest curvature. */
  readonly gain: number;
  /** Added to v̂, (loss/θ)². Default 1e-8. */
  readonly epsilon: number;
  /** How θ enters, one center per coordinate. Default null: not at all. */
  readonly parameters: { readonly center: readonly number[]; readonly scale: number } | null;
}

export type EmaBankOptions = Partial<Omit<EmaBankConfig, "kind" | "layout">>;

export function emaBankFor(problem: NavigationProblem, options: EmaBankOptions = {}): EmaBankConfig {
  return {
    kind: "ema-bank",
    layout: coordinateLayout(problem),
    hidden: [32, 32],
    decays: [0, 0.5, 0.9, 0.99],
    squareDecays: [0.5, 0.9, 0.98],
    clocks: [10, 100],
    gain: optimalGain(problem, steepestCurvature(problem)),
    epsilon: 1e-8,
    parameters: null,
    ...options,
  };
}

export function emaBank(config: EmaBankConfig): PolicyModel {
  const { layout, hidden, decays, squareDecays, clocks, parameters } = config;
  if (parameters && layout.parametersOffset === null) {
    throw new Error('ema-bank.parameters: needs the channel "parameters" among the observations');
  }
  const inputs = squareDecays.length + decays.length + clocks.length + (parameters ? 1 : 0);
  const nothing = new Array<number>(inputs).fill(0);
  const network = mlp({ inputs, hidden, skip: [nothing, ...decays.map(() => nothing)] });
  return {
    config,
    parameterCount: network.parameterCount,
    initialParameters: network.initialParameters,
    instantiate: (kernels, batch, steps) =>
      coordinateTape(layout, network, headMaker(config), kernels, batch, steps),
  };
}

const EXPONENT = 4;
const LOG_SCALE = 0.25;

/** 1/(1 − β^{t+1}): divides out the weights that the zero start still holds. */
function corrections(betas: readonly number[], t: number, out: Float64Array): Float64Array {
  for (let i = 0; i < betas.length; i++) out[i] = 1 / (1 - betas[i] ** (t + 1));
  return out;
}

function headMaker(config: EmaBankConfig): HeadMaker {
  const { decays, squareDecays, clocks, gain, epsilon, parameters } = config;
  const means = decays.length;
  const squares = squareDecays.length;
  const clocksAt = squares + means;
  const thetaAt = clocksAt + clocks.length;
  return (lanes, steps, { operations }): Head => {
    // The averages after step t are in slot t + 1, rows m then v.
    const slots = slices(
      new Float64Array((steps + 1) * (means + squares) * lanes),
      (means + squares) * lanes,
    );
    const carried = new Float64Array((means + squares) * lanes);
    const betas = [...decays, ...squareDecays];
    const correction = new Float64Array(means + squares);
    const centers = perLane(parameters?.center ?? [0], lanes);
    const inverseRoot = new Float64Array(lanes);
    const mix = new Float64Array(lanes);
    const total = new Float64Array(lanes);
    /** ∂J/∂m̂, direct part. */
    const meanGradient = new Float64Array(means * lanes);
    const slowest = (means + squares - 1) * lanes;

    function average(from: Float64Array, to: Float64Array, gradient: Float64Array): void {
      for (let i = 0; i < means + squares; i++) {
        const row = i * lanes;
        const beta = betas[i];
        if (i < means) {
          for (let k = 0; k < lanes; k++) to[row + k] = beta * from[row + k] + (1 - beta) * gradient[k];
        } else {
          for (let k = 0; k < lanes; k++) {
            to[row + k] = beta * from[row + k] + (1 - beta) * gradient[k] * gradient[k];
          }
        }
      }
    }

    function fillInverseRoot(slot: Float64Array): void {
      const c = correction[means + squares - 1];
      for (let k = 0; k < lanes; k++) inverseRoot[k] = 1 / Math.sqrt(c * slot[slowest + k] + epsilon);
    }

    /** mix = Σ wᵢ m̂ᵢ and total = Σ e^{oᵢ}, from outputs already exponentiated. */
    function fillMix(slot: Float64Array, outputs: Float32Array | Float64Array): void {
      mix.fill(0);
      total.fill(0);
      for (let i = 0; i < means; i++) {
        const row = i * lanes;
        const c = correction[i];
        for (let k = 0; k < lanes; k++) {
          const weight = outputs[row + lanes + k];
          total[k] += weight;
          mix[k] += weight * c * slot[row + k];
        }
      }
      for (let k = 0; k < lanes; k++) mix[k] /= total[k];
    }

    return {
      reset: () => slots[0].fill(0),
      startBackward: () => carried.fill(0),
      observe(t, { gradient, parameters: theta }, inputs) {
        const slot = slots[(t + 1) % (steps + 1)];
        average(slots[t % (steps + 1)], slot, gradient);
        corrections(betas, t, correction);
        for (let j = 0; j < squares; j++) {
          const row = (means + j) * lanes;
          const c = correction[means + j];
          for (let k = 0; k < lanes; k++) inputs[j * lanes + k] = c * slot[row + k] + epsilon;
        }
        operations.log(inputs, inputs, LOG_SCALE, squares * lanes);
        fillInverseRoot(slot);
        for (let i = 0; i < means; i++) {
          const c = correction[i];
          const to = (squares + i) * lanes;
          for (let k = 0; k < lanes; k++) inputs[to + k] = c * slot[i * lanes + k] * inverseRoot[k];
        }
        writeClocks(t, clocks, inputs, clocksAt, lanes);
        if (!parameters) return;
        for (let k = 0; k < lanes; k++)
          inputs[thetaAt * lanes + k] = (theta[k] - centers[k]) / parameters.scale;
      },
      act(t, _seen, outputs, actions) {
        for (let k = 0; k < lanes; k++) outputs[k] *= EXPONENT;
        operations.exp(outputs, outputs, 1, outputs.length);
        fillMix(slots[(t + 1) % (steps + 1)], outputs);
        for (let k = 0; k < lanes; k++) actions[k] = -gain * mix[k] * outputs[k];
      },
      actBackward(t, _seen, outputs, actionGradients, outputGradient, seenGradient) {
        const slot = slots[(t + 1) % (steps + 1)];
        corrections(betas, t, correction);
        fillMix(slot, outputs);
        for (let k = 0; k < lanes; k++) {
          const scaled = -gain * actionGradients[k] * outputs[k];
          outputGradient[k] = EXPONENT * scaled * mix[k];
          // From here on ∂J/∂mix, divided by the total: what each weight multiplies.
          total[k] = scaled / total[k];
        }
        for (let i = 0; i < means; i++) {
          const row = i * lanes;
          const c = correction[i];
          for (let k = 0; k < lanes; k++) {
            const share = total[k] * outputs[row + lanes + k];
            meanGradient[row + k] = share;
            outputGradient[row + lanes + k] = share * (c * slot[row + k] - mix[k]);
          }
        }
        seenGradient.gradient.fill(0);
      },
      observeBackward(t, { gradient }, inputGradient, seenGradient) {
        const slot = slots[(t + 1) % (steps + 1)];
        const out = seenGradient.gradient;
        fillInverseRoot(slot);
        // ∂J/∂(v̂ + ε)^{−1/2}, reusing `total`.
        total.fill(0);
        for (let i = 0; i < means; i++) {
          const row = i * lanes;
          const c = correction[i];
          const beta = betas[i];
          const from = squares * lanes + row;
          for (let k = 0; k < lanes; k++) {
            const direct = inputGradient[from + k];
            total[k] += direct * c * slot[row + k];
            const whole = carried[row + k] + c * (meanGradient[row + k] + direct * inverseRoot[k]);
            out[k] += (1 - beta) * whole;
            carried[row + k] = beta * whole;
          }
        }
        for (let j = 0; j < squares; j++) {
          const row = (means + j) * lanes;
          const c = correction[means + j];
          const beta = betas[means + j];
          const last = j === squares - 1 ? -0.5 : 0;
          for (let k = 0; k < lanes; k++) {
            const root = inverseRoot[k];
            const direct =
              (LOG_SCALE * inputGradient[j * lanes + k]) / (c * slot[row + k] + epsilon) +
              last * total[k] * root * root * root;
            const whole = carried[row + k] + c * direct;
            out[k] += 2 * (1 - beta) * gradient[k] * whole;
            carried[row + k] = beta * whole;
          }
        }
        if (!parameters) return;
        for (let k = 0; k < lanes; k++) {
          seenGradient.parameters[k] = inputGradient[thetaAt * lanes + k] / parameters.scale;
        }
      },
    };
  };
}
