import { fillNormals, type NavigationProblem } from "../../envs/index.js";
import {
  accumulateMomentum,
  chain,
  descend,
  type GradientTransform,
  rulePolicy,
} from "../../solvers/index.js";
import { gruFor, learnedPolicy, memorylessFor, type PolicyConfig, policyModel } from "../policies/index.js";
import type { Draws } from "./draws.js";
import { NONE } from "./identify.js";
import type { Kind } from "./labelled.js";
import {
  byNorm,
  cool,
  entrywise,
  filter,
  rotate,
  scaleByGreatest,
  scaleByVariance,
} from "./strange-transforms.js";

/** Rules that are in no textbook, or not in this one, as `identify` sees it. */
export const strangers: readonly Kind[] = [
  memoryless("clipped gradient", (d) => {
    const bound = d.rate(0.1, 10);
    return entrywise((g) => Math.min(Math.max(g, -bound), bound));
  }),
  memoryless("gradient clipped by norm", (d) => {
    const bound = d.rate(0.1, 10);
    return byNorm((norm) => Math.min(1, bound / norm));
  }),
  memoryless("normalised gradient", () => byNorm((norm) => 1 / norm)),
  memoryless("saturating gradient", (d) => {
    const bound = d.rate(0.1, 10);
    return entrywise((g) => Math.tanh(g / bound));
  }),
  memoryless("root of the gradient", (d) => {
    const power = d.uniform(0.3, 0.7);
    return entrywise((g) => Math.sign(g) * Math.abs(g) ** power);
  }),
  memoryless("power of the gradient", (d) => {
    const power = d.uniform(1.5, 3);
    return entrywise((g) => Math.sign(g) * Math.abs(g) ** power);
  }),
  memoryless("rotated gradient", (d) => rotate(d.uniform(0.5, 1.5))),
  memoryless("cooling gradient", (d) => cool(d.uniform(0.5, 1.5))),
  stranger("late gradient", (d) => filter([...new Array<number>(d.integer(1, 4)).fill(0), 1])),
  stranger("random filter", (d) => filter(Array.from({ length: 5 }, () => d.uniform(-1, 1)))),
  stranger("momentum of momentum", (d) =>
    chain(accumulateMomentum(d.decay(0.6, 0.95)), accumulateMomentum(d.decay(0.6, 0.95))),
  ),
  memoryless("sign beyond a bound", (d) => {
    const bound = d.rate(0.1, 10);
    return entrywise((g) => (Math.abs(g) > bound ? Math.sign(g) : 0));
  }),
  stranger("cooling heavy ball", (d) =>
    chain(accumulateMomentum(d.decay(0.3, 0.99)), cool(d.uniform(0.3, 1))),
  ),
  stranger("Adam by the greatest average", (d) => scaleByGreatest(d.decay(0.5, 0.98), d.decay(0.7, 0.98))),
  memoryless("variance in place of squares", (d) => scaleByVariance(d.decay(0.7, 0.99))),
  network(false, (problem, d) => memorylessFor(problem, { hidden: [d.integer(4, 12)] })),
  network(undefined, (problem, d) => gruFor(problem, { units: d.integer(4, 12) })),
];

function memoryless(name: string, transform: (draws: Draws) => GradientTransform): Kind {
  return { ...stranger(name, transform), hasMomentum: false };
}

function stranger(name: string, transform: (draws: Draws) => GradientTransform): Kind {
  return {
    label: NONE,
    make: (problem, draws) =>
      rulePolicy(name, problem, chain(transform(draws), descend(draws.rate(1e-4, 1)))),
  };
}

/** A network that was never trained, its weights normal and of a random size. */
function network(
  hasMomentum: false | undefined,
  configure: (problem: NavigationProblem, draws: Draws) => PolicyConfig,
): Kind {
  return {
    label: NONE,
    ...(hasMomentum === false && { hasMomentum }),
    make: (problem, draws) => {
      const model = policyModel(configure(problem, draws));
      const parameters = new Float64Array(model.parameterCount);
      fillNormals(draws.key, 0, 1, parameters.length, parameters);
      const size = draws.rate(0.1, 1);
      for (let i = 0; i < parameters.length; i++) parameters[i] *= size;
      return learnedPolicy(model, parameters);
    },
  };
}
