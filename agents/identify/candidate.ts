import type { GradientTransform } from "../../solvers/index.js";
import type { Structure } from "./structure.js";

/** Hyperparameters by the names that the recipes give them. */
export type Hyperparameters = Readonly<Record<string, number | boolean>>;

/** A hyperparameter that is searched for: in (0, 1) by its logit, or positive by its logarithm. */
export interface Axis {
  readonly name: string;
  readonly kind: "decay" | "positive";
  /** Where the search may begin. */
  readonly grid: readonly number[];
}

/**
 * A form of a textbook rule: Δθ = −α·(first column + λ·second column), each column a transform of the gradients.
 * What multiplies a column is solved for; what is inside one is searched for.
 */
export interface Candidate {
  readonly name: string;
  /** What is kept from step to step: nothing but perhaps where it began, sizes of gradients, or gradients. */
  readonly memory: "none" | "sizes" | "momentum";
  /** p in |u| ∝ cᵖ for gradients that grow by c; undefined where it depends on their size. */
  readonly degree?: 0 | 1;
  readonly axes: readonly Axis[];
  columns(values: Readonly<Record<string, number>>): readonly GradientTransform[];
  /** What the recipe calls λ, where there is a second column. */
  readonly second?: "weight" | "weightDecay";
  /** What the sign is taken of, in a rule that gives nothing but signs: they have steps, and it has slopes. */
  argument?(values: Readonly<Record<string, number>>): GradientTransform;
  /** Hyperparameters that tell this form of the rule from its others. */
  readonly fixed?: Hyperparameters;
}

/** Whether a policy of this structure can be the rule, so that there is something to fit. */
export function allows(structure: Structure, { memory, degree, second, argument }: Candidate): boolean {
  return (
    (memory === "momentum") === structure.hasMomentum &&
    (memory === "none" || structure.remembers) &&
    (degree === undefined || Math.abs(structure.degree - degree) < 0.5) &&
    (second === undefined || structure.readsParameters) &&
    // Beside signs alone nothing is too small to be seen, though a few wrong signs would hide it in R².
    (argument === undefined || second !== undefined || !structure.readsParameters)
  );
}

export function decay(name: string, grid: readonly number[]): Axis {
  return { name, kind: "decay", grid };
}

export function positive(name: string, grid: readonly number[]): Axis {
  return { name, kind: "positive", grid };
}

/** Nearest to 0 and 1 that a decay is searched. */
const EDGE = 1e-9;

/** The coordinate in which a value is searched. */
export function toCoordinate({ kind }: Axis, value: number): number {
  return kind === "decay" ? Math.log(value / (1 - value)) : Math.log(value);
}

export function fromCoordinate({ kind }: Axis, at: number): number {
  if (kind === "positive") return Math.exp(Math.min(at, 700));
  return Math.min(Math.max(1 / (1 + Math.exp(-at)), EDGE), 1 - EDGE);
}
