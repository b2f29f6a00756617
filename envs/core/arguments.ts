/** @throws Error where options have other fields than those that were taken out of them */
export function refuseOthers(call: string, others: object, known: string): void {
  const other = Object.keys(others)[0];
  if (other !== undefined) throw new Error(`${call}: has no option ${JSON.stringify(other)}, only ${known}`);
}

/** @throws Error where one environment is told what a batch is */
export function refuseBatch(call: string, instead: string, options: object): void {
  for (const name of ["numEnvs", "autoresetMode"])
    if (name in options) throw new Error(`${call}: has no option "${name}", a batch is made by ${instead}`);
}

/** @throws Error where an argument is not a whole number from `least` on */
export function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`${name}: must be a whole number >= ${least}, got ${show(value)}`);
}

/** @throws Error where an argument is not a number >= 0 */
export function requireNonNegative(name: string, value: number): void {
  if (!(typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY))
    throw new Error(`${name}: must be a finite number >= 0, got ${show(value)}`);
}

/** A wrong argument, as an error tells it. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? `[${value.join(", ")}]` : `a ${value.constructor?.name ?? "object"}`;
}
