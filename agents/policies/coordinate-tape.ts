import { type Kernels, type Numbers, padLanes, slices } from "../kernels/kernels.js";
import { type Block, type CoordinateLayout, gather, scatter } from "./coordinates.js";
import type { PolicyTape } from "./model.js";
import type { Network, NetworkTape } from "./network.js";

/** One step of one channel over all lanes: what was seen, and its gradient. */
export interface Observed {
  readonly gradient: Float64Array;
  readonly parameters: Float64Array;
}

/**
 * What a model puts around its network: inputs made from the observations, actions made from the outputs.
 * Everything is lane-major. `t` counts the steps of the episode; at most `steps` of them are recorded.
 */
export interface Head {
  /** Fills the network's inputs, `[inputs, lanes]`, all lanes. */
  observe(t: number, seen: Observed, inputs: Numbers): void;
  /** Makes the actions, `[lanes]`; may overwrite the outputs by what `actBackward` needs. */
  act(t: number, seen: Observed, outputs: Numbers, actions: Float64Array): void;
  /** From ∂J/∂actions: writes ∂J/∂outputs, and its direct part of ∂J/∂seen. */
  actBackward(
    t: number,
    seen: Observed,
    outputs: Numbers,
    actionGradients: Float64Array,
    outputGradient: Numbers,
    seenGradient: Observed,
  ): void;
  /** From ∂J/∂inputs: adds the rest of ∂J/∂seen. */
  observeBackward(t: number, seen: Observed, inputGradient: Numbers, seenGradient: Observed): void;
  /** Empties the memory for a step 0. */
  reset(): void;
  /** Multiplies the gradient carried back through the memory; 0 forgets it. */
  scaleCarried(factor: number): void;
}

/** Makes the head of a model for `lanes` lanes, `steps` recorded steps and the operations of the network. */
export type HeadMaker = (lanes: number, steps: number, tape: NetworkTape) => Head;

/** Applies a network with its head to every coordinate of a batch. */
export function coordinateTape(
  layout: CoordinateLayout,
  network: Network,
  makeHead: HeadMaker,
  kernels: Kernels,
  batch: number,
  steps: number,
): PolicyTape {
  const { dimension, observationSize, gradientOffset, parametersOffset } = layout;
  const lanes = padLanes(batch * dimension);
  const tape = network.instantiate(kernels, lanes, steps);
  const head = makeHead(lanes, steps, tape);
  const gradients = slices(new Float64Array(steps * lanes), lanes);
  const parameters = slices(new Float64Array((parametersOffset === null ? 1 : steps) * lanes), lanes);
  const seenAt = gradients.map(
    (gradient, t): Observed => ({ gradient, parameters: parameters[t % parameters.length] }),
  );
  const seenGradient = { gradient: new Float64Array(lanes), parameters: new Float64Array(lanes) };
  const actionLanes = new Float64Array(lanes);
  const parameterGradient = new Float64Array(network.parameterCount);
  const rows = { batch, dimension, rowSize: observationSize };
  const gradientBlock: Block = { ...rows, offset: gradientOffset };
  const parametersBlock: Block = { ...rows, offset: parametersOffset ?? 0 };
  const actionBlock: Block = { batch, dimension, rowSize: dimension, offset: 0 };
  let previousBackward = 0;

  return {
    parameterGradient,
    setParameters: (values) => tape.parameters.set(values),
    reset() {
      head.reset();
      tape.reset();
      parameterGradient.fill(0);
    },
    forward(t, observations, actions) {
      const seen = seenAt[t % steps];
      gather(gradientBlock, observations, seen.gradient);
      if (parametersOffset !== null) gather(parametersBlock, observations, seen.parameters);
      head.observe(t, seen, tape.inputsAt(t));
      tape.forward(t);
      head.act(t, seen, tape.outputsAt(t), actionLanes);
      scatter(actionBlock, actionLanes, actions);
      previousBackward = 0;
    },
    backward(t, actionGradients, observationGradients, discount = 1) {
      const carriedBy = previousBackward === t + 1 ? discount : 0;
      head.scaleCarried(carriedBy);
      tape.scaleCarried(carriedBy);
      previousBackward = t;
      const seen = seenAt[t % steps];
      actionLanes.fill(0, batch * dimension);
      gather(actionBlock, actionGradients, actionLanes);
      head.actBackward(t, seen, tape.outputsAt(t), actionLanes, tape.outputGradient, seenGradient);
      tape.backward(t);
      head.observeBackward(t, seen, tape.inputGradient, seenGradient);
      observationGradients.fill(0);
      scatter(gradientBlock, seenGradient.gradient, observationGradients);
      if (parametersOffset !== null) scatter(parametersBlock, seenGradient.parameters, observationGradients);
      moveSum(tape.parameterGradient, parameterGradient);
    },
  };
}

/** Adds up in float64 from step to step, whatever the kernels add up in within one. */
function moveSum(from: Numbers, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += from[i];
  from.fill(0);
}
