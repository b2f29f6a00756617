import type { NavigationProblem } from "../../envs/index.js";
import {
  accumulateMomentum,
  addDecayedWeights,
  addPullToInitial,
  chain,
  type GradientTransform,
  scale,
  scaleByAdam,
  scaleByLion,
  scaleByRms,
  scaleByRss,
  scaleBySign,
} from "../../solvers/index.js";
import { type Candidate, decay, positive } from "./candidate.js";
import { preconditioned } from "./preconditioned.js";

/** Every form of every textbook rule, those that are told a metric or a curvature where the problem has them. */
export function candidatesFor(problem: NavigationProblem): readonly Candidate[] {
  return [...linear, ...preconditioned(problem), ...pulled(problem), ...scaled, ...signs, ...decayed];
}

const momentum = decay("momentum", [0.3, 0.7, 0.9, 0.97]);

const linear: readonly Candidate[] = [
  { name: "gradient descent", memory: "none", degree: 1, axes: [], columns: () => [scale(1)] },
  {
    name: "heavy ball",
    memory: "momentum",
    degree: 1,
    axes: [momentum],
    columns: ({ momentum }) => [accumulateMomentum(momentum)],
  },
  {
    name: "Nesterov",
    memory: "momentum",
    degree: 1,
    axes: [momentum],
    columns: ({ momentum }) => [accumulateMomentum(momentum, { nesterov: true })],
  },
];

const epsilon = positive("epsilon", [1e-6, 1e-3]);
const moments = [decay("beta1", [0.3, 0.8, 0.95]), decay("beta2", [0.7, 0.95, 0.995])];

const adam = { name: "Adam", memory: "momentum", degree: 0 } as const;
const adamForms: readonly Candidate[] = [
  { ...adam, axes: moments, columns: (betas) => [scaleByAdam(betas)] },
  { ...adam, axes: [...moments, epsilon], columns: (values) => [scaleByAdam(values)] },
  {
    ...adam,
    axes: moments,
    columns: (betas) => [scaleByAdam({ ...betas, biasCorrection: false })],
    fixed: { biasCorrection: false },
  },
];

const rmsprop = { name: "RMSprop", memory: "sizes", degree: 0 } as const;
const average = decay("decay", [0.3, 0.7, 0.9, 0.97, 0.995]);

const scaled: readonly Candidate[] = [
  {
    name: "AdaGrad",
    memory: "sizes",
    axes: [positive("initialAccumulator", [1e-6, 1e-2, 1, 100])],
    columns: (values) => [scaleByRss({ ...values, epsilon: 0 })],
  },
  { ...rmsprop, axes: [average], columns: (values) => [scaleByRms(values)] },
  { ...rmsprop, axes: [average, epsilon], columns: (values) => [scaleByRms(values)] },
  ...adamForms,
];

const lion: Candidate = {
  name: "Lion",
  memory: "momentum",
  degree: 0,
  axes: [decay("beta1", [0.5, 0.8, 0.9, 0.95]), decay("beta2", [0.7, 0.9, 0.97, 0.99, 0.997])],
  columns: (betas) => [scaleByLion(betas)],
  argument: lookAhead,
};

const signs: readonly Candidate[] = [
  { name: "sign descent", memory: "none", degree: 0, axes: [], columns: () => [scaleBySign()] },
  {
    name: "sign of momentum",
    memory: "momentum",
    degree: 0,
    axes: [decay("momentum", [0.3, 0.5, 0.7, 0.85, 0.9, 0.95, 0.98])],
    columns: ({ momentum }) => [chain(accumulateMomentum(momentum), scaleBySign())],
    argument: ({ momentum }) => accumulateMomentum(momentum),
  },
  lion,
];

/** The second columns: nothing but θ, or θ − θ₀. */
const weights = chain(scale(0), addDecayedWeights(1));
const fromInitial = (initial?: readonly number[]) => chain(scale(0), addPullToInitial(1, initial));

const withDecay = (form: Candidate, name: string): Candidate => ({
  ...form,
  name,
  second: "weightDecay",
  columns: (values) => [...form.columns(values), weights],
});

const decayed: readonly Candidate[] = [
  ...adamForms.map((form) => withDecay(form, "AdamW")),
  withDecay(lion, "Lion"),
];

function pulled({ task: { mean } }: NavigationProblem): Candidate[] {
  const elsewhere = mean?.some((value) => value !== 0) ? [fromInitial(mean)] : [];
  return [
    ...[fromInitial(), ...elsewhere].flatMap((pull) => pulledBy("L2 to the initial weights", pull)),
    ...pulledBy("weight decay", weights),
  ];
}

/** A pull that is part of the gradient, without momentum and with. */
function pulledBy(name: string, pull: GradientTransform): Candidate[] {
  const columns = [scale(1), pull];
  return [
    { name, memory: "none", degree: 1, axes: [], columns: () => columns, second: "weight" },
    {
      name,
      memory: "momentum",
      degree: 1,
      axes: [momentum],
      columns: ({ momentum }) => columns.map((column) => chain(column, accumulateMomentum(momentum))),
      second: "weight",
    },
  ];
}

/** β₁m + (1 − β₁)g, then m ← β₂m + (1 − β₂)g: what Lion takes the sign of. The state is m. */
function lookAhead({ beta1, beta2 }: Readonly<Record<string, number>>): GradientTransform<Float64Array> {
  return {
    init: (batch, dimension) => new Float64Array(batch * dimension),
    update: (updates, memory) => {
      for (let i = 0; i < updates.length; i++) {
        const gradient = updates[i];
        updates[i] = beta1 * memory[i] + (1 - beta1) * gradient;
        memory[i] = beta2 * memory[i] + (1 - beta2) * gradient;
      }
      return memory;
    },
  };
}
