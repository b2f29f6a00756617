import { axes, clipped, type Panel, toX, toY } from "./axes.js";
import { contour, type Grid, levelsOf } from "./contours.js";
import { drawLegend, drawLowest, drawOptimalPath, drawPath } from "./marks.js";
import { colours, legendOf, type Scene, type Size, viewOf } from "./scene.js";
import { lowestPoint } from "./surface.js";
import { document, element } from "./svg.js";

const columns = 81;
const rows = 61;

/** Two dimensions: contours of the loss, and the path on them. */
export function drawMap(scene: Scene, { width, height }: Size): string {
  const panel: Panel = {
    left: 62,
    top: 34,
    width: width - 78,
    height: height - 82,
    x: viewOf(scene, 0),
    y: viewOf(scene, 1),
  };
  const points = gridPoints(panel);
  const grid: Grid = { columns, rows, values: scene.surface(points) };
  const place = (point: ArrayLike<number>) => [toX(panel, point[0]), toY(panel, point[1])] as const;
  const known = scene.minima.length > 0;
  const lowest = known
    ? scene.minima
    : [lowestPoint(scene.surface, points, 2, (panel.x[1] - panel.x[0]) / columns)];
  const drawn = [
    drawContours(grid, panel),
    drawOptimalPath(scene.optimalPath.map(place)),
    drawPath(scene.path.parameters.map(place)),
    ...lowest.map((point) => drawLowest(place(point))),
  ].join("");
  return document(
    width,
    height,
    "The path of an episode on contours of the loss",
    `${clipped(panel, "map", drawn)}${axes(panel, "θ₁", "θ₂")}${drawLegend(legendOf(scene.optimalPath, known ? "global minimum" : "lowest point shown"), panel.left, 20)}`,
  );
}

function gridPoints({ x, y }: Panel): Float64Array {
  const points = new Float64Array(columns * rows * 2);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      points[i++] = x[0] + ((x[1] - x[0]) * column) / (columns - 1);
      points[i++] = y[0] + ((y[1] - y[0]) * row) / (rows - 1);
    }
  }
  return points;
}

function drawContours(grid: Grid, { left, top, width, height }: Panel): string {
  const x = (column: number) => left + (width * column) / (columns - 1);
  const y = (row: number) => top + height - (height * row) / (rows - 1);
  const round = (value: number) => value.toFixed(1);
  const lines = levelsOf(grid, 14).map((level) => {
    const d = contour(grid, level)
      .map(([x0, y0, x1, y1]) => `M${round(x(x0))} ${round(y(y0))}L${round(x(x1))} ${round(y(y1))}`)
      .join("");
    return element("path", { d });
  });
  return element("g", { fill: "none", stroke: colours.contour }, lines.join(""));
}
