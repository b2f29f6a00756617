import { FastDynamics } from "../../envs/fast-dynamics.js";
import { navigationVectorEnv, simulation } from "../../envs/index.js";
import { type Contender, inline } from "./contender.js";
import { actionsFor, environment, minimaFor, stepProblem } from "./inputs.js";
import type { StepContender, StepShape } from "./step-contender.js";

type Backend = "reference" | "wasm";

/**
 * The project's simulators without episodes. The minima are those of inputs.ts until the first episodes end, and the
 * landscape's own from then on, which makes no difference to the work.
 */
export function simulationContender({ count, dimension, noise }: StepShape, backend: Backend): StepContender {
  const batch = simulation(stepProblem(dimension, noise), { count, seed: 1, backend });
  const size = batch.observationSize;
  const { actions, observations } =
    batch instanceof FastDynamics
      ? batch
      : { actions: new Float64Array(count * dimension), observations: new Float64Array(count * size) };
  actions.set(actionsFor(count, dimension));
  batch.minima.set(minimaFor(count, dimension));
  let elapsed = 0;
  return {
    ...inline((iterations) => {
      for (let i = 0; i < iterations; i++) {
        batch.step(actions, true);
        if (++elapsed === environment.episodeSteps) {
          batch.beginAll();
          elapsed = 0;
        }
        batch.observe(observations);
      }
    }),
    cost: (n) => batch.costs[n],
    gradient: (n, j) => observations[n * size + j],
    parameter: (n, j) => observations[n * size + dimension + j],
  };
}

/** The same behind Gymnasium's interface: `VectorEnv.stepInto` with the arrays that it offers. */
export function vectorEnvContender({ count, dimension, noise }: StepShape, backend: Backend): Contender {
  const env = navigationVectorEnv(stepProblem(dimension, noise), {
    numEnvs: count,
    seed: 1,
    maxEpisodeSteps: environment.episodeSteps,
    backend,
  });
  const { memory } = env;
  env.reset();
  memory.actions.set(actionsFor(count, dimension));
  return inline((iterations) => {
    for (let i = 0; i < iterations; i++) env.stepInto(memory.actions, memory);
  });
}
