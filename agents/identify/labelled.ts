import { defineProblem, type NavigationProblem, type Policy, type Seed } from "../../envs/index.js";
import { type Draws, drawsOf } from "./draws.js";
import { strangers } from "./strangers.js";
import { textbook } from "./textbook.js";

/** A way to draw policies whose rule is known. */
export interface Kind {
  /** The name that `identify` should give them. */
  readonly label: string;
  /** Whether the action goes on after a gradient; undefined where nobody says. */
  readonly hasMomentum?: boolean;
  readonly make: (problem: NavigationProblem, draws: Draws) => Policy;
}

export interface LabelledPolicy extends Omit<Kind, "make"> {
  readonly policy: Policy;
}

/** Its curvature and metric tell gradient descent, natural gradient, Newton and the ballistic rule apart. */
export const labelledProblem: NavigationProblem = defineProblem({
  landscape: {
    kind: "quadratic",
    curvature: [
      [2, 0.5],
      [0.5, 0.6],
    ],
  },
  geometry: {
    metric: [
      [1, -0.3],
      [-0.3, 2],
    ],
  },
  observation: { kind: "gradient", noise: 0, channels: ["gradient", "parameters"] },
});

/** `each` policies of every kind in the books, and of every kind that is in none. */
export function labelledPolicies(seed: Seed, each: number): LabelledPolicy[] {
  return [...textbook, ...strangers].flatMap(({ make, ...label }, k) =>
    Array.from({ length: each }, (_, i) => ({
      ...label,
      policy: make(labelledProblem, drawsOf(seed, 1000 * k + i)),
    })),
  );
}
