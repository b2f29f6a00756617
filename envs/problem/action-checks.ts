import { ProblemError } from "./messages.js";
import { actionOf, type NavigationProblem } from "./problem.js";

/** Whether an action that sets hyperparameters fits the rest of the problem. */
export function checkAction(problem: NavigationProblem): void {
  const action = actionOf(problem);
  if (action.kind === "velocity") return;
  if (problem.geometry.control)
    throw new ProblemError(
      "geometry.control: must be absent when the action sets hyperparameters, whose rule moves every coordinate",
    );
  const { observation } = problem;
  if ("coordinates" in observation && observation.coordinates)
    throw new ProblemError(
      "observation.coordinates: must be absent when the action sets hyperparameters, whose rule needs every coordinate",
    );
  for (const name of ["beta2", "epsilon"] as const) {
    if (action[name] !== undefined && action.rule !== "adam")
      throw new ProblemError(`action.${name}: needs the rule "adam", got ${JSON.stringify(action.rule)}`);
  }
}
