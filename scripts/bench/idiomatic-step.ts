import { inline } from "./contender.js";
import { actionsFor, curvatureOf, environment, minimaFor } from "./inputs.js";
import type { StepContender, StepShape } from "./step-contender.js";

interface StepResult {
  observation: number[];
  cost: number;
  truncated: boolean;
}

/** What one writes first: an object for each environment, with fresh arrays each step. */
class QuadraticEnv {
  private parameters: number[];
  private steps = 0;
  private readonly curvature: readonly number[];
  private readonly minimum: readonly number[];
  private readonly noise: number;
  private readonly random: () => number;

  constructor(curvature: readonly number[], minimum: readonly number[], noise: number, seed: number) {
    this.curvature = curvature;
    this.noise = noise;
    this.random = gaussians(seed);
    this.parameters = curvature.map(() => 0);
    this.minimum = minimum;
  }

  reset(): number[] {
    this.parameters = this.curvature.map(() => 0);
    this.steps = 0;
    return this.observe();
  }

  step(action: readonly number[]): StepResult {
    this.parameters = this.parameters.map((x, j) => x + environment.timeStep * action[j]);
    this.steps++;
    const loss = this.parameters.reduce(
      (sum, x, j) => sum + 0.5 * this.curvature[j] * (x - this.minimum[j]) ** 2,
      0,
    );
    const effort = action.reduce((sum, u) => sum + 0.5 * u ** 2, 0);
    const cost = environment.timeStep * (effort + loss);
    return { observation: this.observe(), cost, truncated: this.steps >= environment.episodeSteps };
  }

  private observe(): number[] {
    const gradient = this.parameters.map((x, j) => {
      const exact = this.curvature[j] * (x - this.minimum[j]);
      return this.noise > 0 ? exact + this.noise * this.random() : exact;
    });
    return [...gradient, ...this.parameters];
  }
}

/** Box-Muller on a linear congruential generator. */
function gaussians(seed: number): () => number {
  let state = seed >>> 0;
  let spare: number | null = null;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

export function idiomaticStepContender({ count, dimension, noise }: StepShape): StepContender {
  const curvature = Array.from({ length: dimension }, (_, j) => curvatureOf(j));
  const sigma = noise ? environment.noise : 0;
  const rowsOf = (flat: Float64Array) =>
    Array.from({ length: count }, (_, n) => Array.from(flat.subarray(n * dimension, (n + 1) * dimension)));
  const envs = rowsOf(minimaFor(count, dimension)).map(
    (minimum, n) => new QuadraticEnv(curvature, minimum, sigma, 7919 * n + 1),
  );
  const actions = rowsOf(actionsFor(count, dimension));
  let observations = envs.map((env) => env.reset());
  let costs: number[] = [];
  const step = () => {
    const results = envs.map((env, n) => env.step(actions[n]));
    costs = results.map(({ cost }) => cost);
    observations = results.map(({ observation, truncated }, n) =>
      truncated ? envs[n].reset() : observation,
    );
  };
  return {
    ...inline((iterations) => {
      for (let i = 0; i < iterations; i++) step();
    }),
    cost: (n) => costs[n],
    gradient: (n, j) => observations[n][j],
    parameter: (n, j) => observations[n][dimension + j],
  };
}
