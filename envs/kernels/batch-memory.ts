import { noiseOf, scaleOf } from "../dynamics/slopes.js";
import { dimensionOf, layoutOf, type NavigationProblem, observationSizeOf } from "../problem/problem.js";
import type { SimulationKernels } from "./exports.js";
import type { Family } from "./families.js";
import { type KernelMemory, kernelMemory } from "./memory.js";
import { type Plan, planIn, planLength } from "./plan.js";
import { setTable, tableLengths } from "./softmax-table.js";
import { taskLengths } from "./task-kernel.js";
import { wasmBase64 } from "./wasm-module.js";

/** The memory of a batch of environments: its arrays, the kernels that work on them, and the plan these go by. */
export interface BatchMemory extends KernelMemory<keyof ReturnType<typeof lengthsOf>, SimulationKernels> {
  readonly plan: Plan;
}

export function batchMemory(problem: NavigationProblem, family: Family, count: number): BatchMemory {
  const memory = kernelMemory<keyof ReturnType<typeof lengthsOf>, SimulationKernels>(
    wasmBase64,
    lengthsOf(problem, family, count),
  );
  const { arrays } = memory;
  if (family.shared) arrays.instances.set(family.shared);
  const plan = planIn(arrays.plan);
  plan.set("count", count);
  plan.set("dimension", dimensionOf(problem));
  plan.set("parameters", arrays.parameters.byteOffset);
  plan.set("before", arrays.before.byteOffset);
  plan.set("minima", arrays.minima.byteOffset);
  plan.set("actions", arrays.actions.byteOffset);
  plan.set("instances", arrays.instances.byteOffset);
  plan.set("instanceStride", 4 * (family.own?.size ?? 0));
  plan.set("losses", arrays.losses.byteOffset);
  plan.set("costs", arrays.costs.byteOffset);
  plan.set("rewards", arrays.rewards.byteOffset);
  plan.setReal("shape", family.shape);
  setObjective(plan, problem);
  setObservation(plan, problem, arrays);
  plan.set("slopes", arrays.slopes.byteOffset);
  plan.set("spareLosses", arrays.spareLosses.byteOffset);
  if (problem.landscape.kind === "regression") setTable(plan, problem.landscape, problem, arrays);
  return { ...memory, plan };
}

/** Landscapes whose steps go in phases, by way of slopes in memory. */
const phased: ReadonlySet<Family["name"]> = new Set(["Dense", "Reflected", "Valley", "Softmax"]);

function lengthsOf(problem: NavigationProblem, family: Family, count: number) {
  const dimension = dimensionOf(problem);
  const size = count * dimension;
  return {
    plan: planLength,
    parameters: size,
    before: size,
    minima: size,
    actions: size,
    instances: family.own ? count * family.own.size : (family.shared?.length ?? 0),
    noise: scaleOf(noiseOf(problem)) === 0 ? 0 : size,
    slopes: phased.has(family.name) ? size : 0,
    observations: count * observationSizeOf(problem),
    /** Where a channel goes that is not shown, of one environment after the other. */
    unseen: dimension,
    losses: count,
    spareLosses: count,
    costs: count,
    rewards: count,
    ...taskLengths(problem, count),
    ...tableLengths(problem, count),
  };
}

function setObjective(plan: Plan, { objective }: NavigationProblem): void {
  const { timeStep, mobility, lossWeight } = objective;
  plan.setReal("timeStep", timeStep);
  plan.setReal("perMovement", timeStep / (2 * mobility));
  plan.setReal("perLoss", timeStep * lossWeight);
}

function setObservation(plan: Plan, problem: NavigationProblem, arrays: BatchMemory["arrays"]): void {
  const noise = noiseOf(problem);
  const layout = layoutOf(problem);
  const stride = 4 * observationSizeOf(problem);
  const from = arrays.observations.byteOffset;
  const gradients = layout.find(({ channel }) => channel === "gradient");
  const parameters = layout.find(({ channel }) => channel === "parameters");
  plan.set("noise", scaleOf(noise) === 0 ? 0 : arrays.noise.byteOffset);
  plan.setReal("noiseScale", scaleOf(noise));
  plan.set("isFisher", typeof noise === "object" ? 1 : 0);
  plan.set("shownGradients", from + 4 * (gradients?.offset ?? 0));
  plan.set("gradientStride", stride);
  plan.set("shownParameters", parameters ? from + 4 * parameters.offset : arrays.unseen.byteOffset);
  plan.set("parametersStride", parameters ? stride : 0);
}
