import { ProblemError } from "../problem/messages.js";
import type { LandscapeSpec } from "../problem/problem.js";
import { isVariableName, parseExpression } from "./expression-parse.js";
import type { ParsedLandscape } from "./schema.js";
import type { ExpressionSpec } from "./specs.js";

type Parsed<Kind extends ParsedLandscape["kind"]> = Extract<ParsedLandscape, { kind: Kind }>;

/** Fills in what fields say together. Quadratics depend on other parts of their problem, and are left to it. */
export function completeLandscape(parsed: Exclude<ParsedLandscape, Parsed<"quadratic">>): LandscapeSpec {
  return parsed.kind === "expression" ? completeExpression(parsed) : parsed;
}

function completeExpression({ kind, loss, variables, dimension }: Parsed<"expression">): ExpressionSpec {
  variables?.forEach((name, i) => {
    if (!isVariableName(name))
      throw new ProblemError(
        `landscape.variables[${i}]: must be a name such as "x", and not of a function or constant, got ${JSON.stringify(name)}`,
      );
  });
  if (variables && new Set(variables).size !== variables.length)
    throw new ProblemError(`landscape.variables: must differ, got ${JSON.stringify(variables)}`);
  const names = parseExpression(loss, variables).variables;
  if (dimension !== undefined && dimension !== names.length)
    throw new ProblemError(
      `landscape.dimension: must be the number of variables (${names.length}), got ${dimension}`,
    );
  return { kind, loss, variables: names, dimension: names.length };
}
