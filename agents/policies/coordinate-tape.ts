import { type Kernels, type Numbers, padLanes, partition, slices } from "../kernels/kernels.js";
import { carried } from "./carried.js";
import { type Block, type CoordinateLayout, gather, scatter, spread } from "./coordinates.js";
import { gradientSum } from "./gradient-sum.js";
import type { PolicyTape } from "./model.js";
import type { Network, NetworkTape } from "./network.js";

/** One step of one channel over all lanes: what was seen, or its gradient. */
export interface Observed {
  readonly gradient: Numbers;
  readonly parameters: Numbers;
}

/** The same with what no gradient goes back through. */
export interface Seen extends Observed {
  /** 1 where the task has just changed; empty when no cue is shown. */
  readonly cue: Numbers;
}

/**
 * What a model puts around its network: inputs made from the observations, whatever the weights, and actions made from the outputs.
 * Everything is lane-major. `t` counts the steps of the episode; at most `steps` of them are recorded.
 */
export interface Head {
  /** Fills the network's inputs, all lanes. */
  observe(t: number, seen: Seen): void;
  /** Makes the actions, `[lanes]`; of what is kept it may overwrite the network's outputs alone, by what `actBackward` needs. */
  act(t: number, seen: Seen, actions: Numbers): void;
  /** From ∂J/∂actions: writes the network's output gradient, and adds its direct part of ∂J/∂seen. */
  actBackward(t: number, seen: Seen, actionGradient: Numbers, seenGradient: Observed): void;
  /** From the network's input gradient: adds the rest of ∂J/∂seen. */
  observeBackward(t: number, seen: Seen, seenGradient: Observed): void;
  /** Each by slot: what later steps depend on. Absent: nothing. */
  readonly memories?: readonly (readonly Numbers[])[];
  /** Empties the memory for a step 0. */
  reset(): void;
  /** Multiplies the gradient carried back through the memory; 0 forgets it. */
  scaleCarried(factor: number): void;
}

/** A head before it has memory. */
export interface HeadModel {
  /** Lengths of the arrays that it works in. */
  lengths(lanes: number, steps: number): readonly number[];
  /** Given its network and those arrays, zeros all. */
  instantiate(lanes: number, network: NetworkTape, arrays: readonly Numbers[]): Head;
}

/** Gradients beyond it are cut off, so that float32 can hold their squares. */
export const LARGEST_GRADIENT = 1e18;

/** Applies a network with its head to every coordinate of a batch. */
export function coordinateTape(
  layout: CoordinateLayout,
  network: Network,
  headModel: HeadModel,
  kernels: Kernels,
  batch: number,
  steps: number,
): PolicyTape {
  const { dimension, observationSize, gradientOffset, parametersOffset, cueOffset } = layout;
  const lanes = padLanes(batch * dimension);
  const recorded = (steps + 1) * lanes;
  const cued = cueOffset === undefined ? 0 : recorded;
  const lengths = [recorded, recorded, cued, lanes, lanes, lanes, ...headModel.lengths(lanes, steps)];
  const tape = network.instantiate(kernels, lanes, steps, sum(lengths));
  const [gradients, parameters, cues, gradientGradient, parametersGradient, actionLanes, ...headArrays] =
    partition(tape.extra, lengths);
  const head = headModel.instantiate(lanes, tape, headArrays);
  const parameterSlots = slices(parameters, lanes);
  const cueSlots = slices(cues, lanes);
  const seenAt = slices(gradients, lanes).map(
    (gradient, slot): Seen => ({ gradient, parameters: parameterSlots[slot], cue: cueSlots[slot] ?? cues }),
  );
  const seenGradient: Observed = { gradient: gradientGradient, parameters: parametersGradient };
  const weightGradient = gradientSum(tape.parameterGradient);
  const rows = { batch, dimension, rowSize: observationSize };
  const gradientBlock: Block = { ...rows, offset: gradientOffset };
  const parametersBlock: Block = { ...rows, offset: parametersOffset ?? 0 };
  const cueBlock: Block = { ...rows, offset: cueOffset ?? 0 };
  const actionBlock: Block = { batch, dimension, rowSize: dimension, offset: 0 };
  const carry = carried();
  const decide = (t: number, actions: Numbers) => {
    tape.forward(t);
    head.act(t, seenAt[tape.slotOf(t)], actionLanes);
    scatter(actionBlock, actionLanes, actions);
  };

  return {
    get parameterGradient() {
      return weightGradient.read();
    },
    memoryBefore(t) {
      const slot = tape.slotOf(t - 1);
      return [tape.memories, ...(head.memories ?? [])].flatMap((memories) =>
        memories ? [memories[slot]] : [],
      );
    },
    setParameters: (values) => tape.parameters.set(values),
    reset() {
      head.reset();
      tape.reset();
      weightGradient.clear();
    },
    forward(t, observations, actions) {
      const seen = seenAt[tape.slotOf(t)];
      gather(gradientBlock, observations, seen.gradient);
      tape.operations.clamp(LARGEST_GRADIENT, seen.gradient);
      if (parametersOffset !== null) gather(parametersBlock, observations, seen.parameters);
      if (cueOffset !== undefined) spread(cueBlock, observations, seen.cue);
      head.observe(t, seen);
      decide(t, actions);
      carry.forward();
    },
    ...(!tape.memories && { forwardAgain: decide }),
    backward(t, actionGradients, observationGradients, discount = 1) {
      const factor = carry.factor(t, discount);
      head.scaleCarried(factor);
      tape.scaleCarried(factor);
      const seen = seenAt[tape.slotOf(t)];
      gradientGradient.fill(0);
      parametersGradient.fill(0);
      actionLanes.fill(0, batch * dimension);
      gather(actionBlock, actionGradients, actionLanes);
      head.actBackward(t, seen, actionLanes, seenGradient);
      tape.backward(t);
      head.observeBackward(t, seen, seenGradient);
      observationGradients.fill(0);
      scatter(gradientBlock, gradientGradient, observationGradients);
      if (parametersOffset !== null) scatter(parametersBlock, parametersGradient, observationGradients);
      weightGradient.added(t);
    },
  };
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}
