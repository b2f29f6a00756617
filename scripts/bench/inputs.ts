import { defineProblem, type NavigationProblem } from "../../envs/index.js";

/**
 * What every column of a `step` row is given, in whatever language; scripts/bench/native/inputs.h and
 * scripts/bench/jax_peer.py say the same:
 *
 *     θ += Δt·u,  L = ½Σh(θ − μ)²,  cost = Δt(½/η Σu² + k·L),  seen: g = h(θ − μ) (+ σ·N(0,1)) and θ
 *
 * with η = k = 1, a minimum μ that each environment keeps, curvatures h that environments share, and episodes of 200
 * steps: the step that ends one begins the next, at θ = 0. Actions come from an array.
 */
export const environment = { timeStep: 0.1, noise: 0.5, episodeSteps: 200, actionScale: 0.2 } as const;

const salts = { minima: 13, actions: 29, weights: 41, features: 57 } as const;

/** A number in [−1, 1) for each index: no generator, so that every language has it. */
export function inputValue(index: number, purpose: keyof typeof salts): number {
  return ((index * 7919 + salts[purpose]) % 1000) / 500 - 1;
}

/** h of coordinate j. */
export function curvatureOf(j: number): number {
  return 0.5 + (j % 8) / 8;
}

/** μ, `[count, dimension]`. */
export function minimaFor(count: number, dimension: number): Float64Array {
  return Float64Array.from({ length: count * dimension }, (_, i) => inputValue(i, "minima"));
}

/** u, `[count, dimension]`. */
export function actionsFor(count: number, dimension: number): Float64Array {
  const { actionScale } = environment;
  return Float64Array.from({ length: count * dimension }, (_, i) => actionScale * inputValue(i, "actions"));
}

/** The environment as a navigation problem, but for the minima, which are the same everywhere. */
export function stepProblem(dimension: number, noisy: boolean): NavigationProblem {
  const coordinates = Array.from({ length: dimension }, (_, j) => j);
  return defineProblem({
    landscape: { kind: "quadratic", curvature: coordinates.map(curvatureOf) },
    objective: { timeStep: environment.timeStep },
    observation: {
      kind: "gradient",
      noise: noisy ? environment.noise : 0,
      channels: ["gradient", "parameters"],
    },
    start: { kind: "point", parameters: coordinates.map(() => 0) },
  });
}
