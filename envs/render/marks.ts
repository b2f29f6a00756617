import type { legendOf } from "./scene.js";
import { colours } from "./scene.js";
import { element, linePath, text } from "./svg.js";

type Point = readonly [x: number, y: number];

/** A path with its start as a ring and its end as a disc. */
export function drawPath(points: readonly Point[]): string {
  const dots = points
    .slice(1, -1)
    .map(([cx, cy]) => element("circle", { cx, cy, r: 1.8, fill: colours.path }));
  const line = element("path", {
    d: linePath(points),
    fill: "none",
    stroke: colours.path,
    "stroke-width": 2,
  });
  const [startX, startY] = points[0];
  const [endX, endY] = points[points.length - 1];
  return [
    line,
    ...(dots.length <= 200 ? dots : []),
    element("circle", {
      cx: startX,
      cy: startY,
      r: 4.5,
      fill: "#fff",
      stroke: colours.path,
      "stroke-width": 2,
    }),
    element("circle", { cx: endX, cy: endY, r: 4.5, fill: colours.path }),
  ].join("");
}

export function drawOptimalPath(points: readonly Point[]): string {
  return element("path", {
    d: linePath(points),
    fill: "none",
    stroke: colours.optimal,
    "stroke-width": 2,
    "stroke-dasharray": "6 4",
  });
}

export function drawLowest([x, y]: Point): string {
  return element("path", {
    d: `M${x - 6} ${y}h12M${x} ${y - 6}v12`,
    stroke: colours.lowest,
    "stroke-width": 2.5,
  });
}

export function drawLegend(entries: ReturnType<typeof legendOf>, left: number, top: number): string {
  let x = left;
  const parts = entries.map(({ name, colour, dash }) => {
    const from = x;
    x += 34 + 7 * name.length;
    const line = element("path", {
      d: `M${from} ${top - 4}h18`,
      stroke: colour,
      "stroke-width": 2.5,
      "stroke-dasharray": dash || "none",
    });
    return `${line}${text(name, { x: from + 23, y: top, fill: "#333" })}`;
  });
  return parts.join("");
}
