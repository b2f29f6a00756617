import { z } from "zod";
import { checkProblem } from "./checks.js";
import { describe, ProblemError } from "./messages.js";
import {
  type CustomSpec,
  type DoubleWellSpec,
  dimensionOf,
  type Geometry,
  type NavigationProblem,
  type Objective,
  type QuadraticSpec,
  type RegressionSpec,
} from "./problem.js";

export { ProblemError };

/** What `defineProblem` accepts: a navigation problem whose parts with a default may be left out. */
export interface ProblemInput {
  readonly landscape:
    | (Omit<QuadraticSpec, "dimension" | "minimum" | "curvature"> &
        Partial<Pick<QuadraticSpec, "dimension" | "minimum">> & {
          readonly curvature: number | QuadraticSpec["curvature"];
        })
    | (Pick<DoubleWellSpec, "kind"> & Partial<DoubleWellSpec>)
    | (Omit<RegressionSpec, "ridge"> & Partial<RegressionSpec>)
    | CustomSpec;
  readonly objective?: Partial<Objective>;
  readonly geometry?: Geometry;
  readonly task?: NavigationProblem["task"];
  readonly observation?:
    | NavigationProblem["observation"]
    | {
        readonly kind: "gradient";
        readonly noise?: Extract<NavigationProblem["observation"], { kind: "gradient" }>["noise"];
        readonly channels?: Extract<NavigationProblem["observation"], { kind: "gradient" }>["channels"];
      };
  readonly start?: NavigationProblem["start"];
}

const finite = z.number({ error: "must be a finite number" });
const positive = z
  .number({ error: "must be a finite number > 0" })
  .refine((value) => value > 0, { error: "must be > 0" });
const nonNegative = z
  .number({ error: "must be a finite number >= 0" })
  .refine((value) => value >= 0, { error: "must be >= 0" });
const wholeFrom = (least: number) => {
  const error = `must be a whole number >= ${least}`;
  return z.int({ error }).refine((value) => value >= least, { error });
};
const count = wholeFrom(1);
const listOf = <Item extends z.ZodType>(item: Item, what: string) =>
  z.array(item, { error: `must be an array of ${what}` }).min(1, { error: "must not be empty" });
const vector = listOf(finite, "numbers");
const matrix = listOf(vector, "rows").refine((rows) => rows.every((row) => row.length === rows[0].length), {
  error: "must have rows of equal length",
});
const fn = z.custom<(parameters: Float64Array) => never>((value) => typeof value === "function", {
  error: "must be a function",
});

/** An object with these fields and no others. */
function record<Shape extends z.ZodRawShape>(shape: Shape) {
  const accepted = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `has no field ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}, only ${accepted}`
        : `must be an object with ${accepted}`,
  });
}

/** One of several objects, told apart by their kind. */
function oneOf<Options extends readonly [ReturnType<typeof record>, ...ReturnType<typeof record>[]]>(
  options: Options,
  kinds: readonly string[],
) {
  const names = kinds.map((kind) => JSON.stringify(kind)).join(", ");
  return z.discriminatedUnion("kind", options, {
    error: (issue) =>
      issue.code === "invalid_union"
        ? `must be one of ${names}`
        : `must be an object whose kind is one of ${names}`,
  });
}

const logUniform = record({
  logUniform: z
    .tuple([positive, positive], { error: "must be [low, high]" })
    .refine(([low, high]) => low < high, { error: "must have low < high" }),
});

const curvature = z.union([positive, listOf(positive, "numbers"), matrix, logUniform], {
  error:
    'must be a positive number, a positive diagonal, a symmetric positive definite matrix, or { "logUniform": [low, high] }',
});

const landscape = oneOf(
  [
    record({
      kind: z.literal("quadratic"),
      dimension: count.optional(),
      curvature,
      minimum: vector.optional(),
    }),
    record({ kind: z.literal("double-well"), dimension: count.default(1), tilt: finite.default(0.5) }),
    record({
      kind: z.literal("regression"),
      features: matrix,
      labels: listOf(wholeFrom(0), "whole numbers"),
      ridge: nonNegative.default(0),
    }),
    record({ kind: z.literal("custom"), dimension: count, loss: fn, gradient: fn.optional() }),
  ],
  ["quadratic", "double-well", "regression", "custom"],
);

const objective = record({
  mobility: positive.default(1),
  lossWeight: positive.default(1),
  discountRate: nonNegative.default(0),
  timeStep: positive.default(0.1),
  horizon: positive.optional(),
});

const geometry = record({
  metric: matrix.optional(),
  drift: record({ matrix, offset: vector }).optional(),
  control: matrix.optional(),
});

const gaussian = { mean: vector, covariance: matrix };
const task = oneOf(
  [
    record({ kind: z.literal("static"), mean: vector.optional(), covariance: matrix.optional() }),
    record({ kind: z.literal("redrawn"), hazardRate: positive, ...gaussian }),
    record({ kind: z.literal("drifting"), relaxationRate: positive, ...gaussian }),
  ],
  ["static", "redrawn", "drifting"],
);

const noise = z.union(
  [
    nonNegative,
    record({ fisher: record({ batchSize: positive }) }),
    record({ minibatch: record({ batchSize: count }) }),
  ],
  {
    error:
      'must be a standard deviation >= 0, { "fisher": { "batchSize": B } } or { "minibatch": { "batchSize": B } }',
  },
);
const channel = z.enum(["gradient", "parameters", "loss", "update", "time"], {
  error: 'must be one of "gradient", "parameters", "loss", "update", "time"',
});
const observation = oneOf(
  [
    record({ kind: z.literal("state") }),
    record({
      kind: z.literal("gradient"),
      noise: noise.default(0),
      channels: listOf(channel, "channels")
        .refine((names) => new Set(names).size === names.length, { error: "must not repeat a channel" })
        .default(["gradient", "parameters"]),
    }),
  ],
  ["state", "gradient"],
);

const start = oneOf(
  [
    record({ kind: z.literal("point"), parameters: vector }),
    record({ kind: z.literal("gaussian"), ...gaussian }),
  ],
  ["point", "gaussian"],
);

const schema = record({
  landscape,
  objective: objective.prefault({}),
  geometry: geometry.prefault({}),
  task: task.prefault({ kind: "static" }),
  observation: observation.prefault({ kind: "gradient" }),
  start: start.optional(),
});

type Parsed = z.output<typeof schema>;

/**
 * Validates a problem and fills in its defaults: metric I, no drift, control I, a static task, the exact
 * gradient, a start at the origin. The result is immutable.
 *
 * @throws ProblemError such as `objective.timeStep: must be > 0, got -0.1`
 */
export function defineProblem(input: ProblemInput): NavigationProblem {
  const result = schema.safeParse(input);
  if (!result.success) throw new ProblemError(describe(result.error.issues[0], input));
  const problem = complete(result.data);
  checkProblem(problem);
  return deepFreeze(problem);
}

/** Fills in what depends on other parts: the dimension, the minimum, the start. */
function complete(parsed: Parsed): NavigationProblem {
  const { start: startInput, landscape: landscapeInput, ...rest } = parsed;
  const completed =
    landscapeInput.kind === "quadratic" ? completeQuadratic(landscapeInput, parsed) : landscapeInput;
  const start = startInput ?? {
    kind: "point" as const,
    parameters: new Array<number>(dimensionOf({ landscape: completed })).fill(0),
  };
  return { landscape: completed, ...rest, start };
}

function completeQuadratic(
  input: Extract<Parsed["landscape"], { kind: "quadratic" }>,
  { task, start }: Parsed,
): QuadraticSpec {
  const { curvature } = input;
  const listed = Array.isArray(curvature) ? curvature.length : undefined;
  const fromStart = start?.kind === "point" ? start.parameters.length : start?.mean.length;
  const dimension = input.dimension ?? listed ?? input.minimum?.length ?? task.mean?.length ?? fromStart;
  if (dimension === undefined)
    throw new ProblemError("landscape.dimension: must be a whole number >= 1, got nothing");
  return {
    kind: "quadratic",
    dimension,
    curvature: typeof curvature === "number" ? new Array<number>(dimension).fill(curvature) : curvature,
    minimum: input.minimum ?? new Array<number>(dimension).fill(0),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
