import {
  Box,
  deriveKey,
  Episodes,
  normalAt,
  rootKey,
  type Seed,
  streams,
  type World,
} from "../../envs/index.js";
import { type RiccatiSolution, solveDiscrete } from "../../solvers/index.js";

const timeStep = 0.1;
const discountRate = 0.1;
const curvature = [1, 0.1];

/** ρ = e^{−γΔt}. */
export const discount = Math.exp(-discountRate * timeStep);

/** A mass that is pushed: p' = p + Δt·v, v' = v + Δt·a. Cost Δt·[½a² + ½(p'² + 0.1·v'²)]; p and v start as N(0, 1). */
class DoubleIntegrator implements World<{ readonly speed: number }> {
  readonly observationSpace = new Box({ shape: [2] });
  readonly actionSpace = new Box({ shape: [1] });
  readonly anyTerminated = false;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  private readonly states: Float64Array;
  private readonly episodes: Int32Array;
  private key = rootKey(0);

  constructor(readonly numEnvs: number) {
    this.rewards = new Float64Array(numEnvs);
    this.terminated = new Uint8Array(numEnvs);
    this.states = new Float64Array(2 * numEnvs);
    this.episodes = new Int32Array(numEnvs);
  }

  reset(seed: Seed | undefined): void {
    if (seed !== undefined) {
      this.key = deriveKey(rootKey(seed), streams.start);
      this.episodes.fill(0);
    }
    for (let n = 0; n < this.numEnvs; n++) this.begin(n);
  }

  begin(n: number): void {
    for (let j = 0; j < 2; j++) this.states[2 * n + j] = normalAt(this.key, 2 * n + j, this.episodes[n]);
    this.episodes[n]++;
  }

  advance(actions: ArrayLike<number>): void {
    const { states, rewards, numEnvs } = this;
    for (let n = 0; n < numEnvs; n++) {
      const [i, j] = [2 * n, 2 * n + 1];
      states[i] += timeStep * states[j];
      states[j] += timeStep * actions[n];
      const loss = curvature[0] * states[i] ** 2 + curvature[1] * states[j] ** 2;
      rewards[n] = -0.5 * timeStep * (actions[n] ** 2 + loss);
    }
  }

  observe(observations: Float64Array): void {
    observations.set(this.states);
  }

  infos() {
    return { speed: Float64Array.from({ length: this.numEnvs }, (_, n) => this.info(n).speed) };
  }

  info(n: number) {
    return { speed: Math.abs(this.states[2 * n + 1]) };
  }

  describe(n: number): string {
    return `position ${this.states[2 * n]}, velocity ${this.states[2 * n + 1]}`;
  }
}

export function doubleIntegrator(
  numEnvs: number,
  maxEpisodeSteps: number,
): Episodes<{ readonly speed: number }> {
  return new Episodes(new DoubleIntegrator(numEnvs), { maxEpisodeSteps, autoresetMode: "same-step" });
}

/** The optimum of the unending problem: a = −gain·(p, v). */
export function doubleIntegratorOptimum(): RiccatiSolution {
  return solveDiscrete({
    drift: [
      [0, 1],
      [0, 0],
    ],
    offset: [0, 0],
    control: [[0], [1]],
    metric: [[1]],
    curvature: [
      [curvature[0], 0],
      [0, curvature[1]],
    ],
    minimum: [0, 0],
    ...{ mobility: 1, lossWeight: 1, discountRate, timeStep },
  });
}
