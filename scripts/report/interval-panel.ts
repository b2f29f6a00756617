import * as Plot from "@observablehq/plot";
import type { Colours, LineStyle } from "./palette.js";
import { logLabel, type Tick, ticksOf } from "./scale.js";
import { measureText, svgElement } from "./svg.js";

/** A number with its interval, one row of the panel. */
export interface IntervalRow {
  readonly name: string;
  readonly value: number;
  readonly interval: readonly [low: number, high: number];
  /** Written at the end of the row. */
  readonly text: string;
}

export interface IntervalPanelOptions {
  readonly document: Document;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Label of the axis. */
  readonly label: string;
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly colours: Colours;
}

const fontSize = 12;
/** Of a row's height: half the height of a bar, and how far above the bar its name is. */
const halfBar = 0.15;
const nameAbove = 0.36;

/** A bar over the interval of each row, with a tick at the value, its name above and the numbers beside it. */
export function drawIntervals(rows: readonly IntervalRow[], options: IntervalPanelOptions): SVGElement {
  const { document, width, height, title, label, styles, colours } = options;
  const axis = axisOf(rows);
  const bars = rows.map(({ name, value, interval: [x1, x2], text }, i) => {
    const stroke = colours[styles.get(name)?.colour ?? "ink"];
    return {
      name,
      value,
      x1,
      x2,
      text,
      stroke,
      y: i,
      y1: i - halfBar,
      y2: i + halfBar,
      above: i - nameAbove,
    };
  });
  const named = (value: number) => axis.ticks.find((tick) => tick.value === value)?.label ?? "";
  const values = axis.ticks.map((tick) => tick.value);
  const written = { fill: colours.ink, textAnchor: "start" } as const;
  const plot = Plot.plot({
    document,
    width,
    height,
    className: "lossgym-plot",
    style: { fontSize: `${fontSize}px`, fontFamily: "inherit", color: colours.ink, background: "none" },
    marginTop: 24,
    marginBottom: 45,
    marginLeft: 12,
    // The font that the file is read with may be wider than the one that is measured.
    marginRight: 1.15 * Math.max(...rows.map(({ text }) => measureText(text, fontSize))) + 12,
    x: { type: axis.type, domain: axis.domain, label: null },
    y: { type: "linear", domain: [rows.length - 0.6, -0.6], axis: null },
    marks: [
      Plot.gridX(values, { stroke: colours.rule, strokeOpacity: 1, strokeWidth: 0.75 }),
      Plot.axisX(values, { color: colours.muted, tickSize: 4, label: null, tickFormat: named }),
      Plot.ruleX([0], { stroke: colours.muted, strokeWidth: 1, strokeDasharray: "1 3" }),
      Plot.rect(bars, { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "stroke", fillOpacity: 0.4 }),
      Plot.ruleX(bars, { x: "value", y1: "y1", y2: "y2", stroke: "stroke", strokeWidth: 2.5 }),
      Plot.text(bars, { y: "y", text: "text", ...written, frameAnchor: "right", dx: 8 }),
      Plot.text(bars, {
        ...{ y: "above", text: "name", ...written, frameAnchor: "left", dx: 5 },
        ...{ stroke: colours.paper, strokeWidth: 3 },
      }),
    ],
  }) as unknown as SVGElement;
  for (const style of plot.querySelectorAll("style")) style.remove();
  plot.removeAttribute("class");
  const write = (x: number, y: number, text: string, style: Record<string, string | number>) =>
    svgElement(document, "text", { x, y, ...style }, [text]);
  plot.append(
    write(0, 12, title, { fill: colours.ink, "font-weight": 600, "text-anchor": "start" }),
    write(width / 2, height - 6, label, { fill: colours.muted, "text-anchor": "middle" }),
  );
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", `${title}: ${label}`);
  return plot;
}

/** Beyond it an axis is linear about 0 and logarithmic far from it. */
const largestLinear = 10;

function axisOf(rows: readonly IntervalRow[]) {
  const low = Math.min(0, ...rows.map(({ interval }) => interval[0]));
  const high = Math.max(0, ...rows.map(({ interval }) => interval[1]));
  const isWide = Math.max(-low, high) > largestLinear;
  const widen = (end: number) => (isWide ? 1.6 * end : end + 0.06 * Math.sign(end) * (high - low));
  const domain: [number, number] = low === high ? [-1, 1] : [widen(low), widen(high)];
  return isWide
    ? ({ type: "symlog", domain, ticks: wideTicks(domain) } as const)
    : ({ type: "linear", domain, ticks: ticksOf(domain, { label: "" }, 4) } as const);
}

/** 0 and powers of ten from 1 on, at most six of them. */
function wideTicks([low, high]: readonly [number, number]): Tick[] {
  const powers = Array.from({ length: 40 }, (_, exponent) => 10 ** exponent);
  const all = [...powers.map((power) => -power).reverse(), 0, ...powers];
  const inside = all.filter((value) => value >= low && value <= high);
  const every = Math.ceil(inside.length / 6);
  const zero = inside.indexOf(0);
  return inside.filter((_, i) => (i - zero) % every === 0).map((value) => ({ value, label: signed(value) }));
}

function signed(value: number): string {
  if (value === 0) return "0";
  return value < 0 ? `−${logLabel(-value)}` : logLabel(value);
}
