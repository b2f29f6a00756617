import type { ColumnName } from "./contender.js";
import { curvatureOf, environment, minimaFor } from "./inputs.js";
import type { Peer } from "./peer.js";
import type { StepContender, StepShape } from "./step-contender.js";

const TRACED_STEPS = 20;
/** Between columns in float64 and in float32; costs are sums over the coordinates, and compared by size. */
const TOLERANCE = 2e-6;
/** In standard errors, of the mean and of the variance of the noise. */
const SIGMAS = 5;
/** Within the first episode, whose minima are known. */
const LEAST_DRAWS = 4e5;

/**
 * Whether the columns of a row do the same, before they are timed: with exact gradients, the costs and observations of
 * eight environments; with noise, its mean and variance.
 *
 * @throws when they do not, naming row, columns and numbers
 */
export async function verifyStep(
  id: string,
  shape: StepShape,
  own: Partial<Record<ColumnName, StepContender>>,
  peers: Partial<Record<ColumnName, Peer | null>>,
): Promise<void> {
  const entries = Object.entries(own) as [ColumnName, StepContender][];
  const present = Object.entries(peers).filter((entry): entry is [ColumnName, Peer] => !!entry[1]);
  const { count, dimension, noise } = shape;
  if (noise) {
    const steps = Math.min(environment.episodeSteps - 1, Math.ceil(LEAST_DRAWS / (count * dimension)));
    const draws = steps * count * dimension;
    for (const [name, contender] of entries)
      checkNoise(`${id} ${name}`, noiseMoments(shape, contender, steps), draws);
    for (const [name, peer] of present)
      checkNoise(`${id} ${name}`, await peer.ask(`moments ${dimension} ${count} ${steps}`), draws);
    return;
  }
  for (const [, contender] of entries) contender.run(TRACED_STEPS);
  const [[firstName, first], ...others] = entries;
  const expected = traceOf(shape, first);
  const compare = (name: string, trace: readonly number[]) =>
    checkEqual(`${id}: ${name} beside ${firstName}`, trace, expected);
  for (const [name, contender] of others) compare(name, traceOf(shape, contender));
  for (const [name, peer] of present)
    compare(name, await peer.ask(`trace ${dimension} ${count} ${TRACED_STEPS}`));
}

/** Cost, seen gradient and parameters of the first and the last four environments. */
function traceOf({ count, dimension }: StepShape, contender: StepContender): readonly number[] {
  const coordinates = Array.from({ length: dimension }, (_, j) => j);
  return [0, 1, 2, 3, count - 4, count - 3, count - 2, count - 1].flatMap((n) => [
    contender.cost(n),
    ...coordinates.map((j) => contender.gradient(n, j)),
    ...coordinates.map((j) => contender.parameter(n, j)),
  ]);
}

export function checkEqual(
  what: string,
  got: readonly number[],
  expected: readonly number[],
  tolerance = TOLERANCE,
): void {
  if (got.length !== expected.length)
    throw new Error(`${what}: ${got.length} numbers, not ${expected.length}`);
  for (const [i, value] of got.entries()) {
    const size = Math.max(1, Math.abs(expected[i]));
    if (!(Math.abs(value - expected[i]) <= tolerance * size))
      throw new Error(`${what}: number ${i} is ${value}, not ${expected[i]}`);
  }
}

/** Mean and variance of (g − h(θ − μ))/σ. */
function noiseMoments(shape: StepShape, contender: StepContender, steps: number): readonly number[] {
  const { count, dimension } = shape;
  const minima = minimaFor(count, dimension);
  let [sum, squares] = [0, 0];
  for (let t = 0; t < steps; t++) {
    contender.run(1);
    for (let i = 0; i < count * dimension; i++) {
      const [n, j] = [Math.floor(i / dimension), i % dimension];
      const slope = curvatureOf(j) * (contender.parameter(n, j) - minima[i]);
      const noise = (contender.gradient(n, j) - slope) / environment.noise;
      sum += noise;
      squares += noise * noise;
    }
  }
  const mean = sum / (steps * count * dimension);
  return [mean, squares / (steps * count * dimension) - mean * mean];
}

function checkNoise(what: string, [mean, variance]: readonly number[], draws: number): void {
  if (!(Math.abs(mean) < SIGMAS / Math.sqrt(draws) && Math.abs(variance - 1) < SIGMAS * Math.sqrt(2 / draws)))
    throw new Error(`${what}: the noise has mean ${mean} and variance ${variance}, not 0 and 1`);
}
