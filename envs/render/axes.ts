import { element, text } from "./svg.js";

export type Range = readonly [low: number, high: number];

/** A rectangle of the picture in which data are drawn. */
export interface Panel {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: Range;
  readonly y: Range;
}

export function toX({ left, width, x: [low, high] }: Panel, value: number): number {
  return left + (width * (value - low)) / (high - low);
}

export function toY({ top, height, y: [low, high] }: Panel, value: number): number {
  return top + height - (height * (value - low)) / (high - low);
}

/** The smallest range that holds the finite values, widened at each end by a share of it; never empty. */
export function rangeOf(values: Iterable<number>, margin = 0.08, least = 0): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 0];
  const slack = Math.max((least - (high - low)) / 2, margin * (high - low));
  const wide = slack > 0 ? slack : Math.max(Math.abs(low), 1) / 2;
  return [low - wide, high + wide];
}

/** About five round numbers within a range. */
export function ticksOf([low, high]: Range): number[] {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= raw) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** The frame of a panel with ticks, numbers and names. */
export function axes(panel: Panel, xName: string, yName: string): string {
  const { left, top, width, height } = panel;
  const bottom = top + height;
  const across = ticksOf(panel.x).map((value) => {
    const x = toX(panel, value);
    return `${element("path", { d: `M${x} ${bottom}v5`, stroke: "#666" })}${text(label(value), { x, y: bottom + 18, "text-anchor": "middle" })}`;
  });
  const along = ticksOf(panel.y).map((value) => {
    const y = toY(panel, value);
    return `${element("path", { d: `M${left} ${y}h-5`, stroke: "#666" })}${text(label(value), { x: left - 8, y: y + 4, "text-anchor": "end" })}`;
  });
  const middle = top + height / 2;
  return [
    element("rect", { x: left, y: top, width, height, fill: "none", stroke: "#666" }),
    element("g", { fill: "#333" }, [...across, ...along].join("")),
    text(xName, { x: left + width / 2, y: bottom + 36, "text-anchor": "middle", fill: "#333" }),
    text(yName, {
      x: 14,
      y: middle,
      transform: `rotate(-90 14 ${middle})`,
      "text-anchor": "middle",
      fill: "#333",
    }),
  ].join("");
}

/** What is drawn within the panel, cut at its edges. */
export function clipped({ left, top, width, height }: Panel, id: string, content: string): string {
  const area = element("clipPath", { id }, element("rect", { x: left, y: top, width, height }));
  return `${area}${element("g", { "clip-path": `url(#${id})` }, content)}`;
}

function label(value: number): string {
  return String(Number(value.toPrecision(6)));
}
