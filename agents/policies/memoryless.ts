import type { NavigationProblem } from "../../envs/index.js";
import { coordinateTape, type HeadMaker } from "./coordinate-tape.js";
import { type CoordinateLayout, coordinateLayout, perLane } from "./coordinates.js";
import { optimalGain, steepestCurvature } from "./gains.js";
import { addGradientInputsBackward, GRADIENT_ROWS, writeGradientInputs } from "./gradient-inputs.js";
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

const EXPONENT = 4;

export function memoryless(config: MemorylessConfig): PolicyModel {
  const { layout, hidden, constants } = config;
  const inputs = GRADIENT_ROWS + (layout.parametersOffset === null ? 0 : 1) + constants.length;
  const nothing = new Array<number>(inputs).fill(0);
  const network = mlp({ inputs, hidden, skip: [nothing, nothing] });
  return {
    config,
    parameterCount: network.parameterCount,
    initialParameters: network.initialParameters,
    instantiate: (kernels, batch, steps) =>
      coordinateTape(layout, network, headMaker(config), kernels, batch, steps),
  };
}

function headMaker({
  layout,
  gain,
  velocity,
  center,
  scale,
  constants,
  epsilon,
}: MemorylessConfig): HeadMaker {
  const seesParameters = layout.parametersOffset !== null;
  return (lanes, _steps, { operations }) => {
    const centers = perLane(center, lanes);
    const constantRows = constants.map((values) => perLane(values, lanes));
    const thetaRow = GRADIENT_ROWS * lanes;
    const constantsFrom = thetaRow + (seesParameters ? lanes : 0);
    return {
      reset: () => {},
      scaleCarried: () => {},
      observe(_t, { gradient, parameters }, inputs) {
        writeGradientInputs(operations, gradient, epsilon, inputs);
        if (seesParameters) {
          for (let lane = 0; lane < lanes; lane++) {
            inputs[thetaRow + lane] = (parameters[lane] - centers[lane]) / scale;
          }
        }
        for (const [c, values] of constantRows.entries()) inputs.set(values, constantsFrom + c * lanes);
      },
      act(_t, { gradient }, outputs, actions) {
        operations.exp(outputs, outputs, EXPONENT, lanes);
        for (let lane = 0; lane < lanes; lane++) {
          actions[lane] = velocity * outputs[lanes + lane] - gain * gradient[lane] * outputs[lane];
        }
      },
      actBackward(_t, { gradient }, outputs, actionGradients, outputGradient, seenGradient) {
        for (let lane = 0; lane < lanes; lane++) {
          const direct = -gain * actionGradients[lane] * outputs[lane];
          seenGradient.gradient[lane] = direct;
          outputGradient[lane] = EXPONENT * direct * gradient[lane];
          outputGradient[lanes + lane] = velocity * actionGradients[lane];
        }
      },
      observeBackward(_t, { gradient }, inputGradient, seenGradient) {
        addGradientInputsBackward(gradient, epsilon, inputGradient, seenGradient.gradient);
        if (!seesParameters) return;
        for (let lane = 0; lane < lanes; lane++) {
          seenGradient.parameters[lane] = inputGradient[thetaRow + lane] / scale;
        }
      },
    };
  };
}
