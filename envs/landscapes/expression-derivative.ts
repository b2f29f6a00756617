import type { Graph } from "./expression-graph.js";

/** The derivative of a function at x, given the node of its value. */
type Rule = (graph: Graph, x: number, self: number) => number;

const rules = new Map<string, Rule>([
  ["abs", (g, x) => g.apply("sign", x)],
  ["acos", (g, x) => g.negate(inverseRoot(g, g.subtract(g.number(1), square(g, x))))],
  ["acosh", (g, x) => inverseRoot(g, g.subtract(square(g, x), g.number(1)))],
  ["asin", (g, x) => inverseRoot(g, g.subtract(g.number(1), square(g, x)))],
  ["asinh", (g, x) => inverseRoot(g, g.add(square(g, x), g.number(1)))],
  ["atan", (g, x) => g.divide(g.number(1), g.add(square(g, x), g.number(1)))],
  ["atanh", (g, x) => g.divide(g.number(1), g.subtract(g.number(1), square(g, x)))],
  ["cbrt", (g, _, self) => g.divide(g.number(1 / 3), square(g, self))],
  ["cos", (g, x) => g.negate(g.apply("sin", x))],
  ["cosh", (g, x) => g.apply("sinh", x)],
  ["exp", (_, __, self) => self],
  ["expm1", (g, _, self) => g.add(self, g.number(1))],
  ["log", (g, x) => g.divide(g.number(1), x)],
  ["log10", (g, x) => g.divide(g.number(Math.LOG10E), x)],
  ["log1p", (g, x) => g.divide(g.number(1), g.add(x, g.number(1)))],
  ["log2", (g, x) => g.divide(g.number(Math.LOG2E), x)],
  ["sign", (g) => g.number(0)],
  ["sin", (g, x) => g.apply("cos", x)],
  ["sinh", (g, x) => g.apply("cosh", x)],
  ["sqrt", (g, _, self) => g.divide(g.number(0.5), self)],
  ["tan", (g, _, self) => g.add(square(g, self), g.number(1))],
  ["tanh", (g, _, self) => g.subtract(g.number(1), square(g, self))],
]);

/** The functions that a formula may use, each of one argument. `log` is the natural logarithm. */
export const expressionFunctions: readonly string[] = [...rules.keys()];

const square = (g: Graph, x: number) => g.power(x, g.number(2));
const inverseRoot = (g: Graph, x: number) => g.power(x, g.number(-0.5));

/** The derivatives of a node by each of `count` variables, backwards through the graph; they share their parts. */
export function gradientOf(graph: Graph, root: number, count: number): number[] {
  const adjoints = new Map<number, number>([[root, graph.number(1)]]);
  const gradient = new Array<number>(count).fill(graph.number(0));
  for (let self = root; self >= 0; self--) {
    const adjoint = adjoints.get(self);
    if (adjoint === undefined) continue;
    const { op, value, inputs } = graph.nodes[self];
    if (op === "variable") gradient[value] = adjoint;
    const slopes = slopesOf(graph, self);
    inputs.forEach((input, i) => {
      if (graph.valueOf(input) !== undefined) return;
      const share = graph.multiply(adjoint, slopes[i]());
      const before = adjoints.get(input);
      adjoints.set(input, before === undefined ? share : graph.add(before, share));
    });
  }
  return gradient;
}

/** The derivatives of a node by each of its inputs. */
function slopesOf(g: Graph, self: number): readonly (() => number)[] {
  const { op, inputs, name } = g.nodes[self];
  const [a, b] = inputs;
  switch (op) {
    case "add":
      return [() => g.number(1), () => g.number(1)];
    case "multiply":
      return [() => b, () => a];
    case "divide":
      return [() => g.divide(g.number(1), b), () => g.negate(g.divide(self, b))];
    case "power":
      return [
        () => g.multiply(b, g.power(a, g.subtract(b, g.number(1)))),
        () => g.multiply(self, g.apply("log", a)),
      ];
    case "function":
      return [() => (rules.get(name) as Rule)(g, a, self)];
    default:
      return [];
  }
}

/** The Hessian times the direction: the gradient of the slope along it. */
export function hessianVectorOf(graph: Graph, gradient: readonly number[]): number[] {
  const slope = gradient.reduce(
    (sum, partial, j) => graph.add(sum, graph.multiply(partial, graph.direction(j))),
    graph.number(0),
  );
  return gradientOf(graph, slope, gradient.length);
}
