import type { NavigationProblem } from "../../envs/index.js";
import { BadInput } from "../bad-input.js";
import type { JsonInput } from "./json-input.js";

/** What a learner saw, step by step. */
export interface ReplayRecord {
  readonly steps: number;
  /** Whether the entries are numbers and not arrays of them. */
  readonly plain: boolean;
  /** Writes the observation of a step, as the problem lays it out. */
  observe(step: number, observation: Float64Array): void;
}

/** The field of a record that holds each channel. */
const fields: Readonly<Record<string, string>> = {
  parameters: "parameters",
  update: "parameters",
  gradient: "gradients",
};

type Rows = readonly (readonly number[])[];

/**
 * Reads { parameters, gradients }, of which those are needed that the problem shows.
 *
 * @throws BadInput when one is missing, misshapen or not finite, or the problem shows what a record does not hold
 */
export async function readRecord(
  problem: NavigationProblem,
  { name, value }: JsonInput,
): Promise<ReplayRecord> {
  const { layoutOf } = await import("../../envs/index.js");
  const time = layoutOf(problem).find(({ channel }) => channel === "time");
  const layout = layoutOf(problem).filter(({ channel }) => channel !== "time");
  const unknown = layout.find(({ channel }) => !fields[channel]);
  if (unknown) {
    throw new BadInput(
      `${name}: holds no ${unknown.channel}, which the problem shows; replay knows gradient, parameters, update and time`,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BadInput(`${name}: must be an object with parameters and gradients, got ${brief(value)}`);
  const record = value as Record<string, unknown>;
  const columns = layout.map(({ channel, size, offset }) => {
    const field = fields[channel];
    return { channel, offset, field, rows: rowsOf(`${name}: ${field}`, record[field], size) };
  });
  if (columns.length === 0) throw new BadInput(`${name}: tells nothing that the problem shows`);
  const [{ field, rows: first }, ...others] = columns;
  for (const { field: other, rows } of others) {
    if (rows.length !== first.length) {
      throw new BadInput(
        `${name}: ${other}: must have ${first.length} entries, as many as ${field}, got ${rows.length}`,
      );
    }
  }
  return {
    steps: first.length,
    plain: typeof (record[field] as unknown[])[0] === "number",
    observe: (step, observation) => {
      for (const { channel, offset, rows } of columns)
        observation.set(channel === "update" ? updateAt(rows, step) : rows[step], offset);
      if (time) observation[time.offset] = step;
    },
  };
}

/** θ_t − θ_{t−1}; 0 at first. */
function updateAt(rows: Rows, step: number): number[] {
  return rows[step].map((value, i) => (step === 0 ? 0 : value - rows[step - 1][i]));
}

function rowsOf(where: string, list: unknown, size: number): Rows {
  if (!Array.isArray(list) || list.length === 0)
    throw new BadInput(`${where}: must be an array with an entry for each step, got ${brief(list)}`);
  return list.map((entry, step) => {
    const row: unknown[] = Array.isArray(entry) ? entry : [entry];
    if (row.length === size && row.every((value) => Number.isFinite(value))) return row as number[];
    const wanted = size === 1 ? "a finite number" : `an array of ${size} finite numbers`;
    throw new BadInput(`${where}[${step}]: must be ${wanted}, got ${brief(entry)}`);
  });
}

/** A value in a few characters of one line. */
function brief(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
