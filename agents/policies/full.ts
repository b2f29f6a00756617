import { actionSizeOf, type NavigationProblem, observationSizeOf } from "../../envs/index.js";
import { type Kernels, type Numbers, padLanes, slices } from "../kernels/kernels.js";
import { carried } from "./carried.js";
import { LARGEST_GRADIENT } from "./coordinate-tape.js";
import { type Block, gather, scatter, setPerLane } from "./coordinates.js";
import { gradientSum } from "./gradient-sum.js";
import { gruNetwork } from "./gru-network.js";
import { mlp } from "./mlp.js";
import type { PolicyModel, PolicyTape } from "./model.js";
import type { Network, Skip } from "./network.js";

/**
 * One network of the whole observation o and all actions at once, u = unit·network((o − center)/scale). Unlike a
 * per-coordinate policy it may mix coordinates, and serves one problem only. It starts at rest.
 */
interface Whole {
  readonly layout: {
    /** Actions of an environment. */
    readonly dimension: number;
    readonly observationSize: number;
  };
  /** One per observation, or one for all. Default 0 and 1. */
  readonly center: readonly number[];
  readonly scale: readonly number[];
  /** Unit of the actions. Default 1. */
  readonly unit: number;
}

/** A multilayer perceptron: no memory. */
export interface FullConfig extends Whole {
  readonly kind: "full";
  /** Units of each hidden layer. Default [32, 32]. */
  readonly hidden: readonly number[];
}

/** A gated recurrent unit, with one memory for all coordinates. */
export interface FullGruConfig extends Whole {
  readonly kind: "full-gru";
  /** Units of memory. Default 32. */
  readonly units: number;
}

/** Whether a policy is one network of the whole observation. */
export function isWhole<Config extends { readonly kind: string }>(
  config: Config,
): config is Extract<Config, { readonly kind: "full" | "full-gru" }> {
  return config.kind === "full" || config.kind === "full-gru";
}

/** The sizes of what such a network reads and does. */
export function wholeLayout(problem: NavigationProblem): Whole["layout"] {
  return { dimension: actionSizeOf(problem), observationSize: observationSizeOf(problem) };
}

export type FullOptions = Partial<Omit<FullConfig, "kind" | "layout">>;
export type FullGruOptions = Partial<Omit<FullGruConfig, "kind" | "layout">>;

export function fullFor(problem: NavigationProblem, options: FullOptions = {}): FullConfig {
  return { kind: "full", hidden: [32, 32], ...wholeOf(problem), ...options };
}

export function fullGruFor(problem: NavigationProblem, options: FullGruOptions = {}): FullGruConfig {
  return { kind: "full-gru", units: 32, ...wholeOf(problem), ...options };
}

function wholeOf(problem: NavigationProblem): Whole {
  return { layout: wholeLayout(problem), center: [0], scale: [1], unit: 1 };
}

export function full(config: FullConfig): PolicyModel {
  return whole(config, (shape) => mlp({ ...shape, hidden: config.hidden }));
}

export function fullGru(config: FullGruConfig): PolicyModel {
  return whole(config, (shape) => gruNetwork({ ...shape, units: config.units }));
}

function whole(
  config: FullConfig | FullGruConfig,
  networkOf: (shape: { inputs: number; skip: Skip }) => Network,
): PolicyModel {
  const { dimension, observationSize } = config.layout;
  const skip = Array.from({ length: dimension }, () => new Array<number>(observationSize).fill(0));
  const network = networkOf({ inputs: observationSize, skip });
  return {
    config,
    parameterCount: network.parameterCount,
    initialParameters: network.initialParameters,
    instantiate: (kernels, batch, steps) => wholeTape(config, network, kernels, batch, steps),
  };
}

/** A lane is an environment. */
function wholeTape(
  { layout, center, scale, unit }: Whole,
  network: Network,
  kernels: Kernels,
  batch: number,
  steps: number,
): PolicyTape {
  const { dimension, observationSize } = layout;
  const lanes = padLanes(batch);
  const tape = network.instantiate(kernels, lanes, steps, observationSize * lanes);
  const { operations, slotOf } = tape;
  const weightGradient = gradientSum(tape.parameterGradient);
  const centers = slices(tape.extra, lanes);
  for (const [j, row] of centers.entries()) setPerLane([center[j % center.length]], row);
  const scaleOf = (j: number) => scale[j % scale.length];
  const inputs = tape.inputs.map((slot) => slices(slot, lanes));
  const inputGradients = slices(tape.inputGradient, lanes);
  const outputs = tape.outputs.map((slot) => slices(slot, lanes));
  const outputGradients = slices(tape.outputGradient, lanes);
  const column = (rowSize: number) =>
    Array.from({ length: rowSize }, (_, offset): Block => ({ batch, dimension: 1, rowSize, offset }));
  const observed = column(observationSize);
  const acted = column(dimension);
  const carry = carried();
  const decide = (t: number, actions: Numbers) => {
    const at = slotOf(t);
    tape.forward(t);
    operations.scale(unit, tape.outputs[at], tape.outputs[at], false);
    for (let j = 0; j < dimension; j++) scatter(acted[j], outputs[at][j], actions);
  };
  return {
    get parameterGradient() {
      return weightGradient.read();
    },
    memoryBefore: (t) => (tape.memories ? [tape.memories[slotOf(t - 1)]] : []),
    setParameters: (values) => tape.parameters.set(values),
    reset() {
      tape.reset();
      weightGradient.clear();
    },
    forward(t, observations, actions) {
      const rows = inputs[slotOf(t)];
      for (let j = 0; j < observationSize; j++) {
        gather(observed[j], observations, rows[j]);
        operations.clamp(LARGEST_GRADIENT, rows[j]);
        operations.standardise(centers[j], scaleOf(j), rows[j], rows[j]);
      }
      decide(t, actions);
      carry.forward();
    },
    ...(!tape.memories && { forwardAgain: decide }),
    backward(t, actionGradients, observationGradients, discount = 1) {
      tape.scaleCarried(carry.factor(t, discount));
      for (let j = 0; j < dimension; j++) gather(acted[j], actionGradients, outputGradients[j]);
      operations.scale(unit, tape.outputGradient, tape.outputGradient, false);
      tape.backward(t);
      for (let j = 0; j < observationSize; j++) {
        operations.scale(1 / scaleOf(j), inputGradients[j], inputGradients[j], false);
        scatter(observed[j], inputGradients[j], observationGradients);
      }
      weightGradient.added(t);
    },
  };
}
