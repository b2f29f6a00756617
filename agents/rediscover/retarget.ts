import type { NavigationProblem, Policy } from "../../envs/index.js";
import { coordinateLayout } from "../policies/coordinates.js";
import { learnedPolicy } from "../policies/learned-policy.js";
import { policyModel } from "../policies/policy-model.js";
import type { Trained } from "./experiment.js";

/** A per-coordinate policy, with the weights it has, on a problem of another dimension. */
export function retarget({ plan, parameters }: Trained, problem: NavigationProblem): Policy {
  const model = policyModel({ ...plan.config, layout: coordinateLayout(problem) });
  return learnedPolicy(model, parameters, { name: plan.policy });
}
