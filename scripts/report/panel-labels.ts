import {
  alongCurve,
  atPoint,
  besidePoint,
  type Pixel,
  type PlacedLabel,
  placeLabels,
  placeMarkLabels,
} from "./mark-labels.js";
import type { Panel, PanelOptions } from "./panel.js";
import { isShown } from "./scale.js";
import { type Attributes, svgElement } from "./svg.js";

interface Scaled {
  scale(name: "x" | "y"): { apply(value: number): number } | undefined;
}

/** What is written on a panel: its reference lines and its places. */
export function panelLabels(panel: Panel, plot: Scaled, options: PanelOptions): SVGElement[] {
  const { x, y, domains } = options;
  const at = (axis: "x" | "y", value: number) => plot.scale(axis)?.apply(value) ?? 0;
  const marks = (panel.marks ?? []).filter((mark) => isShown(mark.value, options[mark.axis]));
  const curves = panel.series.flatMap(({ points }) =>
    alongCurve(
      points
        .filter(([px, py]) => isShown(px, x) && isShown(py, y))
        .map(([px, py]) => ({ x: at("x", px), y: at("y", py) })),
    ),
  );
  const halo = {
    stroke: options.colours.paper,
    "stroke-width": 3,
    "stroke-linejoin": "round",
    "paint-order": "stroke",
  };
  const frame = {
    left: at("x", domains.x[0]),
    right: at("x", domains.x[1]),
    top: at("y", domains.y[1]),
    bottom: at("y", domains.y[0]),
  };
  const points = (panel.points ?? []).map(({ at: [px, py], ...point }) => ({
    ...point,
    x: at("x", px),
    y: at("y", py),
  }));
  const beside = points
    .filter((point) => point.label !== "")
    .map((point) =>
      point.kind === "region" ? atPoint(point.label, point) : besidePoint(point.label, point),
    );
  const dotted = points.filter(({ kind }) => kind !== "region");
  const around = ({ x: px, y: py }: Pixel) => [-8, -4, 0, 4, 8].map((offset) => ({ x: px + offset, y: py }));
  const obstacles = [...curves, ...dotted.flatMap(around)];
  const inner = { ...frame, left: frame.left + 8, right: frame.right - 16 };
  const write = (fill: string) => (placed: PlacedLabel) =>
    label(placed.text, placed.x, placed.y, { "text-anchor": placed.anchor, ...halo, fill }, options);
  return [
    ...placeMarkLabels(marks, ({ axis, value }) => at(axis, value), curves, frame).map(
      write(options.colours.muted),
    ),
    ...placeLabels(beside, obstacles, inner).map(write(options.colours.ink)),
  ];
}

/** A line of text on a panel. */
export function label(
  text: string,
  x: number,
  y: number,
  attributes: Attributes,
  { document, colours }: PanelOptions,
): SVGElement {
  return svgElement(document, "text", { x, y, fill: colours.muted, "text-anchor": "start", ...attributes }, [
    text,
  ]);
}
