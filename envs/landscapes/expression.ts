import { compileEvaluate, compileMultiply } from "./expression-code.js";
import { gradientOf, hessianVectorOf } from "./expression-derivative.js";
import { parseExpression } from "./expression-parse.js";
import type { Landscape } from "./landscape.js";
import type { ExpressionSpec } from "./specs.js";

/** A formula, differentiated symbolically and compiled. */
export function expression({ kind, loss, variables }: Omit<ExpressionSpec, "dimension">): Landscape {
  const dimension = variables.length;
  const { graph, root } = parseExpression(loss, variables);
  const gradient = gradientOf(graph, root, dimension);
  const evaluate = compileEvaluate(graph, root, gradient);
  let multiply: ReturnType<typeof compileMultiply> | undefined;
  return {
    kind,
    dimension,
    instanceSize: 0,
    gradientSource: "exact",
    evaluate(points, _instances, count, losses, gradients) {
      evaluate(points, count, losses, gradients);
    },
    hessianVector(points, _instances, count, vectors, products) {
      multiply ??= compileMultiply(graph, hessianVectorOf(graph, gradient));
      multiply(points, count, vectors, products);
    },
  };
}
