import type { Observable } from "rxjs";
import { adaptivityExperiment } from "./adaptivity.js";
import { controlExperiment } from "./control.js";
import type { RediscoverEvent } from "./events.js";
import type { Experiment } from "./experiment.js";
import { geometryExperiment } from "./geometry.js";
import { horizonExperiment } from "./horizon.js";
import { investigate, type LaboratoryOptions } from "./laboratory.js";
import { momentumExperiment } from "./momentum.js";
import { phaseCurveExperiment } from "./phase-curve.js";
import type { Phenomenon } from "./report.js";
import { resetsExperiment } from "./resets.js";

export interface RediscoverOptions extends LaboratoryOptions {
  /** Default: all. */
  readonly phenomena?: readonly Phenomenon[];
}

const experiments: Readonly<Record<Phenomenon, (quick: boolean) => Experiment>> = {
  momentum: momentumExperiment,
  adaptivity: adaptivityExperiment,
  resets: resetsExperiment,
  geometry: geometryExperiment,
  control: controlExperiment,
  horizon: horizonExperiment,
  "phase-curve": phaseCurveExperiment,
};

/** Those that a whole run is about. */
export const phenomena: readonly Phenomenon[] = [
  "momentum",
  "adaptivity",
  "resets",
  "geometry",
  "control",
  "horizon",
];

/**
 * The main job: for each phenomenon states the problem, solves it, trains policies from scratch, probes them
 * beside the exact policy, and judges; then takes the rules to real data. Cold; unsubscribing cancels.
 */
export function rediscover({
  phenomena: chosen = phenomena,
  ...options
}: RediscoverOptions): Observable<RediscoverEvent> {
  return investigate(
    chosen.map((phenomenon) => experiments[phenomenon](options.quick ?? false)),
    options,
  );
}
