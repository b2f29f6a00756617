import * as Plot from "@observablehq/plot";
import type { Axis, FigureData, Mark, Series } from "../../agents/rediscover/report.js";
import type { Colours, LineStyle } from "./palette.js";
import { label, panelLabels } from "./panel-labels.js";
import { type Domain, isShown, type Tick, ticksOf } from "./scale.js";
import { drawSurface, type Surface } from "./surface.js";
import { measureText } from "./svg.js";
import { wrap } from "./table.js";

export interface PanelOptions {
  readonly document: Document;
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly domains: { readonly x: Domain; readonly y: Domain };
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly colours: Colours;
}

export type Panel = FigureData["panels"][number] & {
  /** Drawn beneath the lines. */
  readonly surface?: Surface;
  readonly points?: readonly NamedPoint[];
  /** Whether a unit is as long on x as on y; then one of the domains is widened. */
  readonly isPlane?: boolean;
};

/** A place worth naming, such as a start or a minimum. */
export interface NamedPoint {
  readonly at: readonly [x: number, y: number];
  /** Empty for a dot without a name. */
  readonly label: string;
  readonly kind: "start" | "rest" | "place" | "region";
}

const fontSize = 12;
const lineHeight = 15;
/** Below this many points a series shows each of them. */
const fewPoints = 16;

/** One panel: its title, the y label above the axis, the lines with their bands, the x label below. */
export function drawPanel(panel: Panel, options: PanelOptions): SVGElement {
  const { document, width, height, x, y, colours } = options;
  const header = headerOf(panel, options);
  const footer = wrap(x.label, charactersIn(width));
  const margins = marginsOf(header.length, footer.length, ticksIn(options.domains, options));
  const domains = panel.isPlane
    ? inProportion(
        options.domains,
        (width - margins.left - margins.right) / (height - margins.top - margins.bottom),
      )
    : options.domains;
  const ticks = ticksIn(domains, options);
  const plot = Plot.plot({
    document,
    width,
    height,
    className: "lossgym-plot",
    style: { fontSize: `${fontSize}px`, fontFamily: "inherit", color: colours.ink, background: "none" },
    marginTop: margins.top,
    marginBottom: margins.bottom,
    marginLeft: margins.left,
    marginRight: margins.right,
    x: { type: x.scale ?? "linear", domain: domains.x as [number, number], label: null },
    y: { type: y.scale ?? "linear", domain: domains.y as [number, number], label: null },
    marks: [
      ...(panel.surface ? drawSurface(panel.surface, { ...options, domains }) : []),
      ...axes(ticks, colours),
      ...referenceLines(panel.marks ?? [], colours),
      ...inOrder(panel.series, options.styles).flatMap((series) => linesOf(series, { ...options, domains })),
      ...dots(panel.points ?? [], colours),
    ],
  });
  const svg = plot as unknown as SVGElement;
  for (const style of svg.querySelectorAll("style")) style.remove();
  svg.removeAttribute("class");
  svg.append(
    ...header.map(({ text, style }, row) => label(text, 0, 12 + row * lineHeight, style, options)),
    ...footer.map((text, row) => {
      const bottom = height - 6 - (footer.length - 1 - row) * lineHeight;
      return label(text, width / 2, bottom, { "text-anchor": "middle" }, options);
    }),
    ...panelLabels(panel, plot, { ...options, domains }),
  );
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${panel.title}: ${y.label} against ${x.label}`);
  return svg;
}

type Domains = PanelOptions["domains"];
type Ticks = { readonly x: readonly Tick[]; readonly y: readonly Tick[] };

function ticksIn(domains: Domains, { width, height, x, y }: PanelOptions): Ticks {
  return {
    x: ticksOf(domains.x, x, Math.max(2, Math.round(width / 75))),
    y: ticksOf(domains.y, y, Math.max(3, Math.round(height / 50))),
  };
}

function marginsOf(header: number, footer: number, ticks: Ticks) {
  return {
    top: header * lineHeight + 10,
    bottom: footer * lineHeight + 30,
    left: Math.max(...ticks.y.map(({ label }) => measureText(label, fontSize)), 12) + 12,
    right: 14,
  };
}

/** Widens about its middle the domain that has room, in a frame that is `shape` times as wide as high. */
function inProportion({ x, y }: Domains, shape: number): Domains {
  const widened = ([low, high]: Domain, size: number): Domain => [
    (low + high - size) / 2,
    (low + high + size) / 2,
  ];
  const [width, height] = [x[1] - x[0], y[1] - y[0]];
  return width < height * shape ? { x: widened(x, height * shape), y } : { x, y: widened(y, width / shape) };
}

function charactersIn(width: number): number {
  return Math.floor((width - 8) / (fontSize * 0.56));
}

/** The panel's title in bold, then the y label. */
function headerOf({ title }: Panel, { width, y, colours }: PanelOptions) {
  const bold = { fill: colours.ink, "font-weight": 600 };
  return [
    ...wrap(title, Math.floor(charactersIn(width) * 0.92)).map((text) => ({ text, style: bold })),
    ...wrap(y.label, charactersIn(width)).map((text) => ({ text, style: {} })),
  ];
}

function axes(ticks: Ticks, colours: Colours) {
  const values = (of: readonly Tick[]) => of.map(({ value }) => value);
  const named = (of: readonly Tick[]) => (value: number) =>
    of.find((tick) => tick.value === value)?.label ?? "";
  const grid = { stroke: colours.rule, strokeOpacity: 1, strokeWidth: 0.75 };
  const axis = { color: colours.muted, tickSize: 4, label: null };
  return [
    Plot.gridX(values(ticks.x), grid),
    Plot.gridY(values(ticks.y), grid),
    Plot.axisX(values(ticks.x), { ...axis, text: named(ticks.x) }),
    Plot.axisY(values(ticks.y), { ...axis, text: named(ticks.y) }),
  ];
}

function referenceLines(marks: readonly Mark[], colours: Colours) {
  const line = { stroke: colours.muted, strokeWidth: 1, strokeDasharray: "1 3" };
  const values = (axis: Mark["axis"]) => marks.filter((mark) => mark.axis === axis).map(({ value }) => value);
  return [Plot.ruleX(values("x"), line), Plot.ruleY(values("y"), line)];
}

/** From back to front. */
function inOrder(series: readonly Series[], styles: ReadonlyMap<string, LineStyle>): Series[] {
  const rank = [...styles.keys()];
  return [...series].sort((a, b) => rank.indexOf(b.name) - rank.indexOf(a.name));
}

/** None for a region; hollow where a path starts, full where it may rest, small elsewhere. */
function dots(points: readonly NamedPoint[], { ink, paper }: Colours) {
  const shown = points.filter(({ kind }) => kind !== "region");
  return shown.map(({ at: [x, y], kind }) =>
    Plot.dot([{ x, y }], {
      x: "x",
      y: "y",
      r: kind === "place" ? 3 : 4.5,
      fill: kind === "start" ? paper : ink,
      stroke: kind === "start" ? ink : paper,
      strokeWidth: 1.5,
    }),
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

function linesOf(series: Series, { x, y, domains, styles, colours }: PanelOptions) {
  const { colour, dash, width } = styles.get(series.name) ?? { colour: "ink", width: 2 };
  const stroke = colours[colour];
  const clamp = (value: number) => Math.min(Math.max(value, domains.y[0]), domains.y[1]);
  const points = series.points
    .map(([px, py], index): Point => {
      const [low, high] = series.band?.[index] ?? [Number.NaN, Number.NaN];
      return { x: px, y: isShown(py, y) ? py : Number.NaN, low: clamp(low), high: clamp(high) };
    })
    .filter((point) => isShown(point.x, x));
  const dashed = dash === undefined ? {} : { strokeDasharray: dash };
  return [
    Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.18 }),
    Plot.line(points, { x: "x", y: "y", stroke, strokeWidth: width, strokeLinejoin: "round", ...dashed }),
    ...(points.length <= fewPoints && dash === undefined
      ? [Plot.dot(points, { x: "x", y: "y", r: 2.6, fill: stroke })]
      : []),
  ];
}
