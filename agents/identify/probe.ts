import {
  actionOf,
  channelOffset,
  deriveKey,
  dimensionOf,
  layoutOf,
  type NavigationProblem,
  normalAt,
  observationSizeOf,
  type Policy,
  type RandomKey,
  rootKey,
  type Seed,
  uniformAt,
} from "../../envs/index.js";
import { respond } from "../probes/streams.js";

export interface ProbeOptions {
  /** Of the gradients and parameters that the policy is shown. Default 0. */
  readonly seed?: Seed;
  /** Middle of the three sizes of gradients, 1/100 to 100 times it, loss/θ. Default 1. */
  readonly gradientScale?: number;
  /** Standard deviation of the parameters, θ. Default 1. */
  readonly parameterScale?: number;
}

/** What a policy was shown and did: one row-major `[episodes, d]` array a step. */
export interface Recording {
  readonly episodes: number;
  readonly dimension: number;
  readonly gradients: readonly Float64Array[];
  readonly parameters: readonly Float64Array[];
  /** What the action adds to θ: u·Δt. */
  readonly increments: readonly Float64Array[];
}

/** Steps of every episode; the pulse is given at step `PULSE`. */
const STEPS = 48;
export const PULSE = 4;

/** Sizes of gradients, in units of `gradientScale`. */
const SCALES = [0.01, 1, 100];
/** Random episodes of each size in each half. */
export const PER_SCALE = 8;
const HALF = SCALES.length * PER_SCALE;

/** The episodes that answer one question each, after the two random halves. */
export const QUESTIONS = ["base", "tenfold", "elsewhere", "pulse", "counterPulse"] as const;
/** Steps from one repetition of the first observation to the next. */
export const REPEAT = 8;
/** How the size of a random gradient changes from quarter to quarter, so that memories of size show. */
const QUARTERS = [1, 3, 1 / 3, 1];
/** Gradients around the pulse, relative to it: not 0, where some rules divide by their size. */
const SILENCE = 1e-6;

export interface Answers {
  /** Where hyperparameters are fitted, and where the fit is judged. */
  readonly fitted: Recording;
  readonly heldOut: Recording;
  readonly questions: Readonly<Record<(typeof QUESTIONS)[number], Recording>>;
}

/**
 * Shows a policy gradients and parameters that do not react to it. Random episodes have a mean that changes sign
 * halfway, noise, and coordinates of different size; parameters are drawn anew at every step.
 *
 * @throws Error when the problem shows other channels than gradient and parameters, its action is not a velocity of
 * every parameter, a scale is not positive, or the policy's answer not finite
 */
export function probe(policy: Policy, problem: NavigationProblem, options: ProbeOptions = {}): Answers {
  const d = dimensionOf(problem);
  check(problem, options);
  const episodes = 2 * HALF + QUESTIONS.length;
  const shown = Array.from({ length: STEPS }, (_, t) => ({
    gradients: new Float64Array(episodes * d),
    parameters: new Float64Array(episodes * d),
    t,
  }));
  const root = rootKey(options.seed ?? 0);
  for (const step of shown) draw(step, d, root, options);
  const observe = observer(problem);
  const observations = shown.map(({ gradients, parameters }) => observe(gradients, parameters));
  const observationSize = observationSizeOf(problem);
  const actions = respond(policy, { episodes, observationSize, actionSize: d, observations });
  const { timeStep } = problem.objective;
  const all: Recording = {
    episodes,
    dimension: d,
    gradients: shown.map(({ gradients }) => gradients),
    parameters: shown.map(({ parameters }) => parameters),
    increments: actions.map((action, t) => finite(action, t).map((u) => u * timeStep)),
  };
  const questions = QUESTIONS.map((name, q) => [name, part(all, 2 * HALF + q, 1)]);
  return {
    fitted: part(all, 0, HALF),
    heldOut: part(all, HALF, HALF),
    questions: Object.fromEntries(questions) as Answers["questions"],
  };
}

function check(problem: NavigationProblem, { gradientScale = 1, parameterScale = 1 }: ProbeOptions): void {
  for (const [name, scale] of Object.entries({ gradientScale, parameterScale }))
    if (!(scale > 0 && scale < Infinity)) throw new Error(`${name}: must be > 0, got ${scale}`);
  const { kind } = actionOf(problem);
  if (kind !== "velocity") throw new Error(`action.kind: must be "velocity" to be probed, got "${kind}"`);
  if (problem.geometry.control)
    throw new Error("geometry.control: must be absent to be probed: a rule moves every parameter");
}

function part(
  { dimension: d, gradients, parameters, increments }: Recording,
  first: number,
  episodes: number,
) {
  const cut = (steps: readonly Float64Array[]) =>
    steps.map((values) => values.subarray(first * d, (first + episodes) * d));
  return {
    episodes,
    dimension: d,
    gradients: cut(gradients),
    parameters: cut(parameters),
    increments: cut(increments),
  };
}

interface ShownStep {
  readonly gradients: Float64Array;
  readonly parameters: Float64Array;
  readonly t: number;
}

function draw(
  { gradients, parameters, t }: ShownStep,
  d: number,
  root: RandomKey,
  { gradientScale = 1, parameterScale = 1 }: ProbeOptions,
): void {
  const [gradientKey, parameterKey] = [deriveKey(root, 1), deriveKey(root, 2)];
  const place = (i: number) => parameterScale * normalAt(parameterKey, i, t);
  for (let i = 0; i < 2 * HALF * d; i++) {
    const group = Math.floor(i / (PER_SCALE * d)) % SCALES.length;
    gradients[i] = gradientScale * SCALES[group] * randomGradient(gradientKey, i, t);
    parameters[i] = place(i);
  }
  for (let q = 0; q < QUESTIONS.length; q++) {
    for (let j = 0; j < d; j++) {
      const i = (2 * HALF + q) * d + j;
      gradients[i] = gradientScale * questionGradient(QUESTIONS[q], gradientKey, 2 * HALF * d + j, t);
      parameters[i] = QUESTIONS[q] === "elsewhere" ? place(i) : 0;
    }
  }
}

function randomGradient(key: RandomKey, index: number, t: number): number {
  const size = 10 ** (uniformAt(key, index, STEPS) - 0.5) * QUARTERS[Math.floor((4 * t) / STEPS)];
  const mean = normalAt(key, index, STEPS + 1) * (t < STEPS / 2 ? 1 : -1);
  return size * (mean + normalAt(key, index, t));
}

/** Every so often the first three repeat their first step, so that only a memory can answer it differently. */
function questionGradient(
  question: (typeof QUESTIONS)[number],
  key: RandomKey,
  index: number,
  t: number,
): number {
  if (question === "pulse" || question === "counterPulse") {
    const pulse = question === "pulse" ? 1 : -1;
    return (t === PULSE ? pulse : 0) + SILENCE * normalAt(key, index, t);
  }
  return (question === "tenfold" ? 10 : 1) * randomGradient(key, index, t % REPEAT === 0 ? 0 : t);
}

function observer(problem: NavigationProblem) {
  const d = dimensionOf(problem);
  const other = layoutOf(problem).find(({ channel }) => channel !== "gradient" && channel !== "parameters");
  if (other)
    throw new Error(
      `observation: must show only "gradient" and "parameters" to be probed, got "${other.channel}"`,
    );
  const size = observationSizeOf(problem);
  const gradientOffset = channelOffset(problem, "gradient");
  const parametersOffset = size > d ? channelOffset(problem, "parameters") : undefined;
  return (gradients: Float64Array, parameters: Float64Array) => {
    const episodes = gradients.length / d;
    const seen = new Float64Array(episodes * size);
    for (let n = 0; n < episodes; n++) {
      seen.set(gradients.subarray(n * d, (n + 1) * d), n * size + gradientOffset);
      if (parametersOffset !== undefined)
        seen.set(parameters.subarray(n * d, (n + 1) * d), n * size + parametersOffset);
    }
    return seen;
  };
}

function finite(action: Float64Array, t: number): Float64Array {
  const wrong = action.find((u) => !Number.isFinite(u));
  if (wrong !== undefined)
    throw new Error(`policy: must answer finite gradients with finite actions, got ${wrong} at step ${t}`);
  return action;
}
