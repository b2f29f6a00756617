import type { Kernels } from "../kernels/kernels.js";
import { Episodes } from "../trainers/episodes.js";
import { InformedPass } from "../trainers/informed-pass.js";
import { JudgedEpisodes } from "../trainers/judged-episodes.js";
import { ReversePass } from "../trainers/reverse.js";
import { type BatchTerminalCost, createTerminalCost } from "../trainers/terminal-cost.js";
import type { Job, JobResult, Workload } from "./evaluator.js";

/** What every evaluator calls, wherever it runs: job → result, keeping the memory of each workload. */
export function jobRunner(kernels: Kernels): (job: Job) => JobResult {
  const prepared = new WeakMap<Workload, (job: Job) => JobResult>();
  return (job) => {
    let run = prepared.get(job.workload);
    if (!run) {
      run = prepare(kernels, job.workload);
      prepared.set(job.workload, run);
    }
    return run(job);
  };
}

function prepare(kernels: Kernels, workload: Workload): (job: Job) => JobResult {
  const { problem, model, steps, episodes: count, want, decisions = "discounted" } = workload;
  const terminal = createTerminalCost(workload.terminal, problem);
  const backend = kernels.name === "wasm" ? "auto" : "reference";
  if (want === "cost" && decisions === "informed") {
    const tapeOf = (recorded: number) => model.instantiate(kernels, count, recorded);
    const episodes = new JudgedEpisodes(problem, tapeOf, {
      ...{ count, steps, backend, informed: terminal as BatchTerminalCost },
      ...workload.informed,
    });
    return ({ parameters, going = parameters, seed, firstIndex }) => {
      episodes.run({ going, deciding: parameters }, seed, firstIndex);
      const { totalCost: cost, judged, diverged } = episodes;
      return { cost, judged: sum(judged), diverged: sum(diverged), gradient: null };
    };
  }
  if (want === "cost") {
    const episodes = new Episodes(problem, model.instantiate(kernels, count, 1), {
      count,
      steps,
      terminal,
      backend,
    });
    return ({ parameters, seed, firstIndex, part }) => {
      const costs = part
        ? episodes.runPart(parameters, seed, firstIndex, part)
        : episodes.run(parameters, seed, firstIndex);
      if (part?.after) episodes.save(part.to, part.after);
      return { cost: sum(costs), diverged: sum(episodes.diverged), gradient: null };
    };
  }
  const tape = model.instantiate(kernels, count, steps);
  const sizes = { count, steps, backend } as const;
  if (decisions === "informed") {
    const informed = terminal as BatchTerminalCost;
    const pass = new InformedPass(problem, tape, { ...sizes, informed, ...workload.informed });
    return ({ parameters, seed, firstIndex }) => {
      pass.run(parameters, seed, firstIndex);
      const { totalCost: cost, episodes, gradient } = pass;
      return { cost, diverged: sum(episodes.diverged), gradient: gradient.slice() };
    };
  }
  const pass = new ReversePass(problem, tape, { ...sizes, terminal, decisions });
  return ({ parameters, seed, firstIndex }) => {
    const costs = pass.run(parameters, seed, firstIndex);
    return { cost: sum(costs), diverged: sum(pass.episodes.diverged), gradient: pass.gradient.slice() };
  };
}

function sum(values: Float64Array | Uint8Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
