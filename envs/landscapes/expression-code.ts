import type { Graph, Node } from "./expression-graph.js";

type Evaluate = (
  points: Float64Array,
  count: number,
  losses: Float64Array | null,
  gradients: Float64Array | null,
) => void;

type Multiply = (points: Float64Array, count: number, vectors: Float64Array, products: Float64Array) => void;

/**
 * Compiles losses and gradients. The code is written from the graph alone: its own names, numbers, and functions
 * of `Math` that the graph was built with. No text of the formula enters it. (A page whose content security
 * policy forbids "unsafe-eval" cannot compile.)
 */
export function compileEvaluate(graph: Graph, loss: number, gradient: readonly number[]): Evaluate {
  const size = gradient.length;
  const forLoss = neededFor(graph, [loss]);
  const done = new Set(forLoss);
  const forGradient = neededFor(graph, gradient).filter((node) => !done.has(node));
  const body = [
    ...statements(graph, forLoss),
    `if (losses) losses[n] = ${reference(graph, loss)};`,
    "if (gradients) {",
    ...statements(graph, forGradient),
    ...gradient.map((node, j) => `gradients[o + ${j}] = ${reference(graph, node)};`),
    "}",
  ];
  return new Function("points", "count", "losses", "gradients", loop(size, body)) as Evaluate;
}

/** Compiles Hessian-vector products. */
export function compileMultiply(graph: Graph, products: readonly number[]): Multiply {
  const body = [
    ...statements(graph, neededFor(graph, products)),
    ...products.map((node, j) => `products[o + ${j}] = ${reference(graph, node)};`),
  ];
  return new Function("points", "count", "vectors", "products", loop(products.length, body)) as Multiply;
}

function loop(size: number, body: readonly string[]): string {
  return ['"use strict";', `for (let n = 0, o = 0; n < count; n++, o += ${size}) {`, ...body, "}"].join("\n");
}

/** The nodes that some nodes depend on, in order. */
function neededFor(graph: Graph, roots: readonly number[]): number[] {
  const needed = new Set(roots);
  for (let node = Math.max(...roots); node >= 0; node--) {
    if (needed.has(node)) for (const input of graph.nodes[node].inputs) needed.add(input);
  }
  return [...needed].sort((a, b) => a - b);
}

function statements(graph: Graph, nodes: readonly number[]): string[] {
  return nodes
    .filter((node) => graph.valueOf(node) === undefined)
    .map((node) => `const t${node} = ${computation(graph, graph.nodes[node])};`);
}

function computation(graph: Graph, { op, inputs, value, name }: Node): string {
  const [a, b] = inputs.map((input) => reference(graph, input));
  switch (op) {
    case "number":
      return `(${value})`;
    case "variable":
      return `points[o + ${value}]`;
    case "direction":
      return `vectors[o + ${value}]`;
    case "add":
      return `${a} + ${b}`;
    case "multiply":
      return `${a} * ${b}`;
    case "divide":
      return `${a} / ${b}`;
    case "power":
      return power(a, b, graph.valueOf(inputs[1]));
    case "function":
      return `Math.${name}(${a})`;
  }
}

/** Small whole powers as products, which are far faster. */
function power(base: string, exponent: string, value: number | undefined): string {
  if (value === 0.5) return `Math.sqrt(${base})`;
  if (value === -0.5) return `1 / Math.sqrt(${base})`;
  if (value === 2 || value === 3) return new Array<string>(value).fill(base).join(" * ");
  if (value === 4) return `(${base} * ${base}) * (${base} * ${base})`;
  if (value === -1) return `1 / ${base}`;
  if (value === -2) return `1 / (${base} * ${base})`;
  return `Math.pow(${base}, ${exponent})`;
}

function reference(graph: Graph, node: number): string {
  const value = graph.valueOf(node);
  return value === undefined ? `t${node}` : `(${value})`;
}
