import type { NavigationProblem } from "../../envs/index.js";
import { rowsOf, slices } from "../kernels/kernels.js";
import { coordinateModel } from "./coordinate-model.js";
import type { HeadModel } from "./coordinate-tape.js";
import { type CoordinateLayout, coordinateLayout, setPerLane } from "./coordinates.js";
import { optimalGain, steepestCurvature } from "./gains.js";
import { GRADIENT_ROWS } from "./gradient-inputs.js";
import { mlp } from "./mlp.js";
import type { PolicyModel } from "./model.js";

/** A network of the current gradient y and parameter θ: u = −gain·y·exp(4·o₁) + velocity·o₂. */
export interface MemorylessConfig {
  readonly kind: "memoryless";
  readonly layout: CoordinateLayout;
  /** Units of each hidden layer. Default [32, 32]. */
  readonly hidden: readonly number[];
  /** What multiplies −y at the start, θ²/(loss·time). Default: the optimal gain at the steepest curvature. */
  readonly gain: number;
  /** Unit of the part that does not vanish with the gradient, θ/time. Default gain · steepest curvature. */
  readonly velocity: number;
  /** θ enters as (θ − center)/scale. Center: one per coordinate or one for all. Default 0 and 1. */
  readonly center: readonly number[];
  readonly scale: number;
  /** Further inputs that are known per coordinate, such as its metric: `[inputs][d]`. Default none. */
  readonly constants: readonly (readonly number[])[];
  /** Gradients far below it look alike, loss/θ. Default 1e-4. */
  readonly epsilon: number;
}

export type MemorylessOptions = Partial<Omit<MemorylessConfig, "kind" | "layout">>;

export function memorylessFor(problem: NavigationProblem, options: MemorylessOptions = {}): MemorylessConfig {
  const layout = coordinateLayout(problem);
  const curvature = steepestCurvature(problem);
  const { gain = optimalGain(problem, curvature) } = options;
  return {
    kind: "memoryless",
    layout,
    hidden: [32, 32],
    gain,
    velocity: gain * curvature,
    center: new Array<number>(layout.dimension).fill(0),
    scale: 1,
    constants: [],
    epsilon: 1e-4,
    ...options,
  };
}

export function memoryless(config: MemorylessConfig): PolicyModel {
  const { layout, hidden, constants } = config;
  const inputs = GRADIENT_ROWS + (layout.parametersOffset === null ? 0 : 1) + constants.length;
  const nothing = new Array<number>(inputs).fill(0);
  const network = mlp({ inputs, hidden, skip: [nothing, nothing] });
  return coordinateModel(config, network, headModel(config));
}

function headModel(config: MemorylessConfig): HeadModel {
  const { layout, gain, velocity, center, scale, constants, epsilon } = config;
  const seesParameters = layout.parametersOffset !== null;
  const constantRow = GRADIENT_ROWS + (seesParameters ? 1 : 0);
  return {
    lengths: (lanes) => [lanes],
    instantiate(lanes, { operations, slotOf, inputs, outputs, inputGradient, outputGradient }, [centers]) {
      const thetas = rowsOf(inputs, lanes, GRADIENT_ROWS, 1);
      const [thetaGradient] = rowsOf([inputGradient], lanes, GRADIENT_ROWS, 1);
      const logGains = rowsOf(outputs, lanes, 0, 1);
      const velocities = rowsOf(outputs, lanes, 1, 1);
      const [logGainGradient, velocityGradient] = slices(outputGradient, lanes);
      setPerLane(center, centers);
      for (const [c, values] of constants.entries())
        for (const row of rowsOf(inputs, lanes, constantRow + c, 1)) setPerLane(values, row);
      return {
        reset: () => {},
        scaleCarried: () => {},
        observe(t, { gradient, parameters }) {
          const at = slotOf(t);
          operations.gradientInputs(epsilon, gradient, inputs[at]);
          if (seesParameters) operations.standardise(centers, scale, parameters, thetas[at]);
        },
        act(t, { gradient }, actions) {
          const at = slotOf(t);
          operations.exponentialGain(-gain, gradient, logGains[at], actions);
          operations.scale(velocity, velocities[at], actions, true);
        },
        actBackward(t, { gradient }, actionGradient, seenGradient) {
          const gains = logGains[slotOf(t)];
          const { exponentialGainGradient, scale } = operations;
          exponentialGainGradient(
            -gain,
            gradient,
            gains,
            actionGradient,
            logGainGradient,
            seenGradient.gradient,
          );
          scale(velocity, actionGradient, velocityGradient, false);
        },
        observeBackward(_t, { gradient }, seenGradient) {
          operations.gradientInputsGradient(epsilon, gradient, inputGradient, seenGradient.gradient);
          if (seesParameters) operations.scale(1 / scale, thetaGradient, seenGradient.parameters, true);
        },
      };
    },
  };
}
