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

/** How many rows and columns there are. */
export function tableShape(features: Matrix | Table): { readonly rows: number; readonly columns: number } {
  if ("length" in features) return { rows: features.length, columns: features[0].length };
  return { rows: features.values.length / features.columns, columns: features.columns };
}

/** Rows as one flat array. */
export function tableOf(features: Matrix | Table): Table {
  if (!("length" in features)) return new Table(features.columns, features.values);
  const { rows, columns } = tableShape(features);
  const values = new Float64Array(rows * columns);
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

/** The rows, each with a last entry 1, for the bias. */
export function withOnes({ columns, values, rows }: Table): Table {
  const inputs = new Float64Array(rows * (columns + 1)).fill(1);
  for (let e = 0; e < rows; e++)
    inputs.set(values.subarray(e * columns, (e + 1) * columns), e * (columns + 1));
  return new Table(columns + 1, inputs);
}
