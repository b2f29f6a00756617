import { z } from "zod";
import type { CustomSpec, DoubleWellSpec, QuadraticSpec, RegressionSpec } from "../problem/problem.js";
import {
  count,
  finite,
  fn,
  listOf,
  matrix,
  nonNegative,
  oneOf,
  positive,
  record,
  vector,
  wholeFrom,
} from "../problem/schema-fields.js";
import type {
  ExpressionSpec,
  LinearRegressionSpec,
  MatrixFactorisationSpec,
  MultimodalSpec,
  NetworkSpec,
  PlanarSpec,
  Pool,
  RandomDoubleWellSpec,
  RandomQuadraticSpec,
  RastriginSpec,
  RosenbrockSpec,
  SaddleSpec,
  StreamSpec,
} from "./specs.js";
import { Table } from "./table.js";

type Optional<Spec, Required extends keyof Spec> = Pick<Spec, Required> & Partial<Spec>;
type OnTable<Spec> = Omit<Spec, "features"> & {
  readonly features: NetworkSpec["features"] | Pick<Table, "columns" | "values">;
};
type NetworkInput = OnTable<Optional<Omit<NetworkSpec, "features">, "kind">>;
type RegressionInput = OnTable<Optional<RegressionSpec, "kind" | "labels">>;
type LinearRegressionInput = OnTable<Optional<LinearRegressionSpec, "kind" | "targets">>;
type PoolInput = { readonly pool?: Optional<Pool, "split"> | undefined };

/** A landscape whose fields with a default may be left out. */
export type LandscapeInput =
  | (Omit<QuadraticSpec, "dimension" | "minimum" | "curvature"> &
      Partial<Pick<QuadraticSpec, "dimension" | "minimum">> & {
        readonly curvature: number | QuadraticSpec["curvature"];
      })
  | Optional<DoubleWellSpec, "kind">
  | Optional<RosenbrockSpec, "kind">
  | Optional<RastriginSpec, "kind">
  | Optional<MultimodalSpec, "kind">
  | Optional<PlanarSpec, "kind">
  | Optional<SaddleSpec, "kind">
  | Optional<MatrixFactorisationSpec, "kind" | "matrix">
  | LinearRegressionInput
  | RegressionInput
  | NetworkInput
  | (Optional<Omit<RandomQuadraticSpec, "pool">, "kind"> & PoolInput)
  | (Optional<Omit<RandomDoubleWellSpec, "pool">, "kind"> & PoolInput)
  | Optional<ExpressionSpec, "kind" | "loss">
  | (Optional<Omit<StreamSpec, "base">, "kind" | "variation" | "change"> & {
      readonly base: RegressionInput | NetworkInput;
    })
  | CustomSpec;

const logUniform = record({
  logUniform: z
    .tuple([positive, positive], { error: "must be [low, high]" })
    .refine(([low, high]) => low < high, { error: "must have low < high" }),
});

const curvature = z.union([positive, listOf(nonNegative, "numbers"), matrix, logUniform], {
  error:
    'must be a positive number, a diagonal of numbers >= 0, a symmetric positive semidefinite matrix, or { "logUniform": [low, high] }',
});

const range = (bound: typeof finite) =>
  z
    .tuple([bound, bound], { error: "must be [low, high]" })
    .refine(([low, high]) => low <= high, { error: "must have low <= high" });

const seed = z.union([z.string(), finite], { error: "must be a number or a string" });
const pool = record({
  split: z.enum(["train", "test"], { error: 'must be one of "train", "test"' }),
  size: count.default(1000),
  seed: seed.default(0),
});

const numbers = z.custom<ArrayLike<number>>(
  (value) =>
    (Array.isArray(value) || value instanceof Float64Array) &&
    value.length > 0 &&
    value.every(Number.isFinite),
  { error: "must be finite numbers" },
);
const table = record({ columns: count, values: numbers })
  .refine(({ columns, values }) => values.length % columns === 0, {
    path: ["values"],
    error: "must be whole rows of as many numbers as there are columns",
  })
  .transform(({ columns, values }) => new Table(columns, values));
const features = z.union([matrix, table], {
  error: "must be an array of rows, or a table of columns and values",
});
const targets = z.union([vector, matrix], { error: "must be an array of numbers, or of rows" });
const labels = listOf(wholeFrom(0), "whole numbers");

const dimension = count.default(2);
const planeOrMore = wholeFrom(2).default(2);
const plane = z.literal(2, { error: "must be 2" }).default(2);

const regression = record({
  kind: z.literal("regression"),
  features,
  labels,
  ridge: nonNegative.default(0),
});
const network = record({
  kind: z.literal("network"),
  features,
  labels: labels.optional(),
  targets: targets.optional(),
  hidden: z.array(count, { error: "must be an array of whole numbers" }).default([16]),
  activation: z.enum(["tanh", "relu"], { error: 'must be one of "tanh", "relu"' }).default("tanh"),
  ridge: nonNegative.default(0),
});

const change = z.union(
  [
    record({ period: count }),
    record({ hazard: nonNegative.refine((value) => value <= 1, { error: "must be <= 1" }) }),
  ],
  { error: 'must be { "period": steps } or { "hazard": probability }' },
);

const landscapes = [
  record({
    kind: z.literal("quadratic"),
    dimension: count.optional(),
    curvature,
    minimum: vector.optional(),
  }),
  record({
    kind: z.literal("random-quadratic"),
    dimension,
    conditionNumber: finite.refine((value) => value >= 1, { error: "must be >= 1" }).default(100),
    rotation: z.enum(["haar", "householder"], { error: 'must be "haar" or "householder"' }).default("haar"),
    pool: pool.optional(),
  }),
  record({ kind: z.literal("double-well"), dimension: count.default(1), tilt: finite.default(0.5) }),
  record({
    kind: z.literal("random-double-well"),
    dimension,
    tilt: range(finite).default([0.1, 0.9]),
    barrier: range(positive).default([0.5, 2]),
    pool: pool.optional(),
  }),
  record({ kind: z.literal("saddle"), dimension: planeOrMore, escape: positive.default(1) }),
  record({ kind: z.literal("rosenbrock"), dimension: planeOrMore, steepness: positive.default(100) }),
  record({ kind: z.literal("rastrigin"), dimension, amplitude: nonNegative.default(10) }),
  record({ kind: z.literal("ackley"), dimension }),
  record({ kind: z.literal("griewank"), dimension }),
  record({ kind: z.literal("levy"), dimension }),
  record({ kind: z.literal("styblinski-tang"), dimension }),
  record({ kind: z.literal("himmelblau"), dimension: plane }),
  record({ kind: z.literal("beale"), dimension: plane }),
  record({ kind: z.literal("matrix-factorisation"), matrix, rank: count.default(1) }),
  record({ kind: z.literal("linear-regression"), features, targets, ridge: nonNegative.default(0) }),
  regression,
  network,
  record({
    kind: z.literal("stream"),
    base: oneOf([regression, network], ["regression", "network"]),
    variation: z.enum(["permuted-features", "permuted-labels", "class-incremental"], {
      error: 'must be one of "permuted-features", "permuted-labels", "class-incremental"',
    }),
    tasks: count.default(10),
    classesPerTask: count.default(1),
    change,
    seed: seed.default(0),
  }),
  record({
    kind: z.literal("expression"),
    loss: z.string({ error: "must be a formula such as (x^2-1)^2 - x/2 + y^2" }),
    variables: listOf(z.string({ error: "must be a name" }), "names").optional(),
    dimension: count.optional(),
  }),
  record({
    kind: z.literal("custom"),
    dimension: count,
    loss: fn,
    gradient: fn.optional(),
    hessianVector: fn.optional(),
    exampleCount: count.optional(),
    minibatchGradient: fn.optional(),
    minibatchLoss: fn.optional(),
    precision: z.enum(["float64", "float32"], { error: 'must be one of "float64", "float32"' }).optional(),
  }),
] as const;

/** One schema for all kinds of landscape. What depends on other parts is filled in by `completeLandscape`. */
export const landscape = oneOf(
  landscapes,
  landscapes.map(({ shape }) => shape.kind.value as string),
);

export type ParsedLandscape = z.output<typeof landscape>;
