/** Euclidean norm. */
export function normOf(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] * values[i];
  return Math.sqrt(total);
}

/** Scales a gradient of that norm down to a largest norm, in place. */
export function clipToNorm(gradient: Float64Array, norm: number, largest: number): void {
  if (!(norm > largest)) return;
  for (let i = 0; i < gradient.length; i++) gradient[i] *= largest / norm;
}
