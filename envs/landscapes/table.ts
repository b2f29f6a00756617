import type { Matrix } from "../problem/problem.js";

/** Rows of equal length in one array, row by row: for tables too large for arrays of arrays. */
export class Table {
  readonly columns: number;
  readonly values: Float64Array;

  constructor(columns: number, values: ArrayLike<number>) {
    if (!Number.isInteger(columns) || columns < 1)
      throw new Error(`Table: columns must be a whole number >= 1, got ${columns}`);
    if (values.length === 0 || values.length % columns !== 0)
      throw new Error(`Table: values must be rows of ${columns} numbers, got ${values.length} numbers`);
    this.columns = columns;
    this.values = values instanceof Float64Array ? values : Float64Array.from(values);
  }

  get rows(): number {
    return this.values.length / this.columns;
  }

  toJSON(): { readonly columns: number; readonly values: readonly number[] } {
    return { columns: this.columns, values: Array.from(this.values) };
  }
}

/** Rows as one flat array. */
export function tableOf(features: Matrix | Table): Table {
  if (!("length" in features)) return new Table(features.columns, features.values);
  const columns = features[0].length;
  const values = new Float64Array(features.length * columns);
  features.forEach((row, i) => {
    values.set(row, i * columns);
  });
  return new Table(columns, values);
}

/** Columns and rows of targets; a plain list is one column. */
export function targetTable(targets: readonly number[] | Matrix): Table {
  const rows = targets.map((row) => (typeof row === "number" ? [row] : row));
  return tableOf(rows);
}
