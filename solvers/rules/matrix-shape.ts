/** How the d parameters are laid out as a matrix, row by row: [rows, columns]. */
export type MatrixShape = readonly [rows: number, columns: number];

/** @throws Error when the matrix has not as many entries as there are parameters */
export function checkShape([rows, columns]: MatrixShape, dimension: number): void {
  const whole = Number.isInteger(rows) && Number.isInteger(columns) && rows >= 1 && columns >= 1;
  if (whole && rows * columns === dimension) return;
  throw new Error(`shape: must have ${dimension} entries, as many as parameters, got [${rows}, ${columns}]`);
}
