/** What Newton's method needs of small dense blocks: flat, row-major, in place. */

/** Lower-triangular factor of a [size, size] block in its place; false when it is not positive definite. */
export function factorise(block: Float64Array, size: number): boolean {
  for (let j = 0; j < size; j++) {
    let pivot = block[j * size + j];
    for (let k = 0; k < j; k++) pivot -= block[j * size + k] ** 2;
    if (!(pivot > 0)) return false;
    const root = Math.sqrt(pivot);
    block[j * size + j] = root;
    for (let i = j + 1; i < size; i++) {
      let sum = block[i * size + j];
      for (let k = 0; k < j; k++) sum -= block[i * size + k] * block[j * size + k];
      block[i * size + j] = sum / root;
    }
  }
  return true;
}

/** Solves LLᵀX = B in the place of B, shape [size, columns]. */
export function solveFactorised(
  factor: Float64Array,
  size: number,
  right: Float64Array,
  columns: number,
): void {
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < size; i++) {
      let sum = right[i * columns + c];
      for (let k = 0; k < i; k++) sum -= factor[i * size + k] * right[k * columns + c];
      right[i * columns + c] = sum / factor[i * size + i];
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = right[i * columns + c];
      for (let k = i + 1; k < size; k++) sum -= factor[k * size + i] * right[k * columns + c];
      right[i * columns + c] = sum / factor[i * size + i];
    }
  }
}
