import {
  accumulateMomentum,
  adagrad,
  adam,
  adamw,
  addDecayedWeights,
  ballistic,
  chain,
  descend,
  type GradientTransform,
  gradientDescent,
  heavyBall,
  l2ToInitial,
  lion,
  naturalGradient,
  nesterov,
  newton,
  rmsprop,
  rulePolicy,
  scaleBySign,
  signDescent,
} from "../../solvers/index.js";
import type { Draws } from "./draws.js";
import type { Kind } from "./labelled.js";

/** The ranges in which the hyperparameters of textbook rules are used. */
const rate = (draws: Draws) => ({ learningRate: draws.rate(1e-4, 1) });
const ball = (draws: Draws) => ({ ...rate(draws), momentum: draws.decay(0.3, 0.99) });
const root = (draws: Draws) => ({ epsilon: draws.rate(1e-10, 1e-4) });
const betas = (draws: Draws) => ({ beta1: draws.decay(0.5, 0.98), beta2: draws.decay(0.9, 0.9995) });
const lionBetas = (draws: Draws) => ({ beta1: draws.decay(0.7, 0.95), beta2: draws.decay(0.96, 0.998) });
const pull = (draws: Draws) => ({ weight: draws.rate(1e-3, 1) });
const shrink = (draws: Draws) => ({ weightDecay: draws.rate(1e-3, 0.3) });

type Make = Kind["make"];

const kind = (label: string, hasMomentum: boolean, make: Make): Kind => ({ label, hasMomentum, make });

/** For the rules that are a composition, and have no recipe. */
const composed =
  (label: string, transform: (draws: Draws) => GradientTransform): Make =>
  (problem, draws) =>
    rulePolicy(label, problem, chain(transform(draws), descend(rate(draws).learningRate)));

const decayed = (draws: Draws) => addDecayedWeights(pull(draws).weight);
const momentum = (draws: Draws) => accumulateMomentum(ball(draws).momentum);

export const textbook: readonly Kind[] = [
  kind("gradient descent", false, (problem, d) => gradientDescent(problem, rate(d))),
  kind("natural gradient", false, (problem, d) => naturalGradient(problem, rate(d))),
  kind("Newton", false, (problem, d) => newton(problem, rate(d))),
  kind("Newton", false, (problem, d) => newton(problem, { ...rate(d), damping: d.rate(0.05, 2) })),
  kind("ballistic", false, (problem, d) => ballistic(problem, rate(d))),
  kind("heavy ball", true, (problem, d) => heavyBall(problem, ball(d))),
  kind("Nesterov", true, (problem, d) => nesterov(problem, ball(d))),
  kind("AdaGrad", false, (problem, d) =>
    adagrad(problem, { ...rate(d), initialAccumulator: d.rate(1e-3, 1) }),
  ),
  kind("RMSprop", false, (problem, d) =>
    rmsprop(problem, { ...rate(d), ...root(d), decay: d.decay(0.7, 0.999) }),
  ),
  kind("Adam", true, (problem, d) => adam(problem, { ...rate(d), ...betas(d), ...root(d) })),
  kind("AdamW", true, (problem, d) => adamw(problem, { ...rate(d), ...betas(d), ...root(d), ...shrink(d) })),
  kind("sign descent", false, (problem, d) => signDescent(problem, rate(d))),
  kind(
    "sign of momentum",
    true,
    composed("sign of momentum", (d) => chain(momentum(d), scaleBySign())),
  ),
  kind("Lion", true, (problem, d) => lion(problem, { ...rate(d), ...lionBetas(d) })),
  kind("Lion", true, (problem, d) => lion(problem, { ...rate(d), ...lionBetas(d), ...shrink(d) })),
  kind("L2 to the initial weights", false, (problem, d) => l2ToInitial(problem, { ...rate(d), ...pull(d) })),
  kind("L2 to the initial weights", true, (problem, d) => l2ToInitial(problem, { ...ball(d), ...pull(d) })),
  kind("weight decay", false, composed("weight decay", decayed)),
  kind(
    "weight decay",
    true,
    composed("weight decay", (d) => chain(decayed(d), momentum(d))),
  ),
];
