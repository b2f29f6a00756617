import { noiseOf, scaleOf } from "../dynamics/slopes.js";
import { flatten } from "../problem/linear-algebra.js";
import { isDense, isLogUniform, type Matrix, type NavigationProblem } from "../problem/problem.js";
import { obstacleOf } from "./obstacles.js";

/** What a landscape is to the kernels. */
export interface Family {
  /** The end of its kernels' names. */
  readonly name:
    | "Quadratic"
    | "DoubleWell"
    | "Rastrigin"
    | "StyblinskiTang"
    | "Saddle"
    | "Levy"
    | "Dense"
    | "Reflected"
    | "Valley"
    | "Softmax";
  /** The one number that it may have: tilt, amplitude, descent, ridge. */
  readonly shape: number;
  /** What all environments share, such as curvatures, or marks of coordinates. Absent where each has its own, or none. */
  readonly shared?: Float64Array;
  /** Where each environment has its own: how many numbers, and how they come from an instance of the landscape. */
  readonly own?: Own;
}

interface Own {
  readonly size: number;
  write(instance: Float64Array, out: Float32Array, at: number): void;
}

/** What is simulated by kernels, or else why not: the path, the value, and what has a kernel. */
export function familyOf(problem: NavigationProblem): Family | string {
  const family = obstacleOf(problem) ?? landscapeFamily(problem);
  return typeof family === "string" ? family : (sizeObstacle(family, problem) ?? family);
}

/** Beyond it a product of two is not in float32. */
const LARGEST = 1e18;

function sizeObstacle({ shape, shared }: Family, { observation }: NavigationProblem): string | null {
  const scale = scaleOf(noiseOf({ observation }));
  if (scale > LARGEST) return `observation.noise: must be at most ${LARGEST} in float32, got ${scale}`;
  const large = [shape, ...(shared ?? [])].find((value) => Math.abs(value) > LARGEST);
  return large === undefined
    ? null
    : `landscape: must hold no number beyond ${LARGEST} in float32, got ${large}`;
}

function landscapeFamily({ landscape }: NavigationProblem): Family | string {
  switch (landscape.kind) {
    case "quadratic": {
      const { curvature, dimension } = landscape;
      if (isLogUniform(curvature)) return { name: "Quadratic", shape: 0, own: copied(dimension) };
      if (isDense(curvature)) return { name: "Dense", shape: 0, shared: padded(curvature) };
      return { name: "Quadratic", shape: 0, shared: Float64Array.from(curvature) };
    }
    case "random-quadratic": {
      const { dimension, rotation } = landscape;
      if (rotation === "householder") return { name: "Reflected", shape: 0, own: copied(2 * dimension) };
      return {
        name: "Dense",
        shape: 0,
        own: { size: dimension * roundUp(dimension), write: squareOf(dimension) },
      };
    }
    case "random-double-well":
      return { name: "Valley", shape: 0, own: copied(2 + landscape.dimension) };
    case "double-well":
      return { name: "DoubleWell", shape: landscape.tilt, shared: marked(landscape.dimension, [1, 0]) };
    case "rastrigin":
      return { name: "Rastrigin", shape: landscape.amplitude };
    case "styblinski-tang":
      return { name: "StyblinskiTang", shape: 0 };
    case "saddle":
      return { name: "Saddle", shape: landscape.escape, shared: marked(landscape.dimension, [0, 1]) };
    case "levy":
      return { name: "Levy", shape: 0, shared: marked(landscape.dimension, [1, 2]) };
    case "regression":
      return { name: "Softmax", shape: landscape.ridge };
    default:
      return `landscape.kind: "${landscape.kind}" has no kernel`;
  }
}

/** Marks of the first and of the last coordinate, added up where they are the same. */
function marked(dimension: number, [first, last]: readonly [number, number]): Float64Array {
  const marks = new Float64Array(dimension);
  marks[0] += first;
  marks[dimension - 1] += last;
  return marks;
}

/** The first numbers of an instance. */
function copied(size: number): Own {
  return {
    size,
    write(instance, out, at) {
      for (let i = 0; i < size; i++) out[at + i] = instance[i];
    },
  };
}

/** H = FFᵀ, its rows padded, where F follows d eigenvalues in the instance. */
function squareOf(d: number) {
  const stride = roundUp(d);
  return (instance: Float64Array, out: Float32Array, at: number) => {
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        let sum = 0;
        for (let k = 0; k < d; k++) sum += instance[d + i * d + k] * instance[d + j * d + k];
        out[at + i * stride + j] = sum;
      }
    }
  };
}

function padded(matrix: Matrix): Float64Array {
  const stride = roundUp(matrix.length);
  const out = new Float64Array(matrix.length * stride);
  const flat = flatten(matrix);
  for (let i = 0; i < matrix.length; i++)
    out.set(flat.subarray(i * matrix.length, (i + 1) * matrix.length), i * stride);
  return out;
}

/** To a multiple of four. */
export function roundUp(length: number): number {
  return Math.ceil(length / 4) * 4;
}
