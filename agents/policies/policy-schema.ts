import { z } from "zod";
import type { CoordinateLayout } from "./coordinates.js";
import { isWhole } from "./full.js";
import type { ImpliedMinimum } from "./implied-minimum.js";
import type { PolicyConfig } from "./policy-model.js";

const finite = z.number({ error: "must be a finite number" });
const positive = finite.refine((value) => value > 0, { error: "must be > 0" });
/** Added to what a logarithm or a root is taken of; float32 must hold it and its inverse. */
const epsilon = finite.refine((value) => value >= 1e-30, { error: "must be >= 1e-30" });
const count = z.int({ error: "must be a whole number" }).min(1, { error: "must be >= 1" });
const offset = z.int({ error: "must be a whole number" }).min(0, { error: "must be >= 0" });
const decay = finite.refine((value) => value >= 0 && value < 1, { error: "must be in [0, 1)" });
const perCoordinate = z.array(finite);
const atLeastOne = { error: "must not be empty" };

const layout = z.strictObject({
  dimension: count,
  observationSize: count,
  gradientOffset: offset,
  parametersOffset: offset.nullable(),
  cueOffset: offset.optional(),
});
const common = { layout, gain: positive, epsilon };
const hidden = z.array(count).min(1, atLeastOne);
const decays = z.array(decay).min(1, atLeastOne);
const parameters = z.strictObject({ center: perCoordinate, scale: positive }).nullable();
const clocks = z.array(positive);

const memoryless = z.strictObject({
  kind: z.literal("memoryless"),
  ...common,
  hidden,
  velocity: positive,
  center: perCoordinate,
  scale: positive,
  constants: z.array(perCoordinate),
});

const emaBank = z.strictObject({
  kind: z.literal("ema-bank"),
  ...common,
  hidden,
  decays,
  squareDecays: decays,
  clocks,
  parameters,
  carried: z
    .strictObject(
      { curvature: positive.refine((value) => value <= 1e30, { error: "must be <= 1e30" }) },
      { error: "must be an object with the key curvature" },
    )
    .optional(),
});

const powerBank = z.strictObject({
  kind: z.literal("power-bank"),
  ...common,
  decays,
  squareDecays: decays,
  varianceDecay: decay,
  clocks,
});

const linearEmaBank = z.strictObject({
  kind: z.literal("linear-ema-bank"),
  layout,
  gain: positive,
  decays,
  parameters,
});

const scaleFree = z.strictObject({
  kind: z.literal("scale-free"),
  gain: positive,
  clocks,
  epsilon,
});
const impliedMinimum = z.strictObject({
  kind: z.literal("implied-minimum"),
  curvature: z.array(positive),
  center: perCoordinate,
  scale: positive,
  rate: z.array(positive),
});
const inputs = z.discriminatedUnion("kind", [scaleFree, impliedMinimum], {
  error: 'must be "scale-free" or "implied-minimum"',
});
const minimumBank = z.strictObject({
  kind: z.literal("minimum-bank"),
  layout,
  hidden,
  decays,
  cuedDecays: decays.optional(),
  clocks,
  minimum: impliedMinimum,
});
const gru = z.strictObject({ kind: z.literal("gru"), layout, units: count, inputs });
const lstm = z.strictObject({ kind: z.literal("lstm"), layout, units: count, inputs });

const whole = {
  layout: z.strictObject({ dimension: count, observationSize: count }),
  center: perCoordinate,
  scale: z.array(positive),
  unit: positive,
};
const full = z.strictObject({ kind: z.literal("full"), ...whole, hidden });
const fullGru = z.strictObject({ kind: z.literal("full-gru"), ...whole, units: count });

const kinds = [memoryless, linearEmaBank, emaBank, powerBank, minimumBank, gru, lstm, full, fullGru] as const;
const schema = z.discriminatedUnion("kind", kinds, {
  error: `must be one of ${kinds.map(({ shape }) => `"${shape.kind.value}"`).join(", ")}`,
});

/** @throws when a config, from a file perhaps, is not one: `policy.decays[0]: must be in [0, 1)`. */
export function checkPolicyConfig(config: PolicyConfig): void {
  const result = schema.safeParse(config);
  if (!result.success) {
    const { path, message } = result.error.issues[0];
    throw new Error(`${["policy", ...path].map(step).join("")}: ${message}`);
  }
  if (!isWhole(config)) checkChannels(config.layout);
  const each = isWhole(config) ? config.layout.observationSize : config.layout.dimension;
  for (const [name, values] of repeatedOf(config)) {
    if (values.length !== each && values.length !== 1) {
      throw new Error(`policy.${name}: must have length ${each} or 1, got ${values.length}`);
    }
  }
}

/** Each channel lies within the observation, and none on another. */
function checkChannels(layout: CoordinateLayout): void {
  const { dimension, observationSize, gradientOffset, parametersOffset, cueOffset } = layout;
  const channels = [
    { name: "gradientOffset", start: gradientOffset, size: dimension },
    ...(parametersOffset === null
      ? []
      : [{ name: "parametersOffset", start: parametersOffset, size: dimension }]),
    ...(cueOffset === undefined ? [] : [{ name: "cueOffset", start: cueOffset, size: 1 }]),
  ];
  channels.forEach(({ name, start, size }, i) => {
    const most = observationSize - size;
    const refuse = (what: string) => new Error(`policy.layout.${name}: must ${what}, got ${start}`);
    if (start > most) throw refuse(`be <= ${most}, as it begins ${size} of ${observationSize} numbers`);
    const other = channels
      .slice(0, i)
      .find((earlier) => earlier.start < start + size && start < earlier.start + earlier.size);
    if (other) throw refuse(`not overlap what begins at ${other.name} = ${other.start}`);
  });
}

function step(key: PropertyKey, index: number): string {
  if (typeof key === "number") return `[${key}]`;
  return index === 0 ? String(key) : `.${String(key)}`;
}

/** What has one number per coordinate, or per observation of a full network, or one for all. */
function repeatedOf(config: PolicyConfig): readonly (readonly [string, readonly number[]])[] {
  switch (config.kind) {
    case "memoryless":
      return [
        ["center", config.center],
        ...config.constants.map((row, i) => [`constants[${i}]`, row] as const),
      ];
    case "ema-bank":
    case "linear-ema-bank":
      return config.parameters ? [["parameters.center", config.parameters.center]] : [];
    case "full":
    case "full-gru":
      return [
        ["center", config.center],
        ["scale", config.scale],
      ];
    case "gru":
    case "lstm":
      return config.inputs.kind === "scale-free" ? [] : repeatedOfMinimum("inputs", config.inputs);
    case "power-bank":
      return [];
    case "minimum-bank":
      return repeatedOfMinimum("minimum", config.minimum);
  }
}

function repeatedOfMinimum(
  path: string,
  { curvature, center, rate }: ImpliedMinimum,
): readonly (readonly [string, readonly number[]])[] {
  return [
    [`${path}.curvature`, curvature],
    [`${path}.center`, center],
    [`${path}.rate`, rate],
  ];
}
