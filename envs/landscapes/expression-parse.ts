import type { FunctionNode, MathJsInstance, MathNode, OperatorNode } from "mathjs";
import math from "mathjs/lib/browser/math.js";
import { ProblemError, show } from "../problem/messages.js";
import { expressionFunctions } from "./expression-derivative.js";
import { Graph } from "./expression-graph.js";

export interface ParsedExpression {
  readonly graph: Graph;
  /** The node of the formula's value. */
  readonly root: number;
  readonly variables: readonly string[];
}

const constants = new Map([
  ["pi", Math.PI],
  ["e", Math.E],
]);
const accepted =
  "must be made of numbers, variables, pi, e, + - * / ^, parentheses and functions such as exp(x)";

let parser: MathJsInstance["parse"] | undefined;

/** The parser alone, made when the first formula is read, for that takes a while. */
function parse(text: string): MathNode {
  parser ??= (math.create({ parseDependencies: math.parseDependencies }) as MathJsInstance).parse;
  return parser(text);
}

/**
 * Reads a formula. mathjs parses it and nothing else: only the kinds of node named here are taken over, into a
 * graph of our own, so that a formula cannot assign, index, or call anything but `expressionFunctions`.
 *
 * @throws ProblemError that names what is not accepted, and what would be
 */
export function parseExpression(text: string, variables?: readonly string[]): ParsedExpression {
  const tree = guarded(text, () => parse(text));
  const names = variables ?? guarded(text, () => variablesOf(tree));
  const graph = new Graph();
  const root = guarded(text, () => translate(tree, names, graph));
  if (names.length === 0) throw refusal("must have at least one variable", text);
  return { graph, root, variables: names };
}

/** Whether a name can be that of a variable. */
export function isVariableName(name: string): boolean {
  return (
    /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !constants.has(name) && !expressionFunctions.includes(name)
  );
}

/** Errors of the parser, and of a stack that a formula overflows, as errors of the formula. */
function guarded<T>(text: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) throw refusal("must not be nested as deeply", text);
    if (error instanceof SyntaxError) throw refusal(`must be a formula (${error.message})`, text);
    throw error;
  }
}

function refusal(what: string, got: string): ProblemError {
  return new ProblemError(`landscape.loss: ${what}, got ${show(got.replace(/\s+/g, " "))}`);
}

/** The names that are neither constants nor functions, sorted, and x2 before x10. */
function variablesOf(tree: MathNode): string[] {
  const names = new Set<string>();
  tree.traverse((node, path) => {
    if (isSymbol(node) && path !== "fn" && isVariableName(node.name)) names.add(node.name);
  });
  return [...names].sort(new Intl.Collator("en", { numeric: true }).compare);
}

function isSymbol(node: MathNode): node is MathNode & { readonly name: string } {
  return node.type === "SymbolNode";
}

function translate(node: MathNode, variables: readonly string[], graph: Graph): number {
  const inner = (child: MathNode) => translate(child, variables, graph);
  switch (node.type) {
    case "ConstantNode":
      return constant(node, graph);
    case "SymbolNode":
      return symbol((node as MathNode & { readonly name: string }).name, variables, graph);
    case "ParenthesisNode":
      return inner((node as MathNode & { readonly content: MathNode }).content);
    case "OperatorNode":
      return operator(node as OperatorNode, graph, inner);
    case "FunctionNode":
      return call(node as FunctionNode, graph, inner);
    default:
      throw refusal(accepted, node.toString());
  }
}

function constant(node: MathNode, graph: Graph): number {
  const { value } = node as MathNode & { readonly value: unknown };
  if (typeof value !== "number" || !Number.isFinite(value)) throw refusal(accepted, node.toString());
  return graph.number(value);
}

function symbol(name: string, variables: readonly string[], graph: Graph): number {
  const index = variables.indexOf(name);
  if (index >= 0) return graph.variable(index);
  const value = constants.get(name);
  if (value !== undefined) return graph.number(value);
  if (expressionFunctions.includes(name))
    throw refusal("must give a function its argument in parentheses", name);
  throw refusal(`must use no variables but ${variables.join(", ")}`, name);
}

function operator(node: OperatorNode, graph: Graph, inner: (child: MathNode) => number): number {
  const [a, b] = node.args;
  switch (node.fn as string) {
    case "add":
      return graph.add(inner(a), inner(b));
    case "subtract":
      return graph.subtract(inner(a), inner(b));
    case "multiply":
      return graph.multiply(inner(a), inner(b));
    case "divide":
      return graph.divide(inner(a), inner(b));
    case "pow":
      return graph.power(inner(a), inner(b));
    case "unaryMinus":
      return graph.negate(inner(a));
    case "unaryPlus":
      return inner(a);
    default:
      throw refusal(accepted, node.toString());
  }
}

function call(node: FunctionNode, graph: Graph, inner: (child: MathNode) => number): number {
  const name = isSymbol(node.fn as unknown as MathNode) ? node.fn.name : node.fn.toString();
  if (!expressionFunctions.includes(name))
    throw refusal(`must use no functions but ${expressionFunctions.join(", ")}`, node.toString());
  if (node.args.length !== 1) throw refusal(`must give ${name} one argument`, node.toString());
  return graph.apply(name, inner(node.args[0]));
}
