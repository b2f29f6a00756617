import {
  createLandscape,
  type EnvFactory,
  type Info,
  makeVec,
  type NavigationProblem,
  registeredProblem,
} from "../../../envs/index.js";
import { type Defect, replace, withStep } from "./breaking.js";

const reward = "the reward is the objective";
const diverges = "a step that diverges terminates, with a finite penalty and finite numbers";
const exact = (options: Parameters<Defect["make"]>[0]) => makeVec("lossgym/Quadratic-v0", options);

const illConditioned = registeredProblem("lossgym/IllConditioned-v0");
/** The labels change after every second step. */
const stream = registeredProblem("lossgym/PermutedLabels-v0", { landscape: { change: { period: 2 } } });

const withInfo =
  (change: (info: Info) => Info, make: EnvFactory): EnvFactory =>
  (options) => {
    const env = make(options);
    return replace(env, { info: (n) => change(env.info(n)) });
  };
const family: EnvFactory = (options) => makeVec("lossgym/IllConditioned-v0", options);

/** L at the parameters and on the member that the infos of a lone environment tell. */
function lossOf({ landscape }: NavigationProblem, { parameters, instance }: Info): number {
  const loss = new Float64Array(1);
  createLandscape(landscape).evaluate(parameters as Float64Array, instance as Float64Array, 1, loss, null);
  return loss[0];
}

/** Environments of families that are not the problem that they are said to be. */
export const familyDefects: readonly (Defect & { readonly problem: NavigationProblem })[] = [
  {
    name: "the loss of a parabola, doubled",
    problem: illConditioned,
    rule: reward,
    message: "step 1: the reward is",
    make: withStep(
      ({ rewards, infos }) => ({
        rewards: rewards.map((value, n) => value - 0.1 * (infos.loss as Float64Array)[n]),
      }),
      family,
    ),
  },
  {
    name: "another member than is told",
    problem: illConditioned,
    rule: "an exact gradient is that of the landscape",
    message: "reset: gradient[0] is",
    make: withInfo(
      ({ instance, ...info }) => ({ ...info, instance: (instance as Float64Array).map((x) => 2 * x) }),
      family,
    ),
  },
  {
    name: "a member that is not told",
    problem: illConditioned,
    rule: reward,
    message: "tell all 6 in info.instance",
    make: withInfo(({ instance: _, ...info }) => info, family),
  },
  {
    name: "the loss of the task to come",
    problem: stream,
    rule: reward,
    message: "step 2: the reward is",
    make: withStep(
      ({ rewards }, env) => {
        const info = env.info(0);
        return {
          rewards: rewards.map((value) => value + 0.1 * ((info.loss as number) - lossOf(stream, info))),
        };
      },
      (options) => makeVec("lossgym/PermutedLabels-v0", { ...options, landscape: { change: { period: 2 } } }),
    ),
  },
];

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
    name: "another time step",
    rule: "the parameters move by the action",
    message: "step 1: θ[0] is",
    make: (options) => makeVec("lossgym/Quadratic-v0", { ...options, objective: { timeStep: 0.2 } }),
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
    make: withStep(
      ({ rewards, infos }) => ({
        rewards: rewards.map((reward, n) => ((infos.diverged as Uint8Array)[n] === 1 ? -Infinity : reward)),
      }),
      (options) => makeVec("lossgym/Quadratic-v0", options),
    ),
  },
];
