import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { FigureData } from "../../agents/rediscover/report.js";
import { figureParts, figureSvg } from "../../scripts/report/figure.js";
import { alongCurve, placeMarkLabels } from "../../scripts/report/mark-labels.js";
import { seriesStyles } from "../../scripts/report/palette.js";
import { panelDomains, ticksOf } from "../../scripts/report/scale.js";
import { report } from "./fixtures/report.js";

const figures = [...report.phenomena, report.application!].flatMap((part) => [...part.figures]);

const small: FigureData = {
  name: "small",
  title: "A small figure",
  caption: "Two lines.",
  x: { label: "step" },
  y: { label: "loss (nats)", scale: "log" },
  panels: [
    {
      title: "one panel",
      series: [
        {
          name: "learned",
          role: "learned",
          points: [
            [0, 10],
            [1, 1],
          ],
          band: [
            [8, 12],
            [0.5, 2],
          ],
        },
        {
          name: "predicted",
          role: "predicted",
          points: [
            [0, 9],
            [1, 0.9],
          ],
        },
      ],
      marks: [{ axis: "y", value: 3, label: "target" }],
    },
  ],
};

function textsOf(svg: string): string[] {
  return [...parseHTML(svg).document.querySelectorAll("text")].map((text) => text.textContent ?? "");
}

describe.each(figures)("the figure $name", (figure) => {
  const svg = figureSvg(figure);
  const texts = textsOf(svg);

  test("names its title, its axes with their units, its panels, its marks and every series", () => {
    const all = texts.join(" ");
    expect(all).toContain(figure.title);
    expect(all).toContain(figure.x.label);
    expect(all).toContain(figure.y.label);
    for (const { title, series, marks = [] } of figure.panels) {
      expect(all).toContain(title);
      for (const { name } of series) expect(texts.filter((text) => text === name)).toHaveLength(1);
      for (const { label } of marks) expect(texts).toContain(label);
    }
  });

  test("is finite, refers to nothing outside, and draws every series and band", () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined|href=|url\(|var\(/);
    const { document } = parseHTML(svg);
    const lines = [...document.querySelectorAll('[aria-label="line"] path')];
    const bands = [...document.querySelectorAll('[aria-label="area"] path')];
    const series = figure.panels.flatMap((panel) => [...panel.series]);
    expect(lines).toHaveLength(series.length);
    expect(bands).toHaveLength(series.filter(({ band }) => band).length);
  });

  test("labels at least two ticks on each axis of each panel", () => {
    const { document } = parseHTML(svg);
    for (const axis of ["x-axis tick label", "y-axis tick label"]) {
      const groups = [...document.querySelectorAll(`[aria-label="${axis}"]`)];
      expect(groups).toHaveLength(figure.panels.length);
      for (const group of groups) {
        const labels = [...group.querySelectorAll("text")].map((text) => text.textContent);
        expect(labels.length).toBeGreaterThanOrEqual(2);
        expect(new Set(labels).size).toBe(labels.length);
      }
    }
  });
});

test("a figure is drawn as it was", async () => {
  await expect(figureSvg(small)).toMatchFileSnapshot("__snapshots__/small-figure.svg");
});

test("drawing twice gives the same bytes", () => {
  expect(figureSvg(small)).toBe(figureSvg(small));
});

test("the page's parts follow the colours of the page", () => {
  const { panels, legend } = figureParts(small);
  expect(panels[0]).toContain("var(--vermillion)");
  expect(panels[0]).not.toMatch(/#[0-9a-f]{6}/);
  expect(legend.map(({ name }) => name)).toEqual(["predicted", "learned"]);
});

test("text is escaped", () => {
  const svg = figureSvg({ ...small, title: "a < b & c", caption: "<script>" });
  expect(svg).toContain("a &lt; b &amp; c");
  expect(svg).not.toContain("<script");
});

test.each([
  [
    "not finite",
    [
      [0, 1],
      [1, Number.NaN],
      [2, 3],
      [3, Number.POSITIVE_INFINITY],
      [4, 2],
    ],
  ],
  [
    "not positive on a log axis",
    [
      [0, 1],
      [1, 0],
      [2, 3],
      [3, -1],
      [4, 2],
    ],
  ],
  ["one point", [[0, 1]]],
  ["none at all", []],
] as const)("points that are %s leave a sound figure", (_, points) => {
  const series = [{ name: "learned", role: "learned", points }] as const;
  const svg = figureSvg({ ...small, panels: [{ title: "odd", series }] });
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(textsOf(svg)).toContain("learned");
});

describe("styles", () => {
  test("no two series of a figure look alike", () => {
    const roles = [
      "predicted",
      "exact",
      "learned",
      "control",
      "baseline",
      "baseline",
      "baseline",
      "bound",
    ] as const;
    const series = roles.map((role, index) => ({ name: `${role} ${index}`, role, points: [] }));
    const styles = [...seriesStyles({ panels: [{ title: "", series }] }).values()];
    expect(styles).toHaveLength(roles.length);
    expect(new Set(styles.map(({ colour }) => colour)).size).toBe(roles.length);
    expect(new Set(styles.map(({ colour, dash }) => `${colour} ${dash}`)).size).toBe(roles.length);
  });

  test("one name is one style in every panel", () => {
    const panel = small.panels[0];
    expect([...seriesStyles({ panels: [panel, panel] }).keys()]).toEqual(["predicted", "learned"]);
  });
});

describe("scales", () => {
  const linear = { label: "" };
  const log = { label: "", scale: "log" } as const;

  test.each([
    [[0, 1], linear, 5, "0 0.2 0.4 0.6 0.8 1.0"],
    [[-40, 80], linear, 6, "−40 −20 0 20 40 60 80"],
    [[0, 200000], linear, 4, "0 0.5·10⁵ 1.0·10⁵ 1.5·10⁵ 2.0·10⁵"],
    [[0, 2e-5], linear, 4, "0 0.5·10⁻⁵ 1.0·10⁻⁵ 1.5·10⁻⁵ 2.0·10⁻⁵"],
    [[-0.001, 0.001], linear, 4, "−0.0010 −0.0005 0 0.0005 0.0010"],
    [[0.01, 100], log, 6, "0.01 0.1 1 10 100"],
    [[1e-9, 1], log, 4, "10⁻⁹ 10⁻⁷ 10⁻⁵ 0.001 0.1"],
    [[0.1, 1], log, 5, "0.1 0.2 0.5 1"],
    [[2, 9], log, 5, "2 3 5 7"],
    [[1.1, 1.3], log, 4, "1.10 1.15 1.20 1.25 1.30"],
  ] as const)("the ticks of %j on %j are round", (domain, axis, count, labels) => {
    expect(
      ticksOf(domain, axis, count)
        .map(({ label }) => label)
        .join(" "),
    ).toBe(labels);
  });

  test("panels share an axis unless one would be squeezed", () => {
    const panel = (low: number, high: number) => ({
      title: "",
      series: [
        {
          name: "a",
          role: "exact",
          points: [
            [low, 0],
            [high, 1],
          ],
        },
      ] as const,
    });
    const near = { ...small, x: linear, panels: [panel(0, 10), panel(0, 8)] };
    const far = { ...small, x: linear, panels: [panel(0, 10), panel(0, 1)] };
    expect(panelDomains(near, "x")).toEqual([
      [0, 10],
      [0, 10],
    ]);
    expect(panelDomains(far, "x")).toEqual([
      [0, 10],
      [0, 1],
    ]);
  });
});

describe("labels of reference lines", () => {
  const frame = { left: 0, right: 300, top: 0, bottom: 200 };
  const mark = { axis: "y", value: 0, label: "target" } as const;

  test("stand above the right end of their line when nothing is there", () => {
    expect(placeMarkLabels([mark], () => 100, [], frame)).toEqual([
      expect.objectContaining({ x: 298, y: 96, anchor: "end" }),
    ]);
  });

  test("give way to a curve: to the left of it, or below the line", () => {
    const place = (from: number) => {
      const curve = alongCurve([
        { x: from, y: 95 },
        { x: 300, y: 95 },
      ]);
      const [{ x, y }] = placeMarkLabels([mark], () => 100, curve, frame);
      return [x, y];
    };
    expect(place(150)).toEqual([4, 96]);
    expect(place(0)).toEqual([298, 112]);
  });

  test("do not cover each other", () => {
    const [first, second] = placeMarkLabels([mark, mark], () => 100, [], frame);
    expect([second.x, second.y]).not.toEqual([first.x, first.y]);
  });
});
