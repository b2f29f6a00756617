import { show } from "./arguments.js";
import type { Numbers } from "./finite.js";
import type { StepBuffers, VectorEnv } from "./vector-env.js";

/**
 * A copy of the actions of a step.
 *
 * @throws Error when they are not an array of numbers of the right length
 */
export function copyOfActions(actions: ArrayLike<number>, { actionSpace }: VectorEnv): Float64Array {
  if (!Array.isArray(actions) && !isTyped(actions))
    throw new Error(`step: actions must be an array of numbers, got ${show(actions)}`);
  requireLength("step", "actions", actions, actionSpace.size, actionSpace.shape);
  if (isTyped(actions)) return new Float64Array(actions);
  const wrong = Array.from(actions).findIndex((value) => typeof value !== "number");
  if (wrong >= 0) throw new Error(`step: actions[${wrong}] must be a number, got ${show(actions[wrong])}`);
  return new Float64Array(actions);
}

/** Whether these are numbers whatever they are; big integers are not. */
function isTyped(values: ArrayLike<number>): boolean {
  return ArrayBuffer.isView(values) && !/DataView|BigInt/.test(values.constructor.name);
}

/**
 * Whether `stepInto` can begin: nothing may have happened when it throws.
 *
 * @throws Error when an array is of another kind or length than it has to be
 */
export function checkStepInto(
  { numEnvs, actionSpace, observationSpace: { size, shape } }: VectorEnv,
  actions: Numbers,
  buffers: StepBuffers<Numbers>,
): void {
  requireNumbers("actions", actions, actionSpace.size, actionSpace.shape);
  requireNumbers("observations", buffers.observations, size, shape);
  requireNumbers("rewards", buffers.rewards, numEnvs);
  requireFlags("terminated", buffers.terminated, numEnvs);
  requireFlags("truncated", buffers.truncated, numEnvs);
  if (buffers.finalObservations !== undefined)
    requireNumbers("finalObservations", buffers.finalObservations, size, shape);
}

function requireNumbers(name: string, values: Numbers, length: number, shape?: readonly number[]): void {
  if (!(values instanceof Float64Array || values instanceof Float32Array))
    throw new Error(`stepInto: ${name} must be a Float64Array or Float32Array, got ${show(values)}`);
  requireLength("stepInto", name, values, length, shape);
}

function requireFlags(name: string, values: Uint8Array, length: number): void {
  if (!(values instanceof Uint8Array))
    throw new Error(`stepInto: ${name} must be a Uint8Array, got ${show(values)}`);
  requireLength("stepInto", name, values, length);
}

function requireLength(
  method: string,
  name: string,
  values: ArrayLike<number>,
  length: number,
  shape?: readonly number[],
): void {
  if (values.length === length) return;
  const product = shape ? ` (${shape.join(" × ")})` : "";
  throw new Error(`${method}: ${name} must have length ${length}${product}, got ${values.length}`);
}
