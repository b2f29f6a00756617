import type { Dynamics } from "../dynamics.js";
import type { EpisodePath } from "./episode-drawing.js";

interface Track {
  parameters: Float64Array[];
  losses: number[];
}

/** Keeps the path of the present episode of each environment, for pictures. */
export class Recorder {
  private readonly dynamics: Dynamics;
  private readonly tracks: readonly Track[];

  constructor(dynamics: Dynamics) {
    this.dynamics = dynamics;
    this.tracks = Array.from({ length: dynamics.count }, () => ({ parameters: [], losses: [] }));
  }

  /** To be called at the start of an episode and after each step; again does no harm. */
  record(): void {
    this.tracks.forEach((track, n) => {
      const steps = this.dynamics.elapsed[n];
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
      minimum: minima.slice(n * dimension, (n + 1) * dimension),
      instance: instances.slice(n * instanceSize, (n + 1) * instanceSize),
    };
  }

  private row(n: number): Float64Array {
    const { dimension, parameters } = this.dynamics;
    return parameters.slice(n * dimension, (n + 1) * dimension);
  }
}
