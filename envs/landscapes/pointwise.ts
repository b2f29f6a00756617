import type { KnownMinimum, Landscape } from "./landscape.js";

/** A single landscape, by what it is at the point that starts at `first` of an array. */
export interface PointFunction {
  readonly kind: string;
  readonly dimension: number;
  readonly minima: readonly KnownMinimum[];
  readonly bounds: readonly [low: number, high: number];
  /** Writes L to `losses` at n, and ∇L to the point's place in `gradients`, unless that is null. */
  readonly evaluateAt: (
    points: Float64Array,
    first: number,
    losses: Float64Array,
    n: number,
    gradients: Float64Array | null,
  ) => void;
  /** Writes Hv. */
  readonly multiplyAt: (
    points: Float64Array,
    first: number,
    vectors: Float64Array,
    products: Float64Array,
  ) => void;
}

/**
 * A batch is one point after another. What is passed to and fro stays in arrays: a number that crosses a call
 * that is not inlined is allocated.
 */
export function pointwise({ evaluateAt, multiplyAt, ...rest }: PointFunction): Landscape {
  const { dimension } = rest;
  const unwanted = new Float64Array(1);
  return {
    ...rest,
    instanceSize: 0,
    gradientSource: "exact",
    evaluate(points, _instances, count, losses, gradients) {
      for (let n = 0; n < count; n++) {
        if (losses) evaluateAt(points, n * dimension, losses, n, gradients);
        else evaluateAt(points, n * dimension, unwanted, 0, gradients);
      }
    },
    hessianVector(points, _instances, count, vectors, products) {
      for (let n = 0; n < count; n++) multiplyAt(points, n * dimension, vectors, products);
    },
  };
}

/** Writes the share that coordinate j, number i of the points, has in a sum: its value, slope and curvature. */
export type Coordinate = (points: Float64Array, i: number, j: number, share: Float64Array) => void;

/** L is a sum over coordinates: the Hessian is diagonal. */
export function separable(
  description: Pick<PointFunction, "kind" | "dimension" | "minima" | "bounds">,
  coordinate: Coordinate,
): Landscape {
  const { dimension } = description;
  const share = new Float64Array(3);
  return pointwise({
    ...description,
    evaluateAt(points, first, losses, n, gradients) {
      let loss = 0;
      for (let j = 0; j < dimension; j++) {
        coordinate(points, first + j, j, share);
        loss += share[0];
        if (gradients) gradients[first + j] = share[1];
      }
      losses[n] = loss;
    },
    multiplyAt(points, first, vectors, products) {
      for (let j = 0; j < dimension; j++) {
        coordinate(points, first + j, j, share);
        products[first + j] = share[2] * vectors[first + j];
      }
    },
  });
}

/** The same minimum in every coordinate. */
export function minimumAt(value: number, dimension: number, loss: number): KnownMinimum {
  return { parameters: new Array<number>(dimension).fill(value), loss, global: true };
}
