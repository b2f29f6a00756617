/** One value of a formula: what computes it, and from which earlier values. */
export interface Node {
  readonly op: "number" | "variable" | "direction" | "add" | "multiply" | "divide" | "power" | "function";
  readonly inputs: readonly number[];
  /** The number, or the index of the variable. */
  readonly value: number;
  /** The function of `Math`. */
  readonly name: string;
}

/**
 * A formula as a graph: every node comes after its inputs, none stands there twice, and what can be computed
 * without variables is.
 */
export class Graph {
  readonly nodes: Node[] = [];
  private readonly known = new Map<string, number>();

  number(value: number): number {
    return this.intern("number", [], value);
  }

  variable(index: number): number {
    return this.intern("variable", [], index);
  }

  /** A coordinate of the direction in which to differentiate. */
  direction(index: number): number {
    return this.intern("direction", [], index);
  }

  add(a: number, b: number): number {
    const [x, y] = [this.valueOf(a), this.valueOf(b)];
    if (x !== undefined && y !== undefined) return this.number(x + y);
    if (x === 0) return b;
    if (y === 0) return a;
    return this.intern("add", [a, b]);
  }

  subtract(a: number, b: number): number {
    return this.add(a, this.negate(b));
  }

  negate(a: number): number {
    return this.multiply(this.number(-1), a);
  }

  multiply(a: number, b: number): number {
    const [x, y] = [this.valueOf(a), this.valueOf(b)];
    if (x !== undefined && y !== undefined) return this.number(x * y);
    if (x === 0 || y === 0) return this.number(0);
    if (x === 1) return b;
    if (y === 1) return a;
    return this.intern("multiply", [a, b]);
  }

  divide(a: number, b: number): number {
    const [x, y] = [this.valueOf(a), this.valueOf(b)];
    if (x !== undefined && y !== undefined) return this.number(x / y);
    if (x === 0) return a;
    if (y === 1) return a;
    return this.intern("divide", [a, b]);
  }

  power(a: number, b: number): number {
    const [x, y] = [this.valueOf(a), this.valueOf(b)];
    if (x !== undefined && y !== undefined) return this.number(x ** y);
    if (y === 0) return this.number(1);
    if (y === 1) return a;
    return this.intern("power", [a, b]);
  }

  /** One of `expressionFunctions`, by the name that `Math` knows it by. */
  apply(name: string, a: number): number {
    const x = this.valueOf(a);
    if (x !== undefined) return this.number((Math[name as "sin"] as (x: number) => number)(x));
    return this.intern("function", [a], 0, name);
  }

  /** The number that a node is, if it is one. */
  valueOf(node: number): number | undefined {
    const { op, value } = this.nodes[node];
    return op === "number" ? value : undefined;
  }

  private intern(op: Node["op"], inputs: readonly number[], value = 0, name = ""): number {
    const key = `${op} ${inputs.join(" ")} ${Object.is(value, -0) ? "-0" : value} ${name}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    this.known.set(key, this.nodes.length);
    return this.nodes.push({ op, inputs, value, name }) - 1;
  }
}
