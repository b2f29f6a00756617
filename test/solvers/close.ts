import { expect } from "vitest";

type Numbers = number | ArrayLike<number> | readonly (readonly number[])[] | null;

function flatten(values: Numbers): number[] {
  if (values === null) throw new Error("expected numbers, got null");
  if (typeof values === "number") return [values];
  return (Array.from(values as ArrayLike<number>) as (number | number[])[]).flat();
}

/** Asserts that `actual` agrees with `expected` to a tolerance relative to the largest expected entry. */
export function expectClose(actual: Numbers, expected: Numbers, tolerance: number): void {
  const [got, want] = [flatten(actual), flatten(expected)];
  expect(got.length).toBe(want.length);
  const scale = Math.max(...want.map(Math.abs)) || 1;
  const worst = Math.max(...got.map((value, i) => Math.abs(value - want[i])));
  expect(worst / scale, `got ${got}\nwant ${want}`).toBeLessThanOrEqual(tolerance);
}
