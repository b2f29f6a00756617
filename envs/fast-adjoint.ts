import { type AdjointPlan, adjointPlanIn, adjointPlanLength } from "./kernels/adjoint.js";
import type { SimulationKernels } from "./kernels/exports.js";
import { type Family, familyOf } from "./kernels/families.js";
import { type KernelMemory, kernelMemory } from "./kernels/memory.js";
import { wasmBase64 } from "./kernels/wasm-module.js";
import { dimensionOf, layoutOf, type NavigationProblem, observationSizeOf } from "./problem/problem.js";

type Memory = KernelMemory<keyof ReturnType<typeof lengthsOf>, SimulationKernels>;

/** Families whose loss is a sum over coordinates; they have kernels that go backwards. */
const separable = ["Quadratic", "DoubleWell", "Rastrigin", "StyblinskiTang", "Saddle", "Levy"] as const;

function isSeparable(name: Family["name"]): name is (typeof separable)[number] {
  return separable.some((each) => each === name);
}

/** Weights of one step. */
export interface StepWeights {
  /** What ∂J/∂θ is multiplied by on its way from step t + 1. */
  readonly carry: number;
  /** What the cost of the step counts. */
  readonly cost: number;
}

/**
 * `FastDynamics` backwards, in WebAssembly: the derivative of a cost with respect to θ, carried from step to step. Where
 * a step was undone its costs and actions count nothing. All arrays are float32 and row-major.
 */
export class FastAdjoint {
  /** To be filled by the forward pass: θ `[steps + 1, count, dimension]`. */
  readonly parameters: Float32Array;
  /** μ that each step is charged for, and u, `[steps, count, dimension]`. */
  readonly minima: Float32Array;
  readonly actions: Float32Array;
  /** 1 where a step was undone, `[steps, count]`. */
  readonly diverged: Uint8Array;
  /** ∂J/∂θ at hand, `[count, dimension]`. */
  readonly adjoint: Float32Array;
  /** ∂J/∂u of the step at hand, `[count, dimension]`. */
  readonly actionGradients: Float32Array;
  /** ∂J/∂o of the step at hand, to be filled, `[count, observationSize]`. */
  readonly observationGradients: Float32Array;

  private readonly problem: NavigationProblem;
  private readonly count: number;
  private readonly dimension: number;
  private readonly family: Family;
  private readonly memory: Memory;
  private readonly plan: AdjointPlan;
  private readonly stepKernel: (plan: number) => void;
  private readonly observationKernel: (plan: number) => void;

  /** Whether there are kernels for a problem. */
  static covers(problem: NavigationProblem): boolean {
    const family = familyOf(problem);
    return typeof family !== "string" && isSeparable(family.name);
  }

  /** @throws Error when there are no kernels for the problem */
  constructor(problem: NavigationProblem, count: number, steps: number) {
    const family = familyOf(problem);
    if (typeof family === "string" || !isSeparable(family.name))
      throw new Error(`landscape.kind: "${problem.landscape.kind}" has no kernel that goes backwards`);
    this.problem = problem;
    this.count = count;
    this.dimension = dimensionOf(problem);
    this.family = family;
    this.memory = kernelMemory(wasmBase64, lengthsOf(problem, family, count, steps));
    const { arrays, kernels } = this.memory;
    this.parameters = arrays.parameters;
    this.minima = arrays.minima;
    this.actions = arrays.actions;
    this.diverged = new Uint8Array(arrays.diverged.buffer, arrays.diverged.byteOffset, steps * count);
    this.adjoint = arrays.adjoint;
    this.actionGradients = arrays.actionGradients;
    this.observationGradients = arrays.observationGradients;
    this.stepKernel = kernels[`stepBackward${family.name}`];
    this.observationKernel = kernels[`observationBackward${family.name}`];
    this.plan = this.makePlan();
  }

  /** Takes over what tells the landscapes of the forward pass apart, `[count, instanceSize]`. */
  begin(instances: Float64Array): void {
    const { own } = this.family;
    if (!own) return;
    const size = instances.length / this.count;
    for (let n = 0; n < this.count; n++)
      own.write(instances.subarray(n * size, (n + 1) * size), this.memory.arrays.instances, n * own.size);
  }

  /** From ∂J/∂θ_{t+1} to ∂J/∂u_t, and what of ∂J/∂θ_t does not come by way of the observation. */
  backThroughStep(t: number, { carry, cost }: StepWeights): void {
    const { plan } = this;
    const { timeStep, lossWeight, mobility } = this.problem.objective;
    this.setStep(t);
    plan.setReal("carry", carry);
    plan.setReal("perLoss", cost * timeStep * lossWeight);
    plan.setReal("perMovement", (cost * timeStep) / mobility);
    this.stepKernel(plan.address);
  }

  /** Adds to ∂J/∂θ_t what comes by way of the observation. */
  backThroughObservation(t: number): void {
    this.setStep(t);
    this.observationKernel(this.plan.address);
  }

  private setStep(t: number): void {
    const { plan, count } = this;
    const { arrays } = this.memory;
    const row = 4 * count * this.dimension;
    plan.set("before", arrays.parameters.byteOffset + t * row);
    plan.set("after", arrays.parameters.byteOffset + (t + 1) * row);
    plan.set("minima", arrays.minima.byteOffset + t * row);
    plan.set("actions", arrays.actions.byteOffset + t * row);
    plan.set("diverged", arrays.diverged.byteOffset + t * count);
  }

  private makePlan(): AdjointPlan {
    const { problem, family, count, dimension } = this;
    const { arrays } = this.memory;
    const plan = adjointPlanIn(arrays.plan);
    const offsetOf = (name: string) => layoutOf(problem).find(({ channel }) => channel === name)?.offset;
    const shown = arrays.observationGradients.byteOffset;
    const parameters = offsetOf("parameters");
    if (family.shared) arrays.instances.set(family.shared);
    plan.set("count", count);
    plan.set("dimension", dimension);
    plan.set("adjoint", arrays.adjoint.byteOffset);
    plan.set("instances", arrays.instances.byteOffset);
    plan.set("instanceStride", 4 * (family.own?.size ?? 0));
    plan.set("actionGradients", arrays.actionGradients.byteOffset);
    plan.set("shownGradients", shown + 4 * (offsetOf("gradient") ?? 0));
    plan.set("shownParameters", parameters === undefined ? 0 : shown + 4 * parameters);
    plan.set("observationStride", 4 * observationSizeOf(problem));
    plan.setReal("timeStep", problem.objective.timeStep);
    plan.setReal("shape", family.shape);
    return plan;
  }
}

function lengthsOf(problem: NavigationProblem, family: Family, count: number, steps: number) {
  const size = count * dimensionOf(problem);
  return {
    plan: adjointPlanLength,
    parameters: (steps + 1) * size,
    minima: steps * size,
    actions: steps * size,
    diverged: Math.ceil((steps * count) / 4),
    instances: family.own ? count * family.own.size : (family.shared?.length ?? 0),
    adjoint: size,
    actionGradients: size,
    observationGradients: count * observationSizeOf(problem),
  };
}
