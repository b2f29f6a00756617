import { makeVec } from "../../../envs/index.js";
import { type Defect, withStep } from "./breaking.js";

const reward = "the reward is the objective";
const diverges = "a step that diverges terminates, with a finite penalty and finite numbers";
const exact = (options: Parameters<Defect["make"]>[0]) => makeVec("lossgym/Quadratic-v0", options);

/** Environments that are not the problem `lossgym/Quadratic-v0`. */
export const navigationDefects: readonly Defect[] = [
  {
    name: "a cost for a reward",
    rule: reward,
    message: "charge −Δt·[(1/2η)uᵀGu + k·L(θ′)]",
    make: withStep(({ rewards }) => ({ rewards: rewards.map((value) => -value) }), exact),
  },
  {
    name: "another mobility",
    rule: reward,
    message: "step 1: the reward is",
    make: (options) => makeVec("lossgym/Quadratic-v0", { ...options, objective: { mobility: 2 } }),
  },
  {
    name: "a halved gradient",
    rule: "an exact gradient is that of the landscape",
    message: "step 1: gradient[0] is",
    make: withStep(
      ({ observations }) => ({ observations: observations.map((value, i) => (i < 2 ? value / 2 : value)) }),
      exact,
    ),
  },
  {
    name: "divergence that truncates",
    rule: diverges,
    message: "terminated is false where true was expected",
    make: withStep(({ terminated, truncated }) => ({ terminated: truncated, truncated: terminated }), exact),
  },
  {
    name: "a penalty that is not finite",
    rule: diverges,
    message: "the reward is -Infinity; give a finite penalty",
    make: (options) => makeVec("lossgym/Quadratic-v0", { ...options, divergencePenalty: Infinity }),
  },
];
