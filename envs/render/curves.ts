import { axes, clipped, type Panel, rangeOf, toX, toY } from "./axes.js";
import type { EpisodePath } from "./episode-drawing.js";
import { drawLegend } from "./marks.js";
import { colours, legendOf, type Size } from "./scene.js";
import { document, element, linePath, text } from "./svg.js";

/** Coordinates that are drawn at most. */
const most = 8;

/** More than two dimensions: the loss over time, and below it the coordinates. */
export function drawCurves(
  { parameters, losses }: EpisodePath,
  optimalPath: readonly ArrayLike<number>[],
  { width, height }: Size,
): string {
  const dimension = parameters[0].length;
  const shown = Array.from({ length: Math.min(dimension, most) }, (_, j) => j);
  const steps = Math.max(losses.length, optimalPath.length, 2) - 1;
  const half = (height - 128) / 2;
  const frame = { left: 62, width: width - 78, height: half, x: [0, steps] as const };
  const upper: Panel = { ...frame, top: 34, y: rangeOf(losses) };
  const coordinates = [...parameters, ...optimalPath].flatMap((point) => shown.map((j) => point[j]));
  const lower: Panel = { ...frame, top: 80 + half, y: rangeOf(coordinates) };
  const line = (panel: Panel, values: readonly number[], stroke: string, dash: string) =>
    element("path", {
      d: linePath(values.map((value, t) => [toX(panel, t), toY(panel, value)])),
      fill: "none",
      stroke,
      "stroke-width": 1.5,
      "stroke-dasharray": dash || "none",
    });
  const of = (points: readonly ArrayLike<number>[], j: number) => points.map((point) => point[j]);
  const lines = [
    ...shown.map((j) => line(lower, of(optimalPath, j), colours.optimal, "6 4")),
    ...shown.map((j) => line(lower, of(parameters, j), colours.path, "")),
  ];
  const note = dimension > most ? `the first ${most} of ${dimension} coordinates` : "";
  return document(
    width,
    height,
    "The loss and the coordinates of an episode over time",
    [
      clipped(upper, "losses", line(upper, losses, colours.path, "")),
      axes(upper, "", "loss"),
      clipped(lower, "coordinates", lines.join("")),
      axes(lower, "step", ""),
      text("θ", { x: 14, y: lower.top + half / 2, fill: "#333" }),
      text(note, { x: width - 16, y: lower.top - 8, "text-anchor": "end", fill: "#666" }),
      drawLegend(legendOf(optimalPath, ""), 62, 20),
    ].join(""),
  );
}
