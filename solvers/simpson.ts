/** ∫f from `from` to `to` by Simpson's rule, on an even number of intervals. */
export function simpson(f: (x: number) => number, from: number, to: number, intervals: number): number {
  const width = (to - from) / intervals;
  let sum = 0;
  for (let i = 0; i <= intervals; i++) {
    sum += (i === 0 || i === intervals ? 1 : i % 2 ? 4 : 2) * f(from + i * width);
  }
  return (sum * width) / 3;
}
