/** The columns of the table, in its order. */
export const columnNames = ["idiomatic", "reference", "wasm", "c128", "native", "jax", "jaxNoReset"] as const;

export type ColumnName = (typeof columnNames)[number];

/** How long some iterations took, and how many they were: a contender may choose another number than it is asked for. */
export interface Timing {
  readonly nanoseconds: number;
  readonly iterations: number;
  /** What was measured, where that is not the time. */
  readonly amount?: number;
}

/** One implementation of what a row measures. */
export interface Contender {
  run(iterations: number): Timing | Promise<Timing>;
  close?(): void | Promise<void>;
}

/** A line of the table. */
export interface Row {
  readonly id: string;
  readonly unit: string;
  /** Units in an iteration: a measurement is the nanoseconds of an iteration divided by this. */
  readonly perIteration: number;
  /** How long a run is meant to take, in milliseconds. Default 40. */
  readonly runMilliseconds?: number;
  /** Makes the contenders, or those of them that this machine has the tools for. */
  open(): Promise<Partial<Record<ColumnName, Contender>>>;
}

/** Rows that are measured in turns, so that ratios between them are paired in time too. */
export type Group = readonly Row[];

/** A contender on this thread, measured in processor time: on a shared machine the clock on the wall tells of others. */
export function inline(iterate: (iterations: number) => void): Contender {
  return {
    run(iterations) {
      const before = process.cpuUsage();
      iterate(iterations);
      const { user, system } = process.cpuUsage(before);
      return { nanoseconds: 1e3 * (user + system), iterations };
    },
  };
}
