import type { z } from "zod";

/** Bad input: the message is one line that names the path, the value, and what would be accepted. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
}

/** The first thing that is wrong, as one line. */
export function describe(issue: z.core.$ZodIssue, input: unknown): string {
  const { path, message, code } = issue.code === "invalid_union" ? nearestBranch(issue, input) : issue;
  const where = formatPath(path) || "problem";
  return code === "unrecognized_keys"
    ? `${where}: ${message}`
    : `${where}: ${message}, got ${show(valueAt(input, path))}`;
}

/** Of the alternatives that the value could be meant as, the one that fits furthest; else the union itself. */
function nearestBranch(union: z.core.$ZodIssueInvalidUnion, input: unknown): z.core.$ZodIssue {
  const value = valueAt(input, union.path);
  const meant = union.errors.filter((branch) =>
    branch.every(({ path, code }) =>
      path.length === 0
        ? code === "unrecognized_keys"
        : path.length > 1 || valueAt(value, path) !== undefined,
    ),
  );
  const [nearest] = meant.flat().sort((a, b) => b.path.length - a.path.length);
  return nearest ? { ...nearest, path: [...union.path, ...nearest.path] } : union;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], input);
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    "",
  );
}

/** A value on one short line. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = toText(value).replace(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function toText(value: unknown): string {
  if (typeof value === "number") return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
