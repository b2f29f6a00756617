import type { RenderMode } from "../env.js";
import type { Seed } from "../random.js";
import type { Box } from "../spaces.js";
import type { AutoresetMode, VectorEnv, VectorStepResult } from "../vector-env.js";

/** What a checked kind of environment has to understand. */
export type EnvFactoryOptions = {
  readonly numEnvs: number;
  readonly autoresetMode: AutoresetMode;
  readonly seed: Seed;
  readonly firstIndex?: number;
  readonly maxEpisodeSteps: number | null;
  readonly renderMode?: RenderMode;
};

/** Makes batches of one kind of environment. */
export type EnvFactory = (options: EnvFactoryOptions) => VectorEnv;

export const modes: readonly AutoresetMode[] = ["next-step", "same-step", "disabled"];

/** Actions that lie in the space, move, and differ from step to step and from environment to environment. */
export function actionsAt(
  { singleActionSpace: space, numEnvs }: Pick<VectorEnv, "singleActionSpace" | "numEnvs">,
  t: number,
): Float64Array {
  return Float64Array.from({ length: numEnvs * space.size }, (_, i) =>
    inside(space, i % space.size, Math.sin(1 + t + 0.3 * i)),
  );
}

/** A number of [−1, 1] in the range of an entry. */
function inside({ low, high }: Box, j: number, wave: number): number {
  if (Number.isFinite(low[j]) && Number.isFinite(high[j]))
    return low[j] + ((wave + 1) / 2) * (high[j] - low[j]);
  if (Number.isFinite(low[j])) return low[j] + 1 + wave;
  return Number.isFinite(high[j]) ? high[j] - 1 - wave : wave;
}

export function rowOf(values: ArrayLike<number>, n: number, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, j) => values[n * size + j]);
}

/** Steps a batch, resetting by hand what has ended where nobody else does it. */
export function play(
  env: VectorEnv,
  steps: number,
  actions: (t: number) => Float64Array = (t) => actionsAt(env, t),
): VectorStepResult[] {
  let ended: boolean[] = [];
  return Array.from({ length: steps }, (_, t) => {
    if (env.metadata.autoresetMode === "disabled" && ended.includes(true))
      env.reset({ options: { resetMask: ended } });
    const result = env.step(actions(t));
    ended = endedOf(result);
    return result;
  });
}

export function endedOf({
  terminated,
  truncated,
}: Pick<VectorStepResult, "terminated" | "truncated">): boolean[] {
  return Array.from(terminated, (over, n) => over + truncated[n] > 0);
}

/** A copy that later writes do not reach. */
export function copyOf<Value>(value: Value): Value {
  if (value instanceof Float64Array || value instanceof Uint8Array) return value.slice() as Value;
  if (Array.isArray(value)) return value.map(copyOf) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, copyOf(entry)])) as Value;
}
