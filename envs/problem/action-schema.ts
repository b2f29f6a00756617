import { z } from "zod";
import type { Action } from "./actions.js";
import { oneOf, positive, record } from "./schema-fields.js";

type Hyperparameters = Extract<Action, { readonly kind: "hyperparameters" }>;

/** What `defineProblem` accepts of an action: all but the kind and the rule may be left out. */
export type ActionInput = Action | (Omit<Hyperparameters, "per"> & Partial<Pick<Hyperparameters, "per">>);

const decay = z
  .number({ error: "must be a number in [0, 1)" })
  .refine((value) => value >= 0 && value < 1, { error: "must be in [0, 1)" });

export const action = oneOf(
  [
    record({ kind: z.literal("velocity") }),
    record({
      kind: z.literal("hyperparameters"),
      rule: z.enum(["gradient-descent", "heavy-ball", "adam"], {
        error: 'must be one of "gradient-descent", "heavy-ball", "adam"',
      }),
      per: z
        .enum(["global", "coordinate"], { error: 'must be one of "global", "coordinate"' })
        .default("global"),
      beta2: decay.optional(),
      epsilon: positive.optional(),
    }),
  ],
  ["velocity", "hyperparameters"],
);
