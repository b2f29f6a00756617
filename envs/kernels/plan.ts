/** The fields of the kernels' `Plan`, in its order: four bytes each. */
const fields = [
  "count",
  "dimension",
  "parameters",
  "next",
  "minima",
  "actions",
  "instances",
  "instanceStride",
  "noise",
  "noiseScale",
  "isFisher",
  "shownGradients",
  "gradientStride",
  "shownParameters",
  "parametersStride",
  "losses",
  "costs",
  "rewards",
  "timeStep",
  "perMovement",
  "perLoss",
  "shape",
  "slopes",
  "spareLosses",
  "scratch",
  "table",
  "labels",
  "exampleCount",
  "classes",
  "width",
  "chosen",
  "batchSize",
] as const;

type Field = (typeof fields)[number];
type RealField = "noiseScale" | "timeStep" | "perMovement" | "perLoss" | "shape";

/** Numbers of the memory that a plan takes. */
export const planLength = fields.length;

/** Writes the plan of a batch to memory: addresses and counts as integers, the rest as float32. */
export class Plan {
  readonly address: number;
  private readonly integers: Int32Array;
  private readonly reals: Float32Array;

  constructor(memory: Float32Array) {
    this.address = memory.byteOffset;
    this.reals = memory;
    this.integers = new Int32Array(memory.buffer, memory.byteOffset, memory.length);
  }

  setReal(field: RealField, value: number): void {
    this.reals[fields.indexOf(field)] = value;
  }

  set(field: Exclude<Field, RealField>, value: number): void {
    this.integers[fields.indexOf(field)] = value;
  }

  get(field: Exclude<Field, RealField>): number {
    return this.integers[fields.indexOf(field)];
  }
}
