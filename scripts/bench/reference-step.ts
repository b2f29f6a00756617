import { Dynamics, navigationVectorEnv, stepBuffers } from "../../envs/index.js";
import { type Contender, inline } from "./contender.js";
import { actionsFor, environment, minimaFor, stepProblem } from "./inputs.js";
import type { StepContender, StepShape } from "./step-contender.js";

/** The project's simulator in float64, without episodes: `Dynamics`. */
export function referenceStepContender({ count, dimension, noise }: StepShape): StepContender {
  const dynamics = new Dynamics(stepProblem(dimension, noise), { count, seed: 1 });
  const actions = actionsFor(count, dimension);
  const minima = minimaFor(count, dimension);
  const size = dynamics.observationSize;
  const observations = new Float64Array(count * size);
  let sinceBegun = 0;
  dynamics.minima.set(minima);
  return {
    ...inline((iterations) => {
      for (let i = 0; i < iterations; i++) {
        dynamics.step(actions, true);
        if (++sinceBegun === environment.episodeSteps) {
          dynamics.beginAll();
          dynamics.minima.set(minima);
          sinceBegun = 0;
        }
        dynamics.observe(observations);
      }
    }),
    cost: (n) => dynamics.costs[n],
    gradient: (n, j) => observations[n * size + j],
    parameter: (n, j) => observations[n * size + dimension + j],
  };
}

/** The same behind Gymnasium's interface: `VectorEnv.stepInto`. */
export function vectorEnvContender({ count, dimension, noise }: StepShape): Contender {
  const env = navigationVectorEnv(stepProblem(dimension, noise), {
    numEnvs: count,
    seed: 1,
    maxEpisodeSteps: environment.episodeSteps,
  });
  const actions = actionsFor(count, dimension);
  const buffers = stepBuffers(env);
  env.reset();
  return inline((iterations) => {
    for (let i = 0; i < iterations; i++) env.stepInto(actions, buffers);
  });
}
