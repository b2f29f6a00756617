/** What became of one rule. */
export interface CheckResult {
  /** The rule, in a few words. */
  readonly rule: string;
  readonly status: "passed" | "failed" | "skipped";
  /** What broke it: where, the value, and the fix; or why it was skipped. */
  readonly message?: string;
}

export interface CheckReport {
  /** Whether no rule failed. */
  readonly passed: boolean;
  readonly checks: readonly CheckResult[];
}

/** A rule holds when `hold` returns. */
export interface Rule<Subject> {
  readonly rule: string;
  hold(subject: Subject): void;
}

/** A rule is broken: the message names the value and the fix. */
class Violation extends Error {}

/** A rule does not apply. */
class NotApplicable extends Error {}

/** @throws Violation unless the condition holds */
export function require(condition: boolean, found: string, fix: string): void {
  if (!condition) throw new Violation(`${found}; ${fix}`);
}

/** @throws NotApplicable with the reason */
export function skip(reason: string): never {
  throw new NotApplicable(reason);
}

/** Tries every rule; what a rule's calls throw is a failure too. */
export function checkRules<Subject>(rules: readonly Rule<Subject>[], subject: Subject): CheckReport {
  const checks = rules.map(({ rule, hold }): CheckResult => {
    try {
      hold(subject);
      return { rule, status: "passed" };
    } catch (error) {
      if (error instanceof NotApplicable) return { rule, status: "skipped", message: error.message };
      if (error instanceof Violation) return { rule, status: "failed", message: error.message };
      const words = error instanceof Error ? error.message : String(error);
      return { rule, status: "failed", message: `threw "${words}"; a call that is allowed must not throw` };
    }
  });
  return { passed: checks.every(({ status }) => status !== "failed"), checks };
}

/** @throws Violation where two values differ, naming the first place */
export function requireSame(what: string, actual: unknown, expected: unknown, fix: string): void {
  const found = difference(actual, expected, "");
  if (found)
    require(false, `${what}${found.path} is ${show(found.actual)} where ${show(found.expected)} was expected`, fix);
}

export function isSame(actual: unknown, expected: unknown): boolean {
  return difference(actual, expected, "") === null;
}

interface Difference {
  readonly path: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

function difference(actual: unknown, expected: unknown, path: string): Difference | null {
  if (Object.is(actual, expected)) return null;
  if (typeof actual !== "object" || typeof expected !== "object" || !actual || !expected)
    return { path, actual, expected };
  const [a, b] = [actual, expected] as Record<string, unknown>[];
  const isList = ArrayBuffer.isView(actual) || Array.isArray(actual);
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], isList ? `${path}[${key}]` : `${path}.${key}`);
    if (found) return found;
  }
  return null;
}

export function show(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as Float64Array).join(", ")}]`;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
