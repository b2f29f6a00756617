import { deriveKey, fillNormals, type RandomKey, streams } from "../core/random.js";
import type { Landscape } from "../landscapes/landscape.js";
import { actionOf, type Channel, channelsOf, delayOf, type NavigationProblem } from "../problem/problem.js";
import type { Batch } from "./batch.js";
import { Curvature } from "./curvature.js";
import { DelayLine } from "./delay-line.js";
import { Slopes } from "./slopes.js";

/** A channel by which the landscape speaks. */
export type Told = Extract<Channel, "gradient" | "sign" | "loss" | "curvature" | "hessianVector">;

const told: readonly Told[] = ["gradient", "sign", "loss", "curvature", "hessianVector"];

/** What the landscape tells of the present, with noise, and `delay` steps late. */
export class Measurements {
  readonly slopes: Slopes;
  /** Whether the gradient is observed, or moves θ. */
  readonly usesSlopes: boolean;

  /** What moves θ, where the action sets hyperparameters. */
  readonly driver: Told | null;

  private readonly landscape: Landscape;
  private readonly batch: Batch;
  private readonly curvature: Curvature | null;
  private readonly signs: Float64Array;
  private readonly losses: Float64Array;
  private readonly lossNoise: number;
  private readonly normals: Float64Array;
  // Walked by index: an iterator is an object, which is allocated wherever the engine has not compiled it away.
  private readonly delayed: readonly { readonly channel: Told; readonly line: DelayLine }[];
  private recorded = false;
  private firstIndex = 0;
  private lossKey!: RandomKey;

  constructor(problem: NavigationProblem, landscape: Landscape, batch: Batch) {
    const { observation } = problem;
    const { count, dimension } = batch;
    const channels = new Set<Channel>(channelsOf(problem));
    this.driver = driverOf(problem);
    if (this.driver) channels.add(this.driver);
    this.landscape = landscape;
    this.batch = batch;
    this.slopes = new Slopes(problem, landscape, batch);
    this.usesSlopes = channels.has("gradient") || channels.has("sign");
    const usesHessian = channels.has("curvature") || channels.has("hessianVector");
    this.curvature = usesHessian && observation.kind !== "state" ? new Curvature(landscape, batch) : null;
    this.signs = new Float64Array(channels.has("sign") ? count * dimension : 0);
    this.losses = new Float64Array(count);
    this.lossNoise = observation.kind === "loss" ? observation.noise : 0;
    this.normals = new Float64Array(count);
    this.delayed = told
      .filter((channel) => channels.has(channel) && delayOf(problem, channel) > 0)
      .map((channel) => {
        const width = channel === "loss" ? 1 : dimension;
        return { channel, line: new DelayLine(batch, width, delayOf(problem, channel)) };
      });
  }

  seed(root: RandomKey, firstIndex: number): void {
    this.firstIndex = firstIndex;
    this.slopes.seed(root, firstIndex);
    this.lossKey = deriveKey(root, streams.lossNoise);
    this.forget();
  }

  /** The world has changed: what was recorded of the present no longer is of the present. */
  forget(): void {
    this.recorded = false;
  }

  /** Keeps for later what a delayed channel tells of the present; to be called before the world moves. */
  record(clock: number): void {
    if (this.recorded) return;
    this.recorded = true;
    const { delayed } = this;
    for (let i = 0; i < delayed.length; i++) delayed[i].line.store(this.measure(delayed[i].channel, clock));
  }

  /** What a channel shows at present, row by row. */
  read(channel: Told, clock: number): Float64Array {
    const { delayed } = this;
    for (let i = 0; i < delayed.length; i++) {
      if (delayed[i].channel !== channel) continue;
      this.record(clock);
      return delayed[i].line.read();
    }
    return this.measure(channel, clock);
  }

  private measure(channel: Told, clock: number): Float64Array {
    switch (channel) {
      case "gradient":
        return this.slopes.observe(clock);
      case "sign":
        return this.observeSigns(clock);
      case "loss":
        return this.observeLosses(clock);
      case "curvature":
        return (this.curvature as Curvature).diagonal();
      case "hessianVector":
        return (this.curvature as Curvature).alongUpdate();
    }
  }

  private observeSigns(clock: number): Float64Array {
    const { signs } = this;
    const slopes = this.slopes.observe(clock);
    // Adding 0 turns -0 into 0.
    for (let i = 0; i < signs.length; i++) signs[i] = Math.sign(slopes[i]) + 0;
    return signs;
  }

  private observeLosses(clock: number): Float64Array {
    const { batch, losses, lossNoise, normals } = this;
    if (this.slopes.current) losses.set(batch.losses);
    else if (this.slopes.minibatches.areCharged) this.slopes.sample(clock, losses);
    else {
      batch.displace();
      this.landscape.evaluate(batch.displacements, batch.instances, batch.count, losses, null);
    }
    if (lossNoise === 0) return losses;
    fillNormals(this.lossKey, this.firstIndex, clock, normals.length, normals);
    for (let n = 0; n < losses.length; n++) losses[n] += lossNoise * normals[n];
    return losses;
  }
}

function driverOf(problem: NavigationProblem): Told | null {
  if (actionOf(problem).kind === "velocity") return null;
  return problem.observation.kind === "sign" ? "sign" : "gradient";
}
