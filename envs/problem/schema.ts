import { z } from "zod";
import { completeLandscape } from "../landscapes/complete.js";
import { defaultStart } from "../landscapes/default-start.js";
import { type LandscapeInput, landscape } from "../landscapes/schema.js";
import { type ActionInput, action } from "./action-schema.js";
import { checkProblem } from "./checks.js";
import { describe, ProblemError } from "./messages.js";
import { type ObservationInput, observation } from "./observation-schema.js";
import type { Geometry, NavigationProblem, Objective, QuadraticSpec } from "./problem.js";
import { matrix, nonNegative, oneOf, positive, record, vector } from "./schema-fields.js";

export { ProblemError };

/** What `defineProblem` accepts: a navigation problem whose parts with a default may be left out. */
export interface ProblemInput {
  readonly landscape: LandscapeInput;
  readonly objective?: Partial<Objective>;
  readonly geometry?: Geometry;
  readonly task?: NavigationProblem["task"];
  readonly observation?: NavigationProblem["observation"] | ObservationInput;
  readonly action?: ActionInput | undefined;
  readonly start?: NavigationProblem["start"];
}

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
    landscapeInput.kind === "quadratic"
      ? completeQuadratic(landscapeInput, parsed)
      : completeLandscape(landscapeInput);
  const start = startInput ?? {
    kind: "point" as const,
    parameters: defaultStart(completed),
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

/** All but typed arrays, which cannot be frozen. */
function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
