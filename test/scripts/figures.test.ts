import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { picturesOf } from "../../scripts/figures/studies.js";
import { type Picture, pictureSvg, stylesOf } from "../../scripts/report/picture.js";
import { lossgym, temporaryFolder } from "./command-line.js";

const pictures = [...picturesOf("all")];

function pictureOf(name: string): Picture {
  return pictures.find((picture) => picture.name === name)!;
}

/** The points of a series whose name begins so. */
function pointsOf(name: string, series: string, panel = 0): (readonly [number, number])[] {
  return [...pictureOf(name).panels[panel].series.find((each) => each.name.startsWith(series))!.points];
}

describe.each(pictures)("the picture $name", (picture) => {
  const svg = pictureSvg(picture);
  const { document } = parseHTML(svg);
  const texts = [...document.querySelectorAll("text")].map((text) => text.textContent ?? "");

  test("names every series once, its axes with their units, its places and its marks", () => {
    for (const name of stylesOf(picture).keys())
      expect(texts.filter((text) => text === name)).toHaveLength(1);
    for (const { x, y, points = [], marks = [] } of picture.panels) {
      for (const { label } of [x, y]) {
        expect(texts).toContain(label);
        expect(label).toMatch(/\(.+\)/);
      }
      for (const { label } of [...points, ...marks]) if (label !== "") expect(texts).toContain(label);
    }
  });

  test("is finite, refers to nothing outside, and draws every series and surface", () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined|href=|url\(|var\(/);
    const series = picture.panels.flatMap((panel) => [...panel.series]);
    expect(series.every(({ points }) => points.length >= 2)).toBe(true);
    expect(document.querySelectorAll('[aria-label="line"] path')).toHaveLength(series.length);
    const surfaces = picture.panels.filter(({ surface }) => surface);
    expect(document.querySelectorAll('[aria-label="surface"]')).toHaveLength(surfaces.length);
    for (const path of document.querySelectorAll('[aria-label="surface"] path'))
      expect(path.getAttribute("d")).toMatch(/^M/);
  });

  test("keeps its points and its texts within the sheet", () => {
    const width = Number(document.querySelector("svg")!.getAttribute("width"));
    for (const { domains, series, isPlane } of picture.panels) {
      const inside = ([low, high]: readonly [number, number], value: number) => value >= low && value <= high;
      if (domains && !isPlane)
        expect(
          series.every(({ points }) =>
            points.every(([x, y]) => inside(domains.x, x) && inside(domains.y, y)),
          ),
        ).toBe(true);
    }
    for (const text of [...document.querySelector("svg")!.children].filter(
      ({ tagName }) => tagName === "text",
    )) {
      const room = width - Number(text.getAttribute("x"));
      expect((text.textContent ?? "").length * 5.4).toBeLessThan(room);
    }
  });

  test("is the same when it is drawn again, and carries its caption", () => {
    expect(pictureSvg(picture)).toBe(svg);
    expect(document.querySelector("desc")!.textContent).toBe(picture.caption);
  });

  test("no two series look alike", () => {
    const styles = [...stylesOf(picture).values()].map(({ colour, dash }) => `${colour} ${dash}`);
    expect(new Set(styles).size).toBe(styles.length);
  });
});

test("the sheets turn dark where the reader's system is", () => {
  expect(pictureSvg(pictures[0])).toMatch(
    /prefers-color-scheme: dark.*\[fill="#ffffff"\] \{ fill: #17191c \}/,
  );
});

test("captions say where the figures differ from the authors' notebooks", () => {
  const differing = pictures.filter(({ caption }) => caption.includes("Differs from the authors' notebook"));
  expect(differing.map(({ name }) => name)).toEqual(["figure-1b", "figure-1c", "figure-3a", "figure-3b"]);
});

describe("the numbers of the theory", () => {
  const [local, global] = [-0.93040293, 1.05745377];
  const loss = (x: number) => (x * x - 1) ** 2 - x / 2;

  test("1b: on either side of γ* the paths end in different minima, and descent follows the true gradient", () => {
    expect(pointsOf("figure-1b", "optimum, γ = 0.3").at(-1)![0]).toBeCloseTo(global, 3);
    expect(pointsOf("figure-1b", "optimum, γ = 1").at(-1)![0]).toBeCloseTo(local, 3);
    const descent = pointsOf("figure-1b", "gradient descent");
    expect(descent.at(-1)![0]).toBeCloseTo(local, 3);
    const [[x0, y0], [x1, y1]] = descent;
    const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
    expect((y1 - y0) / (x1 - x0)).toBeCloseTo((2 * y) / (4 * x * (x * x - 1) - 0.5), 3);
  });

  test("1c: the loss starts where the paths do, ends in the minima, and rises above the barrier on the way", () => {
    const far = pointsOf("figure-1c", "optimum, γ = 0.3").map(([, value]) => value);
    expect(far[0]).toBeCloseTo(loss(-0.6) + 0.45 ** 2, 10);
    expect(far.at(-1)).toBeCloseTo(loss(global), 3);
    expect(Math.max(...far)).toBeGreaterThan(loss(-0.12705084));
    expect(pointsOf("figure-1c", "optimum, γ = 1").at(-1)![1]).toBeCloseTo(loss(local), 3);
  });

  test("2a: rates go 2 : 1 for a long horizon, and nearly 4 : 1 for a short one", () => {
    const ratio = (series: string) => {
      const [x, y] = pointsOf("figure-2a", series)[40];
      return Math.log(x) / Math.log(y);
    };
    expect(ratio("optimum, long")).toBeCloseTo(2, 6);
    expect(ratio("optimum, short")).toBeCloseTo((Math.sqrt(104) - 10) / (Math.sqrt(101) - 10), 6);
    expect(ratio("ballistic")).toBeCloseTo(2, 10);
    expect(ratio("gradient descent")).toBeCloseTo(4, 10);
  });

  test.each([0, 1, 4, 16])("2b: for γ = %d the loss is that of the two rates", (rate) => {
    const decay = (h: number) => Math.sqrt((rate * rate) / 4 + h) - rate / 2;
    const [time, value] = pointsOf("figure-2b", `γ = ${rate}`).at(-1)!;
    expect(value / (2 * Math.exp(-2 * decay(4) * time) + Math.exp(-2 * decay(1) * time) / 2)).toBeCloseTo(
      1,
      6,
    );
  });

  test("2c: the rate meets its limits at the ends", () => {
    const rates = pointsOf("figure-2c", "optimum");
    expect(rates[0][1] / rates[0][0]).toBeCloseTo(1, 3);
    expect(rates.at(-1)![1] / Math.sqrt(rates.at(-1)![0])).toBeCloseTo(1, 2);
    expect(rates[48][1]).toBeCloseTo((Math.sqrt(5) - 1) / 2, 12);
  });

  test("2d: with a short horizon the optimum is the natural gradient, which begins along −G⁻¹∇L", () => {
    const [optimum, natural] = [
      pointsOf("figure-2d", "optimum in G, γ = 20"),
      pointsOf("figure-2d", "natural"),
    ];
    const gaps = natural.map(([x, y]) => Math.min(...optimum.map(([a, b]) => Math.hypot(a - x, b - y))));
    expect(Math.max(...gaps)).toBeLessThan(0.06);
    // ∇L = (2, 1) at (0.5, 1), and G⁻¹ = [[5, −4], [−4, 5]]/3.
    const [[x0, y0], [x1, y1]] = natural;
    expect(Math.atan2(y1 - y0, x1 - x0)).toBeCloseTo(Math.atan2(3, -6), 0);
    for (const [x, y] of pointsOf("figure-2d", "equal cost")) {
      const [u, v] = [x + 0.85, y - 0.85];
      expect((5 * u * u + 8 * u * v + 5 * v * v) / 3).toBeCloseTo(0.04, 10);
    }
  });

  test("3a: the resting points are ηkh[(ηkh + q²)I − γQ]⁻¹μ", () => {
    const rests = pictureOf("figure-3a").panels[0].points!.filter(({ kind }) => kind === "rest");
    [0.1, 2].forEach((rate, i) => {
      const [x, y] = rests[i].at;
      expect(5 * x + 2 * rate * y).toBeCloseTo(1, 9);
      expect(5 * y - 2 * rate * x).toBeCloseTo(1, 9);
      expect(
        Math.hypot(
          ...pointsOf("figure-3a", `optimum, γ = ${rate}`)
            .at(-1)!
            .map((v, j) => v - rests[i].at[j]),
        ),
      ).toBeLessThan(0.01);
    });
  });

  test("3b: the resting points are ηkh/(ηkh + j(j + γ))·μ, and the rates those of the theory", () => {
    const rests = pictureOf("figure-3b").panels[0].marks!.map(({ value }) => value);
    [0, 0.5, 2].forEach((j, i) => {
      expect(rests[i]).toBeCloseTo(1 / (1 + j * (j + 1)), 10);
      const [time, x] = pointsOf("figure-3b", `decay j = ${j}`)[100];
      const rate = Math.sqrt(0.25 + 1 + j * (j + 1)) - 0.5;
      expect(x).toBeCloseTo(rests[i] + (-0.5 - rests[i]) * Math.exp(-rate * time), 6);
    });
  });

  test("3c: for γ = 0 the gains are κ₁ = 1 and κ₂ = √(c² + 2) − c, so β ≈ 0.85 and α ≈ 0.01", () => {
    const name = pictureOf("figure-3c").panels[0].series.find((each) =>
      each.name.startsWith("heavy ball"),
    )!.name;
    const [momentum, learningRate] = [...name.matchAll(/= ([\d.]+)/g)].map(([, value]) => Number(value));
    expect(momentum).toBeCloseTo(0.85, 2);
    expect(Math.abs(learningRate - 0.01)).toBeLessThan(0.001);
    // ẍ + 1.5ẋ + x = 0 from rest at 1.
    const frequency = Math.sqrt(1 - 0.75 ** 2);
    for (const [t, x] of pointsOf("figure-3c", "optimum, γ = 0"))
      expect(x).toBeCloseTo(
        Math.exp(-0.75 * t) * (Math.cos(frequency * t) + (0.75 / frequency) * Math.sin(frequency * t)),
        6,
      );
  });

  test("3d: the push on θ₁ alone approaches −θ₂/2 at the rate √(γ²/4 + ηkh) − γ/2 = 1", () => {
    pointsOf("figure-3d", "pushes θ₁ only").forEach(([x, y], i) => {
      expect(y).toBeCloseTo(1, 10);
      expect(x).toBeCloseTo(-0.5 - Math.exp((-14 * i) / 400) / 2, 6);
    });
    expect(Math.hypot(...pointsOf("figure-3d", "pushes θ₁ only, rotation").at(-1)!)).toBeLessThan(0.02);
  });

  test.each([
    [100, 0.1, -0.05],
    [10, 0.1, -0.08],
    [1, 0.1, -0.3],
    [0.01, 0.01, -0.5],
    [0.01, 1, -0.74],
    [0.01, 10, -0.96],
  ])("phase of rules: γ = %d, Δt = %d has the exponent %d", (rate, step, exponent) => {
    const { value } = pictureOf("figure-phase-rules").panels[0].surface!;
    expect(Math.abs(value(rate, step) - exponent)).toBeLessThan(0.006);
  });

  test("phase of horizons: γ* is 0.539031 from the local minimum and 0.664610 from −0.6", () => {
    const line = pointsOf("figure-phase-horizon", "γ*").sort(([a], [b]) => a - b);
    const at = (x: number) => {
      const next = line.findIndex(([value]) => value >= x);
      const [[x0, y0], [x1, y1]] = [line[next - 1], line[next]];
      return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
    };
    expect(at(-0.6)).toBeCloseTo(0.66461, 2);
    expect(at(-0.6)).toBeGreaterThan(0.66461);
    expect(at(local)).toBeCloseTo(0.539031, 2);
    expect(line[0][1]).toBeCloseTo(0.539031, 5);
  });

  test("prior weight: w = 0.2012 at the point of the theory, and λ/(γ + R + λ) in continuous time", () => {
    const [x, y] = pictureOf("figure-phase-prior-weight").panels[0].points![0].at;
    const line = pointsOf("figure-phase-prior-weight", "γ = 0.2");
    const next = line.findIndex(([hazard]) => hazard > x);
    const share = Math.log(x / line[next - 1][0]) / Math.log(line[next][0] / line[next - 1][0]);
    expect(line[next - 1][1] + share * (line[next][1] - line[next - 1][1])).toBeCloseTo(y, 3);
    for (const [hazard, weight] of pointsOf("figure-phase-prior-weight", "continuous"))
      expect(weight).toBeCloseTo(hazard / (0.2 + Math.sqrt(1.01) - 0.1 + hazard), 10);
  });

  test("schedules: S_T = 0 cools down as tanh(T − t), and all begin at the endless rate", () => {
    for (const [time, rate] of pointsOf("figure-phase-schedules", "S_T = 0,"))
      expect(rate).toBeCloseTo(Math.tanh(8 - time), 10);
    expect(pointsOf("figure-phase-schedules", "S_T = 4", 1).at(-1)![1]).toBeCloseTo(4, 10);
    for (const [time, rate] of pointsOf("figure-phase-schedules", "S_T = 4", 1).slice(0, 1))
      expect([time, rate]).toEqual([0, expect.closeTo(Math.SQRT2 - 1, 8)]);
  });
});

describe("the command figures", () => {
  test("draws a group into a new folder, SVG and PNG, and tells of it in one JSON document", () => {
    const out = join(temporaryFolder(), "a", "b");
    const { code, stdout, stderr } = lossgym(["figures", "2", "--png", "--json", "--out", out]);
    expect([code, stderr]).toEqual([0, ""]);
    const { figures } = JSON.parse(stdout) as {
      figures: { name: string; files: string[]; caption: string }[];
    };
    expect(figures.map(({ name }) => name)).toEqual(
      ["a", "b", "c", "d", "e", "f"].map((each) => `figure-2${each}`),
    );
    const files = figures.flatMap((figure) => figure.files);
    expect(readdirSync(out).map((file) => join(out, file))).toEqual([...files].sort());
    for (const file of files) {
      const content = readFileSync(file);
      const start = file.endsWith(".png") ? Buffer.from("\x89PNG\r\n\x1a\n", "latin1") : Buffer.from("<svg ");
      expect(content.subarray(0, start.length)).toEqual(start);
    }
  });

  test("prints the files that it wrote, and replaces those of an earlier run", () => {
    const out = temporaryFolder();
    const run = () => lossgym(["figures", "3", "--out", out]);
    const names = ["a", "b", "c", "d"].map((letter) => join(out, `figure-3${letter}.svg`));
    expect(run().stdout).toBe(`${names.join("\n")}\n`);
    expect(run().code).toBe(0);
    expect(readdirSync(out)).toHaveLength(4);
  });

  test.each([
    [
      "an unknown figure",
      ["figures", "4"],
      /^lossgym: .*must be one of 1, 2, 3, phase, images, all, got "4"/,
    ],
    ["an unknown option", ["figures", "--pdf"], /^lossgym: .*--pdf/],
    ["no folder", ["figures", "--out", ""], /^lossgym: --out: must name a folder/],
    ["two figures", ["figures", "1", "2"], /^lossgym: /],
    [
      "a folder that cannot be",
      ["figures", "--out", "/proc/none/figures"],
      /^lossgym: \/proc\/none\/figures: cannot be written to \(.+\)/,
    ],
  ])("refuses %s in one line", (_, args, message) => {
    const { code, stdout, stderr } = lossgym(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("refuses a file in place of the folder, and leaves it alone", () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "mine");
    for (const out of [file, join(file, "below")]) {
      const { code, stderr } = lossgym(["figures", "2", "--out", out]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^lossgym: .*choose another --out\n$/);
    }
    expect(readFileSync(file, "utf8")).toBe("mine");
  });

  // The superuser may write anywhere.
  test.skipIf(process.getuid?.() === 0)("refuses a read-only folder, with nothing half-written", () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    const { code, stderr } = lossgym(["figures", "2", "--out", folder]);
    expect([code, stderr]).toEqual([
      2,
      `lossgym: ${folder}: cannot be written to (permission denied); choose another --out\n`,
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("leaves no partial file where one cannot be replaced", () => {
    const out = temporaryFolder();
    lossgym(["figures", "2", "--out", join(out, "figure-2b.svg", "in-the-way")]);
    const { code, stderr } = lossgym(["figures", "2", "--out", out]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be written to \(it is a directory\)/);
    expect(existsSync(join(out, "figure-2b.svg.part"))).toBe(false);
  });
});
