import { axes, clipped, type Panel, rangeOf, toX, toY } from "./axes.js";
import { drawLegend, drawLowest, drawOptimalPath, drawPath } from "./marks.js";
import { colours, legendOf, type Scene, type Size, viewOf } from "./scene.js";
import { lowestPoint } from "./surface.js";
import { document, element, linePath } from "./svg.js";

const samples = 241;

/** One dimension: the graph of the loss, and the path on it. */
export function drawProfile(scene: Scene, { width, height }: Size): string {
  const [low, high] = viewOf(scene, 0);
  const points = Float64Array.from({ length: samples }, (_, i) => low + ((high - low) * i) / (samples - 1));
  const losses = scene.surface(points);
  const panel: Panel = {
    left: 62,
    top: 34,
    width: width - 78,
    height: height - 82,
    x: [low, high],
    y: rangeOf(losses, 0.12),
  };
  const on = (point: ArrayLike<number>) => {
    const [loss] = scene.surface(Float64Array.of(point[0]));
    return [toX(panel, point[0]), toY(panel, loss)] as const;
  };
  const graph = Array.from(points, (x, i) => [toX(panel, x), toY(panel, losses[i])] as const);
  const known = scene.minima.length > 0;
  const lowest = known ? scene.minima : [lowestPoint(scene.surface, points, 1, (high - low) / samples)];
  const drawn = [
    element("path", { d: linePath(graph), fill: "none", stroke: colours.contour, "stroke-width": 1.5 }),
    drawPath(scene.path.parameters.map(on)),
    drawOptimalPath(scene.optimalPath.map(on)),
    ...lowest.map((point) => drawLowest(on(point))),
  ].join("");
  return document(
    width,
    height,
    "The path of an episode on the graph of the loss",
    `${clipped(panel, "profile", drawn)}${axes(panel, "θ", "loss")}${drawLegend(legendOf(scene.optimalPath, known ? "global minimum" : "lowest point shown"), panel.left, 20)}`,
  );
}
