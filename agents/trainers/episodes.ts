import {
  actionSizeOf,
  dimensionOf,
  discountOf,
  FastDynamics,
  type NavigationProblem,
  type Numbers,
  type Seed,
  type Simulation,
  type SimulationBackend,
  type SimulationState,
  simulation,
} from "../../envs/index.js";
import type { PolicyTape } from "../policies/model.js";
import type { BatchTerminalCost } from "./terminal-cost.js";

export interface EpisodesOptions {
  /** Episodes, run side by side. */
  readonly count: number;
  /** Steps T of each episode. */
  readonly steps: number;
  /** Charged after the last step with weight ρᵀ. Default: nothing. */
  readonly terminal?: BatchTerminalCost | undefined;
  /** Where what a reverse pass needs is kept. Default: nowhere. */
  readonly recording?: Recording<Numbers> | undefined;
  /** What simulates. Default "reference". */
  readonly backend?: SimulationBackend;
  /** What is done of what was decided. Default: that. */
  readonly conduct?: Conduct | undefined;
}

/** Stands between the decisions of a policy and what is done. */
export interface Conduct {
  /** Before the episodes `firstIndex` … of a seed. */
  begin(seed: Seed, firstIndex: number): void;
  /** Makes of what was decided at step t what is done, in place. */
  carryOut(t: number, observations: Numbers, actions: Numbers): void;
}

/** What happened, step by step; row-major. */
export interface Recording<A extends Numbers = Float64Array> {
  /** θ, `[steps + 1, count, dimension]`. */
  readonly parameters: A;
  /** μ that step t observes and is charged for, `[steps, count, dimension]`. */
  readonly minima: A;
  /** u, as decided, `[steps, count, actionSize]`. */
  readonly actions: A;
  /** 1 where a step was undone, `[steps, count]`. */
  readonly diverged: Uint8Array;
}

export function recordingFor(problem: NavigationProblem, count: number, steps: number): Recording {
  const size = count * dimensionOf(problem);
  return {
    parameters: new Float64Array((steps + 1) * size),
    minima: new Float64Array(steps * size),
    actions: new Float64Array(steps * count * actionSizeOf(problem)),
    diverged: new Uint8Array(steps * count),
  };
}

/** Where episodes stand between two steps, `[stateLength]`: the simulation, and what the policy remembers. */
export type EpisodesState = Float64Array;

/** Some steps of episodes. */
export interface EpisodesPart {
  /** The first step, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Where the episodes stood before the first; null where that is step 0. */
  readonly state: EpisodesState | null;
  /** Receives where they stand afterwards; null: that is not wanted. */
  readonly after: EpisodesState | null;
  /** The step that costs are discounted to. Default 0. */
  readonly origin?: number;
}

/** Episodes of one policy on one problem, run again and again in the same memory. */
export class Episodes {
  readonly dynamics: Simulation;
  readonly count: number;
  readonly steps: number;
  /** ρᵗ for t = 0 … steps. */
  readonly weights: Float64Array;
  /** J of each episode of the last run: Σ ρᵗ·cost + ρᵀ·terminal, `[count]`; t from another origin where a part has one. */
  readonly costs: Float64Array;
  /** 1 where an episode of the last run diverged, `[count]`. */
  readonly diverged: Uint8Array;
  /** Memory for the simulation's part of a state; null until one is asked for. */
  private kept: SimulationState | null = null;
  private readonly tape: PolicyTape;
  private readonly terminal: BatchTerminalCost | undefined;
  private readonly observations: Numbers;
  private readonly actions: Numbers;
  private readonly terminalCosts: Float64Array;
  private readonly recording: Recording<Numbers> | undefined;
  private readonly conduct: Conduct | undefined;

  constructor(
    problem: NavigationProblem,
    tape: PolicyTape,
    { count, steps, terminal, recording, backend, conduct }: EpisodesOptions,
  ) {
    const dynamics = simulation(problem, { count, seed: 0, backend });
    const { actionSize, observationSize } = dynamics;
    const isFast = dynamics instanceof FastDynamics;
    this.dynamics = dynamics;
    this.tape = tape;
    this.count = count;
    this.steps = steps;
    this.terminal = terminal;
    this.weights = new Float64Array(steps + 1).fill(1);
    for (let t = 1; t <= steps; t++) this.weights[t] = this.weights[t - 1] * discountOf(problem);
    this.costs = new Float64Array(count);
    this.diverged = new Uint8Array(count);
    this.observations = isFast ? dynamics.observations : new Float64Array(count * observationSize);
    this.actions = isFast ? dynamics.actions : new Float64Array(count * actionSize);
    this.terminalCosts = new Float64Array(count);
    this.recording = recording;
    this.conduct = conduct;
  }

  /** Numbers that tell where the episodes stand. @throws Error where a simulation cannot be saved */
  get stateLength(): number {
    return this.stateParts(0).reduce((total, { length }) => total + length, 1);
  }

  /** Runs the episodes `firstIndex` … `firstIndex + count − 1` of a seed with the given weights of the policy. */
  run(policyParameters: Float64Array, seed: Seed, firstIndex: number): Float64Array {
    return this.runPart(policyParameters, seed, firstIndex, {
      from: 0,
      to: this.steps,
      state: null,
      after: null,
    });
  }

  /** Runs some steps of them; the costs are those of these steps, and the terminal one after the last of all. */
  runPart(
    policyParameters: Float64Array,
    seed: Seed,
    firstIndex: number,
    { from, to, state, origin = 0 }: EpisodesPart,
  ): Float64Array {
    const { dynamics, tape, costs, recording } = this;
    dynamics.seed(seed, firstIndex);
    this.conduct?.begin(seed, firstIndex);
    tape.setParameters(policyParameters);
    tape.reset();
    if (state) this.restore(state, from);
    else dynamics.beginAll();
    recording?.parameters.set(dynamics.parameters);
    this.advance(from, to, origin);
    if (to === this.steps) this.chargeTerminal(origin);
    return costs;
  }

  /** Writes where the episodes stand before step t. */
  save(t: number, out: EpisodesState): void {
    this.kept = this.dynamics.save();
    out[0] = this.kept.clock;
    let at = 1;
    for (const part of this.stateParts(t)) {
      out.set(part, at);
      at += part.length;
    }
  }

  private restore(state: EpisodesState, t: number): void {
    let at = 1;
    for (const part of this.stateParts(t)) {
      part.set(state.subarray(at, at + part.length));
      at += part.length;
    }
    this.dynamics.restore({ ...this.simulationState(), clock: state[0] });
  }

  private simulationState(): SimulationState {
    this.kept ??= this.dynamics.save();
    return this.kept;
  }

  private stateParts(t: number): readonly (Numbers | Int32Array | Uint8Array)[] {
    const { elapsed, episodes, parameters, updates, minima, instances, cues } = this.simulationState();
    const simulation = [elapsed, episodes, parameters, updates, minima, instances, cues];
    return [...simulation, ...this.tape.memoryBefore(t)];
  }

  private advance(from: number, to: number, origin: number): void {
    const { dynamics, tape, observations, actions, costs, diverged, weights, recording, count } = this;
    const { conduct } = this;
    costs.fill(0);
    diverged.fill(0);
    for (let t = from; t < to; t++) {
      recording?.minima.set(dynamics.minima, t * dynamics.minima.length);
      dynamics.observe(observations);
      tape.forward(t, observations, actions);
      recording?.actions.set(actions, t * actions.length);
      conduct?.carryOut(t, observations, actions);
      dynamics.step(actions);
      addTo(costs, weights[t - origin], dynamics.costs, count);
      if (dynamics.anyDiverged) for (let n = 0; n < count; n++) diverged[n] |= dynamics.diverged[n];
      if (recording) this.record(recording, t);
    }
  }

  private record(recording: Recording<Numbers>, t: number): void {
    const { dynamics, count } = this;
    recording.parameters.set(dynamics.parameters, (t + 1) * dynamics.parameters.length);
    recording.diverged.set(dynamics.diverged, t * count);
  }

  private chargeTerminal(origin: number): void {
    const { dynamics, terminal, terminalCosts, costs, weights, steps, count } = this;
    if (!terminal) return;
    const { parameters, minima, instances } = dynamics;
    terminal.value(doubles(parameters), doubles(minima), instances, count, terminalCosts);
    for (let n = 0; n < count; n++) costs[n] += weights[steps - origin] * terminalCosts[n];
  }
}

/** sums += weight · values. */
function addTo(sums: Float64Array, weight: number, values: Numbers, count: number): void {
  for (let n = 0; n < count; n++) sums[n] += weight * values[n];
}

/** The numbers themselves, or a copy of them where they are float32. */
export function doubles(values: Numbers): Float64Array {
  return values instanceof Float64Array ? values : new Float64Array(values);
}
