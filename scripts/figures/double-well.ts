import { createLandscape, defineProblem, type NavigationProblem } from "../../envs/index.js";
import { collocation, type PlannedPath } from "../../solvers/index.js";
import { type FlowPath, flow, type Point } from "./flow.js";

/** Stationary points of L = (x² − 1)² − x/2 + y² on y = 0. */
export const wells = { local: -0.93040293, barrier: -0.12705084, global: 1.05745377 } as const;

/** From here the best path goes to the global minimum for γ below this. */
export const start: Point = [-0.6, 0.45];
export const criticalRate = 0.66461;

/** On either side of the critical rate. */
export const discountRates = { far: 0.3, near: 1 } as const;

/** The paper's landscape with η = k = 1. */
export function doubleWellProblem(discountRate: number, parameters: Point = start): NavigationProblem {
  return defineProblem({
    landscape: { kind: "double-well", dimension: parameters.length, tilt: 0.5 },
    objective: { mobility: 1, lossWeight: 1, discountRate },
    observation: { kind: "state" },
    start: { kind: "point", parameters },
  });
}

const landscape = createLandscape(doubleWellProblem(1).landscape);

export function lossOf(at: Point): number {
  const loss = new Float64Array(1);
  landscape.evaluate(Float64Array.from(at), new Float64Array(0), 1, loss, null);
  return loss[0];
}

function gradientOf(at: Point): Point {
  const gradient = new Float64Array(at.length);
  landscape.evaluate(Float64Array.from(at), new Float64Array(0), 1, null, gradient);
  return [...gradient];
}

/** The best path from the start, and where it ends. */
export function bestPath(discountRate: number): PlannedPath {
  const [best] = collocation(doubleWellProblem(discountRate)).paths;
  if (!best) throw new Error(`discountRate: no optimal path was found for ${discountRate}`);
  return best;
}

/** Gradient descent with the learning rate ηk/γ of a short horizon. */
export function descentPath(discountRate: number, duration: number): FlowPath {
  return flow((at) => gradientOf(at).map((slope) => -slope / discountRate), start, duration);
}
