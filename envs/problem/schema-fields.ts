import { z } from "zod";

/** The kinds of fields that problems are made of, each with what it says of a value that it does not accept. */

export const finite = z.number({ error: "must be a finite number" });
export const positive = z
  .number({ error: "must be a finite number > 0" })
  .refine((value) => value > 0, { error: "must be > 0" });
export const nonNegative = z
  .number({ error: "must be a finite number >= 0" })
  .refine((value) => value >= 0, { error: "must be >= 0" });
export const wholeFrom = (least: number) => {
  const error = `must be a whole number >= ${least}`;
  return z.int({ error }).refine((value) => value >= least, { error });
};
export const count = wholeFrom(1);
export const listOf = <Item extends z.ZodType>(item: Item, what: string) =>
  z.array(item, { error: `must be an array of ${what}` }).min(1, { error: "must not be empty" });
export const vector = listOf(finite, "numbers");
export const matrix = listOf(vector, "rows").refine(
  (rows) => rows.every((row) => row.length === rows[0].length),
  {
    error: "must have rows of equal length",
  },
);
export const fn = z.custom<(parameters: Float64Array) => never>((value) => typeof value === "function", {
  error: "must be a function",
});

/** An object with these fields and no others. */
export function record<Shape extends z.ZodRawShape>(shape: Shape) {
  const accepted = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `has no field ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}, only ${accepted}`
        : `must be an object with ${accepted}`,
  });
}

/** One of several objects, told apart by their kind. */
export function oneOf<Options extends readonly [ReturnType<typeof record>, ...ReturnType<typeof record>[]]>(
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
