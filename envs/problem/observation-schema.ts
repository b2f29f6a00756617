import { z } from "zod";
import type { Channel, Observation } from "./observations.js";
import { count, listOf, nonNegative, oneOf, positive, record, wholeFrom } from "./schema-fields.js";

type WithDefaults = "noise" | "channels";
type Optional<Kind extends Observation["kind"]> =
  Extract<Observation, { readonly kind: Kind }> extends infer Full
    ? Omit<Full, WithDefaults> & Partial<Pick<Full, WithDefaults & keyof Full>>
    : never;

/** What `defineProblem` accepts of an observation: noise and channels may be left out. */
export type ObservationInput = Optional<"gradient"> | Optional<"sign"> | Optional<"loss">;

const noise = z.union(
  [
    nonNegative,
    record({ fisher: record({ batchSize: positive }) }),
    record({
      minibatch: record({
        batchSize: count,
        charged: z.boolean({ error: "must be true or false" }).optional(),
      }),
    }),
  ],
  {
    error:
      'must be a standard deviation >= 0, { "fisher": { "batchSize": B } } or { "minibatch": { "batchSize": B } }',
  },
);

function channels<const Name extends Channel>(names: readonly [Name, ...Name[]], defaults: readonly Name[]) {
  const accepted = names.map((name) => JSON.stringify(name)).join(", ");
  return listOf(z.enum(names, { error: `must be one of ${accepted}` }), "channels")
    .refine((given) => new Set(given).size === given.length, { error: "must not repeat a channel" })
    .default([...defaults]);
}

const coordinates = listOf(wholeFrom(0), "whole numbers")
  .refine((given) => new Set(given).size === given.length, { error: "must not repeat a coordinate" })
  .optional();
const delay = wholeFrom(0).optional();

export const observation = oneOf(
  [
    record({ kind: z.literal("state") }),
    record({
      kind: z.literal("gradient"),
      noise: noise.default(0),
      channels: channels(
        ["gradient", "parameters", "loss", "update", "time", "cue", "curvature", "hessianVector"],
        ["gradient", "parameters"],
      ),
      coordinates,
      delay,
    }),
    record({
      kind: z.literal("sign"),
      noise: noise.default(0),
      channels: channels(["sign", "parameters", "loss", "update", "time", "cue"], ["sign", "parameters"]),
      coordinates,
      delay,
    }),
    record({
      kind: z.literal("loss"),
      noise: nonNegative.default(0),
      channels: channels(["loss", "parameters", "update", "time", "cue"], ["loss", "parameters"]),
      delay,
    }),
  ],
  ["state", "gradient", "sign", "loss"],
);
