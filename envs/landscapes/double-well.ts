import type { DoubleWellSpec } from "../problem/problem.js";
import type { KnownMinimum, Landscape } from "./landscape.js";

/** L = (x² − 1)² − tilt·x + Σ yᵢ². */
export function doubleWell({ dimension, tilt }: DoubleWellSpec): Landscape {
  return {
    kind: "double-well",
    dimension,
    instanceSize: 0,
    gradientSource: "exact",
    minima: minimaOf(dimension, tilt),
    bounds: [-2, 2],
    evaluate(points, _instances, count, losses, gradients) {
      for (let n = 0; n < count; n++) {
        const first = n * dimension;
        const x = points[first];
        const well = x * x - 1;
        let loss = well * well - tilt * x;
        if (gradients) gradients[first] = 4 * x * well - tilt;
        for (let i = first + 1; i < first + dimension; i++) {
          const y = points[i];
          loss += y * y;
          if (gradients) gradients[i] = 2 * y;
        }
        if (losses) losses[n] = loss;
      }
    },
    hessianVector(points, _instances, count, vectors, products) {
      for (let i = 0; i < count * dimension; i++) {
        const curvature = i % dimension === 0 ? 12 * points[i] * points[i] - 4 : 2;
        products[i] = curvature * vectors[i];
      }
    },
  };
}

/** At |tilt| = 8/√27 one of the two valleys closes. */
const LAST_TILT = 8 / Math.sqrt(27);

function minimaOf(dimension: number, tilt: number): KnownMinimum[] {
  const sides = Math.abs(tilt) < LAST_TILT ? [1, -1] : [Math.sign(tilt)];
  const valleys = sides
    .map((side) => outerRoot(side, tilt))
    .map((x) => ({ x, loss: (x * x - 1) ** 2 - tilt * x }))
    .sort((a, b) => a.loss - b.loss);
  return valleys.map(({ x, loss }) => ({
    parameters: [x, ...new Array<number>(dimension - 1).fill(0)],
    loss,
    global: loss === valleys[0].loss,
  }));
}

/** The outermost root of 4x³ − 4x − tilt on one side, by Newton steps, which approach it from outside. */
function outerRoot(side: number, tilt: number): number {
  let x = side * (1 + Math.abs(tilt));
  for (let i = 0; i < 100; i++) {
    const next = x - (4 * x * (x * x - 1) - tilt) / (12 * x * x - 4);
    if (Math.abs(next - x) <= Number.EPSILON * Math.abs(x)) return next;
    x = next;
  }
  return x;
}
