/** Numbers as the descriptions of rules show them. */

export function rangeOf(values: number[]): number[] {
  return [Math.min(...values), Math.max(...values)];
}

export function showRange([low, high]: number[]): string {
  return show(low) === show(high) ? show(low) : `${show(low)} to ${show(high)}`;
}

export function show(value: number | readonly number[] | null): string {
  if (value === null) return "no single point";
  return typeof value === "number" ? String(Number(value.toPrecision(3))) : `(${value.map(show).join(", ")})`;
}
