import type { NavigationProblem } from "../../envs/index.js";
import { solveLinearQuadratic } from "../../solvers/index.js";
import type { TerminalSpec } from "../trainers/terminal-cost.js";

/** A rule without memory, u = −a·y − b·θ. */
export interface LinearRule {
  /** a, on the observed gradient. */
  readonly onGradient: number;
  /** b. */
  readonly onParameters: number;
}

/**
 * The exact expected cost of T steps of a linear rule on a scalar parabola whose minimum lasts and may be hidden. The
 * second moments of (θ, μ) go as θ ← (1 − Δt(ah + b))θ + Δtah·μ − Δta·ε.
 *
 * @throws Error when the problem is of another kind
 */
export function linearRuleCost(
  problem: NavigationProblem,
  { onGradient: a, onParameters: b }: LinearRule,
  steps: number,
  terminal: TerminalSpec,
): number {
  const { curvature: h, noise, moments } = scalarParts(problem);
  const { mobility, lossWeight, discountRate, timeStep } = problem.objective;
  const pull = -(a * h + b);
  const lure = a * h;
  const spread = (a * noise) ** 2;
  const kept = 1 + timeStep * pull;
  const gained = timeStep * lure;
  let { theta, cross } = moments;
  const { mu } = moments;
  let cost = 0;
  let weight = 1;
  for (let t = 0; t < steps; t++) {
    const effort = pull ** 2 * theta + 2 * pull * lure * cross + lure ** 2 * mu + spread;
    theta = kept ** 2 * theta + 2 * kept * gained * cross + gained ** 2 * mu + timeStep ** 2 * spread;
    cross = kept * cross + gained * mu;
    const loss = (h * (theta - 2 * cross + mu)) / 2;
    cost += weight * timeStep * (effort / (2 * mobility) + lossWeight * loss);
    weight *= Math.exp(-discountRate * timeStep);
  }
  if (terminal === "none") return cost;
  const [[value]] = solveLinearQuadratic(problem).discrete.valueMatrix;
  return cost + (weight * value * (theta - 2 * cross + mu)) / 2;
}

/** h, the noise of its gradient, and Eθ², Eθμ, Eμ² at the start. */
function scalarParts({ landscape, task, observation, start, geometry }: NavigationProblem) {
  const known = landscape.kind === "quadratic" && Array.isArray(landscape.curvature);
  const scalar = known && landscape.dimension === 1 && Object.keys(geometry).length === 0;
  const noise = observation.kind === "gradient" ? observation.noise : 0;
  if (!known || !scalar || task.kind !== "static" || typeof noise !== "number")
    throw new Error(
      "problem: must be a scalar quadratic with a known curvature, a static task and isotropic noise, without geometry",
    );
  const mean = (task.mean ?? landscape.minimum)[0];
  const variance = task.covariance?.[0][0] ?? 0;
  const begin = start.kind === "point" ? start.parameters[0] : start.mean[0];
  const beginVariance = start.kind === "point" ? 0 : start.covariance[0][0];
  const [first] = landscape.curvature as readonly (number | readonly number[])[];
  return {
    curvature: Number(first),
    noise,
    moments: { theta: begin ** 2 + beginVariance, cross: begin * mean, mu: mean ** 2 + variance },
  };
}
