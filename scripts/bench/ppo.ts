import { lastValueFrom } from "rxjs";
import {
  fullFor,
  learnedPolicy,
  type PolicyConfig,
  type PolicyModel,
  type PpoOptions,
  policyModel,
  ppo,
} from "../../agents/index.js";
import { type Policy, registeredProblem, rollout, stepBuffers } from "../../envs/index.js";
import { solve } from "../../solvers/index.js";
import { table } from "../report/table.js";
import { discount, doubleIntegrator, doubleIntegratorOptimum } from "./double-integrator.js";

/** What PPO reaches where the optimum is known: `npm run bench:ppo [-- --json]`, three seeds of each task. */
const seeds = [1, 2, 3];

interface Task {
  readonly name: string;
  readonly model: PolicyModel;
  readonly options: Omit<PpoOptions, "seed">;
  readonly run: (model: PolicyModel, options: PpoOptions) => ReturnType<typeof ppo>;
  /** Mean J of a policy, on the same episodes for all. */
  readonly costOf: (policy: Policy) => number;
  readonly optimum: Policy;
}

function parabola(): Task {
  const problem = registeredProblem("lossgym/Quadratic-v0");
  return {
    name: "lossgym/Quadratic-v0",
    model: policyModel(fullFor(problem)),
    options: { iterations: 400, episodeSteps: 200 },
    run: (model, options) => ppo(problem, model, options),
    costOf: (policy) => rollout(problem, policy, { steps: 200, seed: 0 }).costs[0],
    optimum: solve(problem).policy,
  };
}

function integrator(): Task {
  const [gain] = doubleIntegratorOptimum().gain;
  const layout = { dimension: 1, observationSize: 2 };
  const config: PolicyConfig = {
    ...{ kind: "full", layout, hidden: [32, 32], center: [0], scale: [1], unit: 1 },
  };
  return {
    name: "double integrator",
    model: policyModel(config),
    options: { iterations: 400, discount },
    run: (model, options) => ppo(doubleIntegrator(32, 100), model, options),
    costOf: integratorCost,
    optimum: {
      name: "LQR",
      init: () => null,
      act(observations, _state, actions) {
        for (let n = 0; n < actions.length; n++)
          actions[n] = -gain[0] * observations[2 * n] - gain[1] * observations[2 * n + 1];
        return null;
      },
    },
  };
}

/** Over 400 steps; the optimum has come to rest long before. */
function integratorCost(policy: Policy): number {
  const steps = 400;
  const env = doubleIntegrator(256, steps + 1);
  const buffers = stepBuffers(env);
  buffers.observations.set(env.reset({ seed: "evaluation" }).observations);
  const actions = new Float64Array(env.numEnvs);
  let state = policy.init(env.numEnvs);
  let cost = 0;
  for (let t = 0; t < steps; t++) {
    state = policy.act(buffers.observations, state, actions);
    env.stepInto(actions, buffers);
    cost -= discount ** t * buffers.rewards.reduce((sum, reward) => sum + reward, 0);
  }
  return cost / env.numEnvs;
}

async function measure({ name, model, options, run, costOf, optimum }: Task) {
  const best = costOf(optimum);
  const untrained = costOf(learnedPolicy(model, model.initialParameters({ high: 1, low: 2 })));
  const trainWith = async (seed: number) => {
    const [wall, processor] = [performance.now(), process.cpuUsage()];
    const last = await lastValueFrom(run(model, { ...options, seed }));
    if (last.kind !== "finished") throw new Error(`ended with ${last.kind}`);
    const wallSeconds = (performance.now() - wall) / 1e3;
    const { user, system } = process.cpuUsage(processor);
    const cost = costOf(learnedPolicy(model, last.parameters));
    return { seed, cost, share: best / cost, processorSeconds: (user + system) / 1e6, wallSeconds };
  };
  const runs: Awaited<ReturnType<typeof trainWith>>[] = [];
  for (const seed of seeds) runs.push(await trainWith(seed));
  return { name, best, untrained, runs };
}

const results = [await measure(parabola()), await measure(integrator())];
if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify(results)}\n`);
else process.stdout.write(`${textOf(results).join("\n")}\n`);

function textOf(measured: typeof results): string[] {
  const headings = [
    "task",
    "seed",
    "cost",
    "optimum",
    "untrained",
    "of the optimal return",
    "CPU s",
    "wall s",
  ];
  const rows = measured.flatMap(({ name, best, untrained, runs }) =>
    runs.map(({ seed, cost, share, processorSeconds, wallSeconds }) => [
      ...[name, String(seed), cost.toFixed(4), best.toFixed(4), untrained.toFixed(2)],
      ...[`${(100 * share).toFixed(2)} %`, processorSeconds.toFixed(1), wallSeconds.toFixed(1)],
    ]),
  );
  return table(
    headings.map((heading) => ({ heading })),
    rows,
  );
}
