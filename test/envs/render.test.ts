import { describe, expect, test } from "vitest";
import {
  defineProblem,
  drawEpisode,
  makeVec,
  navigationEnv,
  navigationVectorEnv,
  type ProblemInput,
} from "../../envs/index.js";
import { rangeOf, ticksOf } from "../../envs/render/axes.js";
import { contour, levelsOf } from "../../envs/render/contours.js";
import { lowestPoint, surfaceOf } from "../../envs/render/surface.js";

const count = (text: string, part: string) => text.split(part).length - 1;

/** Every element that opens closes, and no number was left undefined. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, close, name, end] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^<>]*?(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name);
    else if (!end) open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
}

function play(input: ProblemInput, optimalPath?: number[][]): string {
  const env = navigationEnv(defineProblem(input), { seed: 1, renderMode: "svg", optimalPath });
  const { size } = env.actionSpace;
  env.reset();
  for (let t = 0; t < 5; t++) env.step(new Float64Array(size).fill(0.5));
  return env.render() as string;
}

describe("pictures", () => {
  test("of two dimensions show contours, the path and the lowest point", () => {
    const svg = play({ landscape: { kind: "double-well", dimension: 2 } });
    expectWellFormed(svg);
    expect(svg).toContain("contours of the loss");
    expect(svg).toContain(">global minimum<");
    expect(svg).not.toContain(">optimal path<");
    // A ring where it starts, a disc where it ends, and a dot at each of four steps between.
    expect(count(svg, "<circle")).toBe(6);
  });

  test("of one dimension show the graph of the loss, and the optimal path that they are given", () => {
    const svg = play({ landscape: { kind: "double-well" } }, [[0], [1]]);
    expectWellFormed(svg);
    expect(svg).toContain("graph of the loss");
    expect(svg).toContain(">optimal path<");
  });

  test("of more dimensions show the loss and the coordinates over time", () => {
    const svg = play({ landscape: { kind: "quadratic", dimension: 12, curvature: 1 } });
    expectWellFormed(svg);
    expect(svg).toContain("the first 8 of 12 coordinates");
  });

  test("of hidden tasks and curvatures are about the present ones", () => {
    const svg = play({
      landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } },
      task: {
        kind: "redrawn",
        hazardRate: 5,
        mean: [5, 5],
        covariance: [
          [1, 0],
          [0, 1],
        ],
      },
      observation: { kind: "gradient", noise: 1 },
    });
    expectWellFormed(svg);
  });

  test("stay finite where the loss is not", () => {
    expectWellFormed(
      play({ landscape: { kind: "custom", dimension: 2, loss: ([x, y]) => Math.log(x + 1) + y * y } }),
    );
    expect(play({ landscape: { kind: "custom", dimension: 1, loss: ([x]) => x ** 4 } })).toContain(
      ">lowest point shown<",
    );
    const constant = defineProblem({ landscape: { kind: "custom", dimension: 2, loss: () => 3 } });
    expectWellFormed(drawEpisode(constant, { parameters: [[0, 0]], losses: [3] }));
  });

  test("begin anew with each episode", () => {
    const env = makeVec("lossgym/DoubleWell-v0", { numEnvs: 2, renderMode: "svg", maxEpisodeSteps: 3 });
    env.reset();
    const dots = Array.from({ length: 5 }, () => {
      env.step(new Float64Array(4));
      return count((env.render() as string[])[1], "<circle");
    });
    // Steps 1, 2 and 3, then the start of an episode, then its step 1.
    expect(dots).toEqual([2, 3, 4, 2, 2]);
  });

  test("need a render mode that there is", () => {
    const options = { renderMode: "rgb_array" } as object;
    const problem = defineProblem({ landscape: { kind: "double-well" } });
    expect(() => navigationVectorEnv(problem, options)).toThrow(
      'renderMode: must be null or one of "ansi", "svg", got "rgb_array"',
    );
  });
});

describe("contours", () => {
  const size = 41;
  const at = (i: number) => (i - 20) / 10;
  const grid = (f: (x: number, y: number) => number) => ({
    columns: size,
    rows: size,
    values: Float64Array.from({ length: size * size }, (_, i) => f(at(i % size), at(Math.floor(i / size)))),
  });

  test("of a cone are circles, closed", () => {
    const segments = contour(grid(Math.hypot), 1.23);
    const ends = segments.flatMap(([x0, y0, x1, y1]) => [
      [x0, y0],
      [x1, y1],
    ]);
    for (const [x, y] of ends) expect(Math.hypot(at(x), at(y))).toBeCloseTo(1.23, 2);
    const length = segments.reduce((sum, [x0, y0, x1, y1]) => sum + Math.hypot(x1 - x0, y1 - y0) / 10, 0);
    expect(length).toBeCloseTo(2 * Math.PI * 1.23, 1);
    const visits = new Map<string, number>();
    for (const end of ends) visits.set(String(end), (visits.get(String(end)) ?? 0) + 1);
    expect(new Set(visits.values())).toEqual(new Set([2]));
  });

  test("of a saddle do not cross, and go where its centre says", () => {
    const corners = (values: number[]) => ({ columns: 2, rows: 2, values: Float64Array.from(values) });
    expect(contour(corners([1, 0, 0, 1]), 0.4)).toEqual(
      [
        [0.6, 0, 1, 0.4],
        [0.4, 1, 0, 0.6],
      ].map((segment) => segment.map((x) => expect.closeTo(x, 12))),
    );
    expect(contour(corners([1, 0, 0, 1]), 0.6)).toEqual(
      [
        [0, 0.4, 0.4, 0],
        [1, 0.6, 0.6, 1],
      ].map((segment) => segment.map((x) => expect.closeTo(x, 12))),
    );
    expect(contour(corners([1, 0, Number.NaN, 1]), 0.5)).toEqual([]);
  });

  test("levels divide the points evenly", () => {
    const levels = levelsOf(
      grid((x) => x ** 3),
      4,
    );
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    const { values } = grid((x) => x ** 3);
    const below = levels.map((level) => values.filter((value) => value < level).length / values.length);
    below.forEach((share, i) => {
      expect(Math.abs(share - (i + 0.5) / 4)).toBeLessThan(0.03);
    });
    expect(
      levelsOf(
        grid(() => Number.NaN),
        4,
      ),
    ).toEqual([]);
  });
});

test("the lowest point is found to many digits", () => {
  const problem = defineProblem({ landscape: { kind: "double-well" } });
  const [x] = lowestPoint(surfaceOf(problem, [0], []), Float64Array.of(-1, 0, 0.7), 1, 0.3);
  expect(x).toBeCloseTo(1.05745377, 6);
});

test("ticks are round and within range", () => {
  expect(ticksOf([-0.3, 1.1]).map((x) => Number(x.toPrecision(6)))).toEqual([0, 0.5, 1]);
  expect(ticksOf([0, 1e6])).toEqual([0, 2e5, 4e5, 6e5, 8e5, 1e6]);
  expect(rangeOf([2, 2])[0]).toBeLessThan(2);
  expect(rangeOf([])).toEqual([-0.5, 0.5]);
  expect(rangeOf([0, 1], 0, 3)).toEqual([-1, 2]);
});
