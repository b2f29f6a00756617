import { lastValueFrom, type Observable, tap, toArray } from "rxjs";
import { expect, test } from "vitest";
import { gruFor, policyModel } from "../../agents/policies/index.js";
import type { TrainingEvent, TrainingState } from "../../agents/trainers/events.js";
import { type PpoOptions, ppo } from "../../agents/trainers/ppo.js";
import { defineProblem, discountOf, navigationVectorEnv } from "../../envs/index.js";
import { solveScalar } from "../../solvers/index.js";
import { linearModel } from "./tiny-models.js";

const scalar = defineProblem({
  landscape: { kind: "quadratic", curvature: [2] },
  objective: { mobility: 0.5, lossWeight: 1.5, discountRate: 1, timeStep: 0.2 },
  observation: { kind: "state" },
  start: { kind: "gaussian", mean: [0], covariance: [[1]] },
});

const hidden = defineProblem({
  landscape: { kind: "quadratic", dimension: 1, curvature: 1 },
  objective: { discountRate: 0.1 },
  task: { kind: "static", mean: [0], covariance: [[1]] },
  observation: { kind: "gradient", noise: 1 },
});

function events(run: Observable<TrainingEvent>): Promise<TrainingEvent[]> {
  return lastValueFrom(run.pipe(toArray()));
}

function weightsIn(list: readonly TrainingEvent[]): Float64Array {
  const last = list.at(-1);
  if (last?.kind !== "finished") throw new Error(`ended with ${last?.kind}`);
  return last.parameters;
}

function checkpointsIn(list: readonly TrainingEvent[]): TrainingState[] {
  return list.flatMap((event) => (event.kind === "checkpoint" ? [event.state] : []));
}

const { gain: optimum } = solveScalar({ curvature: 2, ...scalar.objective });
const quick = { seed: 1, iterations: 120, steps: 20, epochs: 6, learningRate: 0.02, valueHidden: [16] };

test.each([2, 10])(
  "ppo finds the optimum of a scalar parabola from episodes cut short after %i steps",
  async (episodeSteps) => {
    const [gain] = weightsIn(await events(ppo(scalar, linearModel(1), { ...quick, episodeSteps })));
    expect(Math.abs(gain / optimum - 1)).toBeLessThan(0.05);
  },
);

test("nothing is expected beyond a termination", async () => {
  const { timeStep } = scalar.objective;
  const ends = defineProblem({ ...scalar, objective: { ...scalar.objective, horizon: 2 * timeStep } });
  const list = await events(ppo(ends, linearModel(1), { ...quick, iterations: 40 }));
  // Two steps ahead, and none at the end, less movement pays.
  expect(weightsIn(list)[0] / optimum).toBeLessThan(0.8);
  expect(list.find(({ kind }) => kind === "progress")).toMatchObject({ diverged: 0 });
});

const memory = policyModel(gruFor(hidden, { units: 4 }));
const short: PpoOptions = {
  seed: 3,
  iterations: 6,
  environments: 8,
  steps: 10,
  episodeSteps: 15,
  epochs: 2,
  renewEvery: 2,
};

test("actions that overflow cost much, and end nothing", async () => {
  const wild = { ...linearModel(1), initialParameters: () => Float64Array.of(Number.MAX_VALUE) };
  const list = await events(ppo(scalar, wild, { ...quick, iterations: 2 }));
  expect(Number.isFinite(weightsIn(list)[0])).toBe(true);
  const costs = list.flatMap((event) => (event.kind === "progress" ? [event.cost] : []));
  expect(costs).toHaveLength(2);
  for (const cost of costs) expect(cost).toBeGreaterThan(1e9);
});

test("the same seed gives the same bits, also from a checkpoint on", async () => {
  const all = await events(ppo(hidden, memory, { ...short, checkpointEvery: 2 }));
  const [state] = checkpointsIn(all);
  expect(state.iteration).toBe(2);
  const rest = await events(ppo(hidden, memory, { ...short, checkpointEvery: 2, resume: state }));
  expect(rest.slice(1)).toEqual(all.slice(all.findIndex(({ kind }) => kind === "checkpoint") + 1));
  expect(weightsIn(await events(ppo(hidden, memory, short)))).toEqual(weightsIn(all));
  expect(weightsIn(await events(ppo(hidden, memory, { ...short, seed: 4 })))).not.toEqual(weightsIn(all));
});

test("a run that is stopped leaves a checkpoint to go on from", async () => {
  const controller = new AbortController();
  const stopped: TrainingEvent[] = [];
  await lastValueFrom(
    ppo(hidden, memory, { ...short, stop: controller.signal }).pipe(
      tap((event) => {
        stopped.push(event);
        if (event.kind === "progress" && event.iteration === 3) controller.abort();
      }),
    ),
  );
  const [resume] = checkpointsIn(stopped);
  expect(stopped.at(-1)?.kind).toBe("checkpoint");
  expect(resume.iteration).toBe(4);
  const all = weightsIn(await events(ppo(hidden, memory, short)));
  expect(weightsIn(await events(ppo(hidden, memory, { ...short, resume })))).toEqual(all);
});

test("environments may be given in place of a problem, and the record says which", async () => {
  const env = navigationVectorEnv(hidden, {
    numEnvs: 8,
    maxEpisodeSteps: 15,
    autoresetMode: "same-step",
    backend: "auto",
  });
  const list = await events(ppo(env, memory, { ...short, discount: discountOf(hidden) }));
  expect(weightsIn(list)).toEqual(weightsIn(await events(ppo(hidden, memory, short))));
  expect(list[0]).toMatchObject({
    kind: "started",
    trainer: "ppo",
    problem: null,
    options: { steps: 10, lambda: 0.95, discount: discountOf(hidden), autoresetMode: "same-step" },
  });
});

test("episodes that reset in the next step train as well", async () => {
  const env = navigationVectorEnv(scalar, { numEnvs: 32, maxEpisodeSteps: 2 });
  const [gain] = weightsIn(
    await events(ppo(env, linearModel(1), { ...quick, discount: discountOf(scalar) })),
  );
  expect(Math.abs(gain / optimum - 1)).toBeLessThan(0.05);
});

test("bad options are refused", () => {
  const run = (options: Partial<PpoOptions>) => () => ppo(hidden, memory, { seed: 1, ...options });
  expect(run({ minibatches: 5 })).toThrow(
    "ppo: minibatches must divide the number of environments (32), got 5",
  );
  expect(run({ lambda: 2 })).toThrow("ppo: lambda must be in [0, 1], got 2");
  expect(run({ clip: 0 })).toThrow("ppo: clip must be > 0, got 0");
  expect(run({ steps: 1.5 })).toThrow("ppo: steps must be a whole number >= 1, got 1.5");
  const env = (autoresetMode: "disabled" | "same-step") =>
    navigationVectorEnv(hidden, { numEnvs: 4, autoresetMode });
  expect(() => ppo(env("same-step"), memory, { seed: 1 })).toThrow(
    "ppo: discount must be given with an environment",
  );
  expect(() => ppo(env("disabled"), memory, { seed: 1, discount: 0.9 })).toThrow(
    "ppo: autoresetMode must be",
  );
});
