import { z } from "zod";
import { type ActionInput, action } from "./action-schema.js";
import { checkProblem } from "./checks.js";
import { describe, ProblemError } from "./messages.js";
import { type ObservationInput, observation } from "./observation-schema.js";
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
} from "./schema-fields.js";

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
  readonly observation?: NavigationProblem["observation"] | ObservationInput;
  readonly action?: ActionInput | undefined;
  readonly start?: NavigationProblem["start"];
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
  action: action.optional(),
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
