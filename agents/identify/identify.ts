import { defineProblem, type NavigationProblem, type Policy } from "../../envs/index.js";
import { allows, type Hyperparameters } from "./candidate.js";
import { candidatesFor } from "./candidates.js";
import { type Fit, fit, prepare } from "./fit.js";
import { type ProbeOptions, probe } from "./probe.js";
import { type Structure, structureOf } from "./structure.js";

export interface IdentifyOptions extends ProbeOptions {
  /**
   * Least held-out R² that names a rule, in (0, 1), a few signs forgiven in rules that give only signs. A relative
   * of a rule may come near it to within 1 %; 1 − 10⁻⁶ names only the rule itself. Default 0.99.
   */
  readonly threshold?: number;
}

/** What a policy was found to be, and what is true of it whatever its name. */
export interface Identification extends Structure {
  /** The textbook rule, or "none of these". */
  readonly name: string;
  /** Of the rule, by the names that its recipe takes; none without one. */
  readonly hyperparameters: Hyperparameters;
  /** R² of the nearest rule on episodes that it was not fitted on, named or not; 0 where nothing comes near. */
  readonly goodness: number;
  /** √(1 − R²): the part of the action, as a root mean square, that the nearest rule leaves unexplained. */
  readonly residual: number;
  /** Every rule that the structure allows, at its best, the nearest first. */
  readonly alternatives: readonly Fit[];
}

export const NONE = "none of these";

/** Two parameters that are shown beside their gradient, on a parabola that is the same in every direction. */
export const probeProblem: NavigationProblem = defineProblem({
  landscape: { kind: "quadratic", curvature: [1, 1] },
  observation: { kind: "gradient", noise: 0, channels: ["gradient", "parameters"] },
});

/**
 * Names the textbook rule that a policy follows: shows it gradients and parameters that do not react to it, fits
 * every rule to what it does on one half of them, and compares them on the other. `problem` is the one that the
 * policy was made for; default `probeProblem`. Which rules are considered depends on what it shows and tells.
 *
 * @throws Error when the problem shows other channels than gradient and parameters, the action is not a velocity
 * of every parameter, the policy answers with a number that is not finite, or `threshold` is not in (0, 1)
 */
export function identify(
  policy: Policy,
  problem: NavigationProblem = probeProblem,
  { threshold = 0.99, ...options }: IdentifyOptions = {},
): Identification {
  if (!(threshold > 0 && threshold < 1))
    throw new Error(`threshold: must be between 0 and 1, got ${threshold}`);
  const answers = probe(policy, problem, options);
  const structure = structureOf(answers);
  const [fitted, heldOut] = [prepare(answers.fitted), prepare(answers.heldOut)];
  const fits: Fit[] = [];
  for (const candidate of candidatesFor(problem)) {
    // The forms of a rule come with the simplest first, and an exact one needs no other.
    const isSettled = fits.some(
      (each) => each.name === candidate.name && each.unexplained <= each.resolution,
    );
    const found = !isSettled && allows(structure, candidate) && fit(candidate, fitted, heldOut);
    if (found) fits.push(found);
  }
  const alternatives = rank(fits);
  const nearest = alternatives.at(0);
  const goodness = Math.max(0, nearest?.goodness ?? 0);
  const named = nearest && nearest.unexplained - nearest.resolution <= 1 - threshold;
  return {
    name: named ? nearest.name : NONE,
    hyperparameters: named ? nearest.hyperparameters : {},
    goodness,
    residual: Math.sqrt(Math.min(1, nearest?.unexplained ?? 1)),
    ...structure,
    alternatives,
  };
}

/** A simpler rule is preferred to one that does not leave less than half of its 1 − R². */
const MATERIAL = 2;

/** One fit a name, the preferred one first and the others by how near they come. */
function rank(fits: readonly Fit[]): Fit[] {
  if (fits.length === 0) return [];
  const sorted = [...fits].sort((a, b) => a.unexplained - b.unexplained);
  const bound = MATERIAL * sorted[0].unexplained;
  const near = sorted.filter(({ unexplained, resolution }) => unexplained <= bound + resolution);
  const preferred = near.reduce((best, each) => (each.complexity < best.complexity ? each : best));
  const names = new Set<string>();
  return [preferred, ...sorted].filter(({ name }) => !names.has(name) && names.add(name));
}
