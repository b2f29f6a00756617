import type { NavigationProblem } from "./problem.js";
import { dimensionOf } from "./problem.js";

/** Textbook rules whose hyperparameters an action can set. */
export type InnerRule = "gradient-descent" | "heavy-ball" | "adam";

export type Action =
  /** u, the velocity with which the learner pushes, per unit time. The default. */
  | { readonly kind: "velocity" }
  /**
   * The hyperparameters of a rule that moves θ by the observed gradient (of kind "sign": by its sign), anew in
   * every step: log α, and except in gradient descent the momentum β. The movement that they cause is charged.
   */
  | {
      readonly kind: "hyperparameters";
      readonly rule: InnerRule;
      /** One number for all coordinates, or one for each. Default "global". */
      readonly per: "global" | "coordinate";
      /** Adam's decay of the squares. Default 0.999. */
      readonly beta2?: number | undefined;
      /** Adam's ε. Default 1e-8. */
      readonly epsilon?: number | undefined;
    };

/** Where each part of an action lies in the action vector. */
export interface ActionLayout {
  readonly part: "velocity" | "logLearningRate" | "momentum";
  readonly offset: number;
  readonly size: number;
  /** The range that makes sense; a space says it, and nothing enforces it (see `clipAction`). */
  readonly low: number;
  readonly high: number;
}

export function actionOf({ action = { kind: "velocity" } }: NavigationProblem): Action {
  return action;
}

export function actionLayoutOf(problem: NavigationProblem): readonly ActionLayout[] {
  const action = actionOf(problem);
  const low = Number.NEGATIVE_INFINITY;
  const high = Number.POSITIVE_INFINITY;
  if (action.kind === "velocity")
    return [{ part: "velocity", offset: 0, size: velocitySizeOf(problem), low, high }];
  const size = action.per === "global" ? 1 : dimensionOf(problem);
  const rate = { part: "logLearningRate", offset: 0, size, low, high } as const;
  return action.rule === "gradient-descent"
    ? [rate]
    : [rate, { part: "momentum", offset: size, size, low: 0, high: 1 }];
}

/** Numbers in an action: m for a velocity. */
export function actionSizeOf(problem: NavigationProblem): number {
  return actionLayoutOf(problem).reduce((total, { size }) => total + size, 0);
}

/** m, the number of directions that the learner can push. */
export function velocitySizeOf(problem: NavigationProblem): number {
  return problem.geometry.control?.[0]?.length ?? dimensionOf(problem);
}
