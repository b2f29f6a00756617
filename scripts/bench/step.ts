import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Dynamics, defineProblem, navigationVectorEnv, stepBuffers } from "../../envs/index.js";
import { table } from "../report/table.js";

/** Steps of 1024 environments on a parabola in two dimensions with exact gradients: `npm run bench [-- --json]`. */
const count = 1024;
const steps = 2000;
const repeats = 15;

const problem = defineProblem({ landscape: { kind: "quadratic", curvature: [4, 1], minimum: [1, 1] } });
const actions = new Float64Array(2 * count).fill(0.01);

interface Contender {
  readonly name: string;
  readonly run: () => void;
  /** Environment steps per second of processor time, and of time on the wall. */
  readonly rates: number[];
  readonly wallRates: number[];
}

function bareDynamics(): () => void {
  const dynamics = new Dynamics(problem, { count, seed: 1 });
  const observations = new Float64Array(count * dynamics.observationSize);
  return () => {
    for (let t = 0; t < steps; t++) {
      if (t % 200 === 0) dynamics.beginAll();
      dynamics.step(actions, true);
      dynamics.observe(observations);
    }
  };
}

function vectorEnv(): () => void {
  const env = navigationVectorEnv(problem, { numEnvs: count, seed: 1, maxEpisodeSteps: 200 });
  const buffers = stepBuffers(env);
  env.reset();
  return () => {
    for (let t = 0; t < steps; t++) env.stepInto(actions, buffers);
  };
}

function measure({ run, rates, wallRates }: Contender): void {
  const before = process.cpuUsage();
  const start = process.hrtime.bigint();
  run();
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(before);
  rates.push((count * steps) / ((user + system) / 1e6));
  wallRates.push((count * steps) / wall);
}

/** Bytes of heap per environment step: the least of several runs, since the engine compiles meanwhile. */
function bytesPerStep(run: () => void): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const growth = Array.from({ length: 5 }, () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    run();
    return (process.memoryUsage().heapUsed - before) / (count * steps);
  });
  return Math.max(0, Math.min(...growth));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

const contenders: readonly Contender[] = [
  { name: "Dynamics, step and observe", run: bareDynamics(), rates: [], wallRates: [] },
  { name: "VectorEnv.stepInto", run: vectorEnv(), rates: [], wallRates: [] },
];
for (let i = -2; i < repeats; i++) {
  for (const contender of contenders) measure(contender);
  // The first rounds only warm up.
  if (i < 0) for (const { rates, wallRates } of contenders) rates.length = wallRates.length = 0;
}

const results = contenders.map(({ name, run, rates, wallRates }) => ({
  name,
  stepsPerSecond: median(rates),
  wallStepsPerSecond: median(wallRates),
  bytesPerStep: bytesPerStep(run),
}));
const ratio = median(contenders[1].rates.map((rate, i) => rate / contenders[0].rates[i]));

if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ environments: count, repeats, ratio, results })}\n`);
} else {
  const millions = (rate: number) => (rate / 1e6).toFixed(1);
  const lines = table(
    [
      { heading: "1024 environments, d = 2" },
      { heading: "M steps/s" },
      { heading: "on the wall" },
      { heading: "bytes/step" },
    ],
    results.map(({ name, stepsPerSecond, wallStepsPerSecond, bytesPerStep: bytes }) => [
      name,
      millions(stepsPerSecond),
      millions(wallStepsPerSecond),
      bytes.toFixed(3),
    ]),
  );
  process.stdout.write(`${lines.join("\n")}\nratio ${ratio.toFixed(2)}\n`);
}
