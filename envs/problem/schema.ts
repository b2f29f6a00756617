import { z } from "zod";
import { isPositiveDefinite, isPositiveSemidefinite } from "./linear-algebra.js";
import {
  type CustomSpec,
  channelsOf,
  type DoubleWellSpec,
  dimensionOf,
  type Geometry,
  isDense,
  isLogUniform,
  type Matrix,
  type NavigationProblem,
  type Objective,
  type QuadraticSpec,
  type RegressionSpec,
  type Vector,
} from "./problem.js";

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

/** Bad input: the message is one line that names the path, the value, and what would be accepted. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
}

const finite = z.number({ error: "must be a finite number" });
const positive = finite.refine((value) => value > 0, { error: "must be > 0", abort: true });
const nonNegative = finite.refine((value) => value >= 0, { error: "must be >= 0", abort: true });
const count = z
  .int({ error: "must be a whole number >= 1" })
  .refine((value) => value >= 1, { error: "must be a whole number >= 1" });
const vector = z
  .array(finite, { error: "must be an array of numbers" })
  .min(1, { error: "must not be empty" });
const matrix = z
  .array(vector, { error: "must be an array of rows" })
  .min(1, { error: "must not be empty" })
  .refine((rows) => rows.every((row) => row.length === rows[0].length), {
    error: "must have rows of equal length",
  });
const fn = z.custom<(parameters: Float64Array) => never>((value) => typeof value === "function", {
  error: "must be a function",
});

const logUniform = z
  .strictObject({ logUniform: z.tuple([positive, positive], { error: "must be [low, high]" }) })
  .refine(({ logUniform: [low, high] }) => low < high, {
    error: "must have low < high",
    path: ["logUniform"],
  });

const curvature = z.union([positive, z.array(positive).min(1), matrix, logUniform], {
  error:
    'must be a positive number, a positive diagonal, a symmetric positive definite matrix, or { "logUniform": [low, high] }',
});

const landscape = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("quadratic"),
      dimension: count.optional(),
      curvature,
      minimum: vector.optional(),
    }),
    z.strictObject({
      kind: z.literal("double-well"),
      dimension: count.default(1),
      tilt: finite.default(0.5),
    }),
    z.strictObject({
      kind: z.literal("regression"),
      features: matrix,
      labels: z.array(
        z
          .int({ error: "must be a whole number >= 0" })
          .refine((value) => value >= 0, { error: "must be a whole number >= 0" }),
      ),
      ridge: nonNegative.default(0),
    }),
    z.strictObject({ kind: z.literal("custom"), dimension: count, loss: fn, gradient: fn.optional() }),
  ],
  { error: 'must be one of "quadratic", "double-well", "regression", "custom"' },
);

const objective = z.strictObject({
  mobility: positive.default(1),
  lossWeight: positive.default(1),
  discountRate: nonNegative.default(0),
  timeStep: positive.default(0.1),
  horizon: positive.optional(),
});

const geometry = z.strictObject({
  metric: matrix.optional(),
  drift: z.strictObject({ matrix, offset: vector }).optional(),
  control: matrix.optional(),
});

const gaussian = { mean: vector, covariance: matrix };
const task = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("static"), mean: vector.optional(), covariance: matrix.optional() }),
    z.strictObject({ kind: z.literal("redrawn"), hazardRate: positive, ...gaussian }),
    z.strictObject({ kind: z.literal("drifting"), relaxationRate: positive, ...gaussian }),
  ],
  { error: 'must be one of "static", "redrawn", "drifting"' },
);

const batch = z.strictObject({ batchSize: positive });
const noise = z.union(
  [
    nonNegative,
    z.strictObject({ fisher: batch }),
    z.strictObject({ minibatch: z.strictObject({ batchSize: count }) }),
  ],
  {
    error:
      'must be a standard deviation >= 0, { "fisher": { "batchSize": B } } or { "minibatch": { "batchSize": B } }',
  },
);
const channel = z.enum(["gradient", "parameters", "loss", "update", "time"], {
  error: 'must be one of "gradient", "parameters", "loss", "update", "time"',
});
const observation = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("state") }),
    z.strictObject({
      kind: z.literal("gradient"),
      noise: noise.default(0),
      channels: z.array(channel).min(1, { error: "must not be empty" }).default(["gradient", "parameters"]),
    }),
  ],
  { error: 'must be one of "state", "gradient"' },
);

const start = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("point"), parameters: vector }),
    z.strictObject({ kind: z.literal("gaussian"), ...gaussian }),
  ],
  { error: 'must be one of "point", "gaussian"' },
);

const schema = z.strictObject(
  {
    landscape,
    objective: objective.prefault({}),
    geometry: geometry.prefault({}),
    task: task.prefault({ kind: "static" }),
    observation: observation.prefault({ kind: "gradient" }),
    start: start.optional(),
  },
  { error: "must be an object with a landscape" },
);

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
  check(problem);
  return deepFreeze(problem);
}

function describe(issue: z.core.$ZodIssue, input: unknown): string {
  const deepest = issue.code === "invalid_union" ? deepestOf(issue) : undefined;
  const { path, message, code } = deepest ?? issue;
  const where = formatPath(path) || "problem";
  if (code === "unrecognized_keys") return `${where}: has no field ${issueKeys(deepest ?? issue)}`;
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
  const discriminated =
    typeof value === "object" && value !== null && message.startsWith("must be one of") && "kind" in value;
  return discriminated
    ? `${where}.kind: ${message}, got ${show(value.kind)}`
    : `${where}: ${message}, got ${show(value)}`;
}

/** Of a failed union, the branch that matched furthest, when one clearly did. */
function deepestOf(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue | undefined {
  const nested = issue.errors.flat().filter(({ path }) => path.length > 0);
  const longest = nested.sort((a, b) => b.path.length - a.path.length)[0];
  return longest && { ...longest, path: [...issue.path, ...longest.path] };
}

function issueKeys(issue: z.core.$ZodIssue): string {
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => JSON.stringify(key)).join(", ") : "";
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    "",
  );
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
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

function check(problem: NavigationProblem): void {
  const { landscape, geometry, task, start, observation } = problem;
  if (landscape.kind === "regression") checkTable(landscape);
  const dimension = dimensionOf(problem);
  if (landscape.kind === "quadratic") checkQuadratic(landscape, dimension);
  const pushes = geometry.control?.[0]?.length ?? dimension;
  if (geometry.control) checkShape("geometry.control", geometry.control, dimension, pushes);
  if (geometry.metric) checkSymmetric("geometry.metric", geometry.metric, pushes, true);
  if (geometry.drift) {
    checkShape("geometry.drift.matrix", geometry.drift.matrix, dimension, dimension);
    checkLength("geometry.drift.offset", geometry.drift.offset, dimension);
  }
  if (task.kind === "static" && (task.mean === undefined) !== (task.covariance === undefined)) {
    throw new ProblemError("task: needs both mean and covariance, or neither, got one of them");
  }
  if (task.mean && task.covariance) checkGaussian("task", task.mean, task.covariance, dimension);
  if (start.kind === "point") checkLength("start.parameters", start.parameters, dimension);
  else checkGaussian("start", start.mean, start.covariance, dimension);
  if (observation.kind === "gradient") checkNoise(problem, observation.noise);
}

function checkQuadratic({ curvature, minimum }: QuadraticSpec, dimension: number): void {
  checkLength("landscape.minimum", minimum, dimension);
  if (isDense(curvature)) checkSymmetric("landscape.curvature", curvature, dimension, true);
  else if (!isLogUniform(curvature)) checkLength("landscape.curvature", curvature, dimension);
}

function checkTable({ features, labels }: RegressionSpec): void {
  if (labels.length !== features.length)
    throw new ProblemError(
      `landscape.labels: must have one label per row of features (${features.length}), got ${labels.length}`,
    );
  if (Math.max(...labels) < 1)
    throw new ProblemError("landscape.labels: must name at least two classes, got one");
}

function checkNoise(
  problem: NavigationProblem,
  noise: Exclude<NavigationProblem["observation"], { kind: "state" }>["noise"],
): void {
  const { kind } = problem.landscape;
  if (typeof noise === "number") return;
  if ("fisher" in noise && kind !== "quadratic")
    throw new ProblemError(
      `observation.noise.fisher: needs a quadratic landscape, got ${JSON.stringify(kind)}`,
    );
  if ("minibatch" in noise && kind !== "regression")
    throw new ProblemError(
      `observation.noise.minibatch: needs a regression landscape, got ${JSON.stringify(kind)}`,
    );
  if (!channelsOf(problem).includes("gradient"))
    throw new ProblemError('observation.channels: must include "gradient" when there is gradient noise');
}

function checkLength(path: string, value: Vector, length: number): void {
  if (value.length !== length)
    throw new ProblemError(`${path}: must have length ${length}, got ${value.length}`);
}

function checkShape(path: string, value: Matrix, rows: number, columns: number): void {
  if (value.length !== rows || value[0].length !== columns) {
    throw new ProblemError(
      `${path}: must have shape [${rows}, ${columns}], got [${value.length}, ${value[0].length}]`,
    );
  }
}

function checkSymmetric(path: string, value: Matrix, size: number, definite: boolean): void {
  checkShape(path, value, size, size);
  const scale = Math.max(...value.flat().map(Math.abs));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(value[i][j] - value[j][i]) > 1e-9 * scale)
        throw new ProblemError(
          `${path}: must be symmetric, got ${value[i][j]} at [${i}, ${j}] and ${value[j][i]} at [${j}, ${i}]`,
        );
    }
  }
  if (definite && !isPositiveDefinite(value))
    throw new ProblemError(`${path}: must be positive definite, got ${show(value)}`);
  if (!definite && !isPositiveSemidefinite(value))
    throw new ProblemError(`${path}: must be positive semidefinite, got ${show(value)}`);
}

function checkGaussian(path: string, mean: Vector, covariance: Matrix, dimension: number): void {
  checkLength(`${path}.mean`, mean, dimension);
  checkSymmetric(`${path}.covariance`, covariance, dimension, false);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
