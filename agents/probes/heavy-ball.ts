import type { NavigationProblem, Policy, Seed } from "../../envs/index.js";
import { linearFit } from "./statistics.js";
import { recordStream, respond } from "./streams.js";

/** v ← βv − α∇L, θ ← θ + v: what a push a = −κ₁θ − κ₂v on the velocity amounts to, step by step. */
export interface HeavyBall {
  /** β = 1 − Δt(c + κ₂). */
  readonly momentum: number;
  /** α = Δt²κ₁/h, θ²/loss. */
  readonly learningRate: number;
}

/** The heavy ball of a pair of gains, with friction c and curvature h. */
export function heavyBallOf(
  { objective: { timeStep }, geometry, landscape }: NavigationProblem,
  [position, velocity]: readonly number[],
): HeavyBall {
  if (!geometry.drift || landscape.kind !== "quadratic")
    throw new Error("heavyBallOf: needs a drift of position and velocity on a quadratic, got neither");
  const friction = -geometry.drift.matrix[1][1];
  const [row] = landscape.curvature as readonly (number | readonly number[])[];
  const curvature = typeof row === "number" ? row : row[0];
  return {
    momentum: 1 - timeStep * (friction + velocity),
    learningRate: (timeStep ** 2 * position) / curvature,
  };
}

/**
 * Fits a = −κ₁θ − κ₂v to what a policy does where a reference takes it, and reads the heavy ball off it. The state is
 * the position and the velocity.
 */
export function heavyBallFit(
  problem: NavigationProblem,
  policy: Policy,
  reference: Policy,
  {
    seed,
    episodes = 256,
    steps = 40,
  }: { readonly seed: Seed; readonly episodes?: number; readonly steps?: number },
): HeavyBall {
  const stream = recordStream(problem, reference, { episodes, steps, seed });
  const states = stream.observations.flatMap((seen) => Array.from(seen));
  const column = (offset: number) => states.filter((_, i) => i % 2 === offset);
  const actions = respond(policy, stream).flatMap((action) => Array.from(action));
  const [position, velocity] = linearFit([column(0), column(1)], actions);
  return heavyBallOf(problem, [-position, -velocity]);
}
