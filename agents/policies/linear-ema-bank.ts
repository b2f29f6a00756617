import type { NavigationProblem } from "../../envs/index.js";
import { rowsOf } from "../kernels/kernels.js";
import { coordinateModel } from "./coordinate-model.js";
import type { HeadModel } from "./coordinate-tape.js";
import { type CoordinateLayout, coordinateLayout, setPerLane } from "./coordinates.js";
import { optimalGain, steepestCurvature } from "./gains.js";
import { linearNetwork } from "./linear-network.js";
import type { PolicyModel } from "./model.js";
import { averagesLengths, runningAverages } from "./running-averages.js";

/**
 * A linear filter: bias-corrected averages m̂ᵢ of the gradient and a pull on θ, with learned weights,
 * u = −gain·(Σᵢ wᵢ m̂ᵢ + w_θ·(θ − center)/scale). It starts as gradient descent on the mean of the averages.
 */
export interface LinearEmaBankConfig {
  readonly kind: "linear-ema-bank";
  readonly layout: CoordinateLayout;
  /** β of each average, per step. Default [0, 0.5, 0.9, 0.99]. */
  readonly decays: readonly number[];
  /** Default: the optimal gain at the steepest curvature, θ²/(loss·time). */
  readonly gain: number;
  /** How θ enters, one center per coordinate. Default: about 0 in units of 1 where θ is shown, else null: not at all. */
  readonly parameters: { readonly center: readonly number[]; readonly scale: number } | null;
}

export type LinearEmaBankOptions = Partial<Omit<LinearEmaBankConfig, "kind" | "layout">>;

export function linearEmaBankFor(
  problem: NavigationProblem,
  options: LinearEmaBankOptions = {},
): LinearEmaBankConfig {
  const layout = coordinateLayout(problem);
  return {
    kind: "linear-ema-bank",
    layout,
    decays: [0, 0.5, 0.9, 0.99],
    gain: optimalGain(problem, steepestCurvature(problem)),
    parameters: layout.parametersOffset === null ? null : { center: [0], scale: 1 },
    ...options,
  };
}

export function linearEmaBank(config: LinearEmaBankConfig): PolicyModel {
  const { layout, decays, parameters } = config;
  if (parameters && layout.parametersOffset === null) {
    throw new Error('linear-ema-bank.parameters: needs the channel "parameters" among the observations');
  }
  const start = [...decays.map(() => 1 / decays.length), ...(parameters ? [0] : [])];
  const network = linearNetwork({ inputs: start.length, skip: [start] });
  return coordinateModel(config, network, headModel(config));
}

/** Rows of the inputs: m̂ᵢ, θ. */
function headModel({ decays, gain, parameters }: LinearEmaBankConfig): HeadModel {
  const means = decays.length;
  return {
    lengths: (lanes, steps) => [lanes, ...averagesLengths(means, lanes, steps)],
    instantiate(lanes, network, [center, ...rest]) {
      const { operations, slotOf, inputs, outputs, inputGradient, outputGradient } = network;
      const averages = runningAverages(decays, [], lanes, network, rest);
      const meanInputs = rowsOf(inputs, lanes, 0, means);
      const thetas = rowsOf(inputs, lanes, means, 1);
      const [meanGradient] = rowsOf([inputGradient], lanes, 0, means);
      const [thetaGradient] = rowsOf([inputGradient], lanes, means, 1);
      setPerLane(parameters?.center ?? [0], center);
      return {
        memories: [averages.slots],
        reset: averages.reset,
        scaleCarried: averages.scaleCarried,
        observe(t, seen) {
          const at = slotOf(t);
          averages.update(t, seen.gradient);
          operations.scale(1, averages.means[at], meanInputs[at], false);
          if (parameters) operations.standardise(center, parameters.scale, seen.parameters, thetas[at]);
        },
        act(t, _seen, actions) {
          operations.scale(-gain, outputs[slotOf(t)], actions, false);
        },
        actBackward(_t, _seen, actionGradient) {
          operations.scale(-gain, actionGradient, outputGradient, false);
        },
        observeBackward(t, seen, seenGradient) {
          operations.scale(1, meanGradient, averages.meansGradient, true);
          averages.backward(t, seen.gradient, seenGradient.gradient);
          if (parameters)
            operations.scale(1 / parameters.scale, thetaGradient, seenGradient.parameters, true);
        },
      };
    },
  };
}
