import fc from "fast-check";
import { derivative, evaluate as evaluateText } from "mathjs";
import { describe, expect, test } from "vitest";
import {
  createLandscape,
  defineProblem,
  expressionFunctions,
  type Landscape,
  ProblemError,
} from "../../envs/index.js";

const specOf = (loss: string, variables?: string[]) =>
  defineProblem({ landscape: { kind: "expression", loss, ...(variables && { variables }) } }).landscape;
const build = (loss: string, variables?: string[]) => createLandscape(specOf(loss, variables));

function evaluate(landscape: Landscape, parameters: readonly number[]) {
  const losses = new Float64Array(1);
  const gradients = new Float64Array(parameters.length);
  landscape.evaluate(Float64Array.from(parameters), new Float64Array(0), 1, losses, gradients);
  return { loss: losses[0], gradient: Array.from(gradients) };
}

function hessianColumn(landscape: Landscape, parameters: readonly number[], j: number): number[] {
  const product = new Float64Array(parameters.length);
  const unit = Float64Array.from(parameters, (_, i) => (i === j ? 1 : 0));
  landscape.hessianVector(Float64Array.from(parameters), new Float64Array(0), 1, unit, product);
  return Array.from(product);
}

/** Formulas that are finite and smooth over all of the plane. */
const { formula } = fc.letrec<{ formula: string }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 4, depthIdentifier: "formula" },
    fc.constantFrom("x", "y", "pi", "e"),
    fc.integer({ min: -30, max: 30 }).map((n) => `${n / 10}`),
    fc
      .tuple(tie("formula"), fc.constantFrom("+", "-", "*"), tie("formula"))
      .map(([a, op, b]) => `(${a}) ${op} (${b})`),
    fc.tuple(tie("formula"), tie("formula")).map(([a, b]) => `(${a}) / (1 + (${b})^2)`),
    fc.tuple(tie("formula"), fc.integer({ min: 2, max: 5 })).map(([a, n]) => `sin(${a})^${n}`),
    fc.tuple(tie("formula"), tie("formula")).map(([a, b]) => `exp(sin(${a}))^cos(${b})`),
    tie("formula").map((a) => `-(${a})`),
    tie("formula").map((a) => `(2 + cos(${a}))^-1.5`),
    fc
      .tuple(fc.constantFrom("sin", "cos", "tanh", "atan", "asinh"), tie("formula"))
      .map(([name, a]) => `${name}(${a})`),
  ),
}));
const coordinate = fc.integer({ min: -2000, max: 2000 }).map((value) => value / 1000);
const near = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(b)));

test("losses, gradients and Hessians are those of mathjs", () => {
  fc.assert(
    fc.property(formula, coordinate, coordinate, (text, x, y) => {
      const landscape = build(text, ["x", "y"]);
      const { loss, gradient } = evaluate(landscape, [x, y]);
      near(loss, evaluateText(text, { x, y }));
      ["x", "y"].forEach((name, j) => {
        const slope = derivative(text, name, { simplify: false });
        near(gradient[j], slope.evaluate({ x, y }));
        const column = hessianColumn(landscape, [x, y], j);
        ["x", "y"].forEach((other, i) => {
          near(column[i], derivative(slope, other, { simplify: false }).evaluate({ x, y }));
        });
      });
    }),
    { numRuns: 150 },
  );
});

describe("every function", () => {
  test.each(expressionFunctions)("%s", (name) => {
    const x = name === "acosh" ? 1.7 : 0.37;
    const landscape = build(`${name}(x)`);
    const exact = (at: number) => (Math[name as "sin"] as (x: number) => number)(at);
    const { loss, gradient } = evaluate(landscape, [x]);
    expect(loss).toBe(exact(x));
    const h = 1e-3;
    const slope = (8 * (exact(x + h) - exact(x - h)) - (exact(x + 2 * h) - exact(x - 2 * h))) / (12 * h);
    expect(gradient[0]).toBeCloseTo(slope, 8);
    const at = (step: number) => evaluate(landscape, [x + step]).gradient[0];
    const bend = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    expect(hessianColumn(landscape, [x], 0)[0]).toBeCloseTo(bend, 8);
  });
});

test("powers with a variable exponent, and of a constant", () => {
  const { loss, gradient } = evaluate(build("x^y + 2^x"), [1.5, 2.5]);
  expect(loss).toBeCloseTo(1.5 ** 2.5 + 2 ** 1.5, 13);
  expect(gradient[0]).toBeCloseTo(2.5 * 1.5 ** 1.5 + Math.LN2 * 2 ** 1.5, 13);
  expect(gradient[1]).toBeCloseTo(Math.log(1.5) * 1.5 ** 2.5, 13);
});

test("where it is not smooth, abs has the slope 0", () => {
  expect(evaluate(build("abs(x) + x"), [0]).gradient).toEqual([1]);
});

test.each<[string, string[]]>([
  ["(x^2-1)^2 - x/2 + y^2", ["x", "y"]],
  ["x10 + x2 * x1", ["x1", "x2", "x10"]],
  ["2 theta_1 + β", ["β", "theta_1"].sort(new Intl.Collator("en").compare)],
  ["pi * e^i", ["i"]],
])("the variables of %s are %j", (text, variables) => {
  expect(specOf(text)).toMatchObject({ variables, dimension: variables.length });
});

test("variables may be ordered, and may be idle", () => {
  const landscape = build("x - 2 y", ["y", "z", "x"]);
  expect(evaluate(landscape, [1, 5, 7])).toEqual({ loss: 5, gradient: [-2, 0, 1] });
});

const made = "must be made of numbers, variables, pi, e, + - * / ^, parentheses and functions such as exp(x)";
const only = `must use no functions but ${expressionFunctions.join(", ")}`;

describe("refuses, and says what it accepts", () => {
  test.each<[string, string, string[]?]>([
    ["x.constructor", `${made}, got "x.constructor"`],
    ["x[1]", `${made}, got "x[1]"`],
    ["a = 3", `${made}, got "a = 3"`],
    ["f(x) = x", `${made}, got "f(x) = x"`],
    ["x; y", `${made}, got "x; y"`],
    ["x > 1", `${made}, got "x > 1"`],
    ["x > 1 ? 1 : 2", `${made}, got "(x > 1) ? 1 : 2"`],
    ["x!", `${made}, got "x!"`],
    ["x * 'a'", `${made}, got "\\"a\\""`],
    ["{a: x}", `${made}, got "{\\"a\\": x}"`],
    ["[x, 1]", `${made}, got "[x, 1]"`],
    ["1e999 x", `${made}, got "Infinity"`],
    ["true + x", `${made}, got "true"`],
    ["import(x)", `${only}, got "import(x)"`],
    ["constructor(x)", `${only}, got "constructor(x)"`],
    ["__proto__(x)", `${only}, got "__proto__(x)"`],
    ["toString(x)", `${only}, got "toString(x)"`],
    ["x.map(y)", `${only}, got "x.map(y)"`],
    ['sin.constructor("return process")(x)', `${only}, got "sin.constructor(\\"return process\\")"`],
    ["evaluate(x)", `${only}, got "evaluate(x)"`],
    ["exp(x, 2)", 'must give exp one argument, got "exp(x, 2)"'],
    ["sin x", 'must give a function its argument in parentheses, got "sin"'],
    ["x^^2", 'must be a formula (Value expected (char 3)), got "x^^2"'],
    ["(x", 'must be a formula (Parenthesis ) expected (char 3)), got "(x"'],
    ["3 + pi", 'must have at least one variable, got "3 + pi"'],
    ["", `${made}, got "undefined"`],
    ["x + z", 'must use no variables but x, y, got "z"', ["x", "y"]],
  ])("%s", (text, message, variables) => {
    expect(() => specOf(text, variables)).toThrow(new ProblemError(`landscape.loss: ${message}`));
  });

  test("what is nested too deeply, and long sums are no trouble", () => {
    const deep = `${"(".repeat(20_000)}x${")".repeat(20_000)}`;
    expect(() => specOf(deep)).toThrow("landscape.loss: must not be nested as deeply");
    const long = new Array(500).fill("x").join(" + ");
    expect(evaluate(build(long), [1])).toEqual({ loss: 500, gradient: [500] });
  });

  test.each<[string[], string]>([
    [
      ["x", "sin"],
      'landscape.variables[1]: must be a name such as "x", and not of a function or constant, got "sin"',
    ],
    [
      ["x;y"],
      'landscape.variables[0]: must be a name such as "x", and not of a function or constant, got "x;y"',
    ],
    [["x", "x"], 'landscape.variables: must differ, got ["x","x"]'],
  ])("variables %j", (variables, message) => {
    expect(() => specOf("x", variables)).toThrow(new ProblemError(message));
  });

  test("another dimension", () => {
    const landscape = { kind: "expression", loss: "x + y", dimension: 3 } as const;
    expect(() => defineProblem({ landscape })).toThrow(
      new ProblemError("landscape.dimension: must be the number of variables (2), got 3"),
    );
  });
});

test("a name that means something to JavaScript is only a name", () => {
  const names = ["constructor", "__proto__", "process", "points", "losses", "n", "this", "return"];
  const landscape = build(names.map((name, j) => `${j + 1} * ${name}`).join(" + "), names);
  expect(
    evaluate(
      landscape,
      names.map(() => 1),
    ).gradient,
  ).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
