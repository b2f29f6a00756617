import { type ColumnName, type Contender, columnNames, type Group, type Row } from "./contender.js";

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface MeasuredRow {
  readonly id: string;
  readonly unit: string;
  /** Per unit, lower is faster. */
  readonly columns: Partial<Record<ColumnName, Spread>>;
}

export interface MeasureOptions {
  /** Rounds that count. */
  readonly repeats: number;
  /** Aborts between two runs. */
  readonly signal?: AbortSignal;
}

/** How long a run is meant to take: long beside the clock and the scheduler's ticks, short beside drifts of the load. */
const RUN_MILLISECONDS = 40;

interface Entrant {
  readonly row: Row;
  readonly column: ColumnName;
  readonly contender: Contender;
  iterations: number;
  readonly samples: number[];
}

/**
 * Measures the rows of a group in turns: each round runs every contender of every row once, so that a load that
 * drifts falls on all alike. What comes before the first round, to find out how many iterations make a run, warms up.
 */
export async function measure(
  group: Group,
  { repeats, signal }: MeasureOptions,
): Promise<readonly MeasuredRow[]> {
  const entrants: Entrant[] = [];
  try {
    for (const row of group) entrants.push(...(await entrantsOf(row)));
    for (const entrant of entrants) await calibrate(entrant, signal);
    for (let round = 0; round < repeats; round++) {
      for (const entrant of entrants) entrant.samples.push(await sample(entrant, signal));
    }
    return group.map((row) => summarise(row, entrants));
  } finally {
    for (const { contender } of entrants) await contender.close?.();
  }
}

async function entrantsOf(row: Row): Promise<readonly Entrant[]> {
  const contenders = await row.open();
  return columnNames.flatMap((column) => {
    const contender = contenders[column];
    return contender ? [{ row, column, contender, iterations: 1, samples: [] }] : [];
  });
}

async function calibrate(entrant: Entrant, signal?: AbortSignal): Promise<void> {
  // Twice the same, since the first time is spent on compiling.
  for (let i = 0; i < 2; i++) await sample(entrant, signal);
  let factor = 10;
  for (let attempt = 0; attempt < 8 && factor > 2; attempt++) {
    const { nanoseconds, iterations } = await runOnce(entrant, signal);
    factor = (1e6 * (entrant.row.runMilliseconds ?? RUN_MILLISECONDS)) / nanoseconds;
    entrant.iterations = Math.max(1, Math.round(iterations * Math.min(factor, 10)));
  }
}

async function sample(entrant: Entrant, signal?: AbortSignal): Promise<number> {
  const { nanoseconds, iterations, amount = nanoseconds } = await runOnce(entrant, signal);
  return amount / iterations / entrant.row.perIteration;
}

async function runOnce({ contender, iterations }: Entrant, signal?: AbortSignal) {
  // A turn of the event loop, so that signals get through.
  await new Promise(setImmediate);
  signal?.throwIfAborted();
  return contender.run(iterations);
}

function summarise({ id, unit }: Row, entrants: readonly Entrant[]): MeasuredRow {
  const mine = entrants.filter(({ row }) => row.id === id);
  return {
    id,
    unit,
    columns: Object.fromEntries(mine.map(({ column, samples }) => [column, spreadOf(samples)])),
  };
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}
