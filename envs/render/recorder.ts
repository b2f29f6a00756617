import type { Simulation } from "../simulation.js";
import type { EpisodePath } from "./episode-drawing.js";

interface Track {
  parameters: Float64Array[];
  losses: number[];
}

/** Keeps the path of the present episode of each environment, for pictures. */
export class Recorder {
  private readonly dynamics: Simulation;
  private readonly tracks: readonly Track[];

  constructor(dynamics: Simulation) {
    this.dynamics = dynamics;
    this.tracks = Array.from({ length: dynamics.count }, () => ({ parameters: [], losses: [] }));
  }

  /** To be called at the start of an episode and after each step; again does no harm. */
  record(): void {
    this.tracks.forEach((track, n) => {
      const steps = this.dynamics.elapsedOf(n);
      track.parameters.length = Math.min(steps, track.parameters.length);
      track.losses.length = track.parameters.length;
      track.parameters.push(this.row(n));
      track.losses.push(this.dynamics.losses[n]);
    });
  }

  pathOf(n: number): EpisodePath {
    const { dimension, minima, instances, landscape } = this.dynamics;
    const { instanceSize } = landscape;
    return {
      ...this.tracks[n],
      minimum: new Float64Array(minima.subarray(n * dimension, (n + 1) * dimension)),
      instance: new Float64Array(instances.subarray(n * instanceSize, (n + 1) * instanceSize)),
    };
  }

  private row(n: number): Float64Array {
    const { dimension, parameters } = this.dynamics;
    return new Float64Array(parameters.subarray(n * dimension, (n + 1) * dimension));
  }
}
