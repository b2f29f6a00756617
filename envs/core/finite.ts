/** Float64 in the reference, float32 in WebAssembly. */
export type Numbers = Float32Array | Float64Array;

/**
 * Whether every number is finite. What is not gives NaN times 0, so that one branch serves all; four sums are kept
 * because each addition waits for the one before.
 */
export function allFinite(values: Numbers): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (let i = whole; i < values.length; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}
