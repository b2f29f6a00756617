import type { Landscape } from "../landscapes/landscape.js";
import { hessianRules } from "./checks/hessian-rules.js";
import { lossRules } from "./checks/loss-rules.js";
import { noiseRules } from "./checks/noise-rules.js";
import { type CheckReport, checkRules } from "./checks/report.js";
import { samplesOf } from "./checks/samples.js";
import type { Seed } from "./random.js";

export interface CheckLandscapeOptions {
  /** Displacements θ − μ to check at, each of shape [d]. Default: 12 within the landscape's bounds, else normal ones. */
  readonly points?: readonly ArrayLike<number>[];
  /** Points that are said to be minima, each of shape [d], beside those that the landscape declares. Default: none. */
  readonly minima?: readonly ArrayLike<number>[];
  /** Largest relative error of gradients and Hessians. Default 1e-6, or 1e-3 where they are differences themselves or float32. */
  readonly tolerance?: number;
  /** Of the points and directions. Default 0. */
  readonly seed?: Seed;
}

/**
 * Whether a landscape is what it says: gradients against differences of losses, Hessians against differences of
 * gradients, batches against single points, noise against the Hessian, and minima.
 */
export function checkLandscape(landscape: Landscape, options: CheckLandscapeOptions = {}): CheckReport {
  return checkRules([...lossRules, ...hessianRules, ...noiseRules], samplesOf(landscape, options));
}
