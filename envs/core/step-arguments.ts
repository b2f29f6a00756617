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
export function checkStepInto(env: VectorEnv, actions: Numbers, buffers: StepBuffers<Numbers>): void {
  const { numEnvs, actionSpace, observationSpace } = env;
  const { observations, rewards, terminated, truncated, finalObservations = observations } = buffers;
  // Each length at a place of its own: where one place reads those of many kinds of arrays, V8 calls a function for each.
  const fits =
    areNumbers(actions) &&
    actions.length === actionSpace.size &&
    areNumbers(observations) &&
    observations.length === observationSpace.size &&
    areNumbers(rewards) &&
    rewards.length === numEnvs &&
    terminated instanceof Uint8Array &&
    terminated.length === numEnvs &&
    truncated instanceof Uint8Array &&
    truncated.length === numEnvs &&
    areNumbers(finalObservations) &&
    finalObservations.length === observationSpace.size;
  if (!fits) refuse(env, actions, buffers);
}

/** Says which array is the first that does not fit. */
function refuse(
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

function areNumbers(values: Numbers): boolean {
  return values instanceof Float32Array || values instanceof Float64Array;
}

function requireNumbers(name: string, values: Numbers, length: number, shape?: readonly number[]): void {
  if (!areNumbers(values))
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
