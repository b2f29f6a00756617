import type { Axis } from "../../agents/rediscover/report.js";
import { contour } from "../../envs/render/contours.js";
import type { Colours } from "./palette.js";
import type { Domain } from "./scale.js";
import { svgElement } from "./svg.js";

/** A function of two variables, drawn beneath the lines of a panel. */
export interface Surface {
  readonly value: (x: number, y: number) => number;
  /** Where level lines run. */
  readonly levels: readonly number[];
  /** Colours of the values; absent for lines alone. */
  readonly heat?: Heat;
}

export interface Heat {
  readonly range: Domain;
  /** From the lowest value to the highest, evenly spaced; between them colours are mixed. */
  readonly ramp: readonly string[];
}

export interface SurfaceFrame {
  readonly document: Document;
  readonly x: Axis;
  readonly y: Axis;
  readonly domains: { readonly x: Domain; readonly y: Domain };
  readonly colours: Colours;
}

/** Shades that a heat map tells apart. */
const shades = 50;
const columns = 81;
const rows = 65;

type Pixels = Record<"x" | "y", (value: number) => number>;

/** Level lines, over cells of colour where there is heat. */
export function drawSurface(surface: Surface, frame: SurfaceFrame) {
  const values = sample(surface, frame);
  const stroke = surface.heat ? frame.colours.ink : frame.colours.muted;
  const line = { fill: "none", stroke, "stroke-width": 0.8, "stroke-opacity": 0.45 };
  return [
    (_: unknown, scales: unknown) => {
      const corner = cornersOf(scales as Pixels, frame.domains);
      return svgElement(frame.document, "g", { "aria-label": "surface" }, [
        ...(surface.heat ? cells(values, surface.heat, corner, frame.document) : []),
        ...surface.levels
          .map((level) => linePath(values, level, corner))
          .filter((d) => d !== "")
          .map((d) => svgElement(frame.document, "path", { d, ...line })),
      ]);
    },
  ];
}

/** Evenly spaced on the panel's scales, row by row from the lowest y. */
function sample({ value }: Surface, { x, y, domains }: SurfaceFrame): Float64Array {
  const across = Array.from({ length: columns }, (_, i) => along(domains.x, x, i / (columns - 1)));
  const up = Array.from({ length: rows }, (_, i) => along(domains.y, y, i / (rows - 1)));
  return Float64Array.from(up.flatMap((atY) => across.map((atX) => value(atX, atY))));
}

function along([low, high]: Domain, { scale }: Axis, share: number): number {
  return scale === "log" ? low * (high / low) ** share : low + (high - low) * share;
}

type Corner = (column: number, row: number) => readonly [x: number, y: number];

function cornersOf({ x, y }: Pixels, domains: SurfaceFrame["domains"]): Corner {
  const [left, right] = domains.x.map(x);
  const [bottom, top] = domains.y.map(y);
  return (column, row) => [
    left + ((right - left) * column) / (columns - 1),
    bottom + ((top - bottom) * row) / (rows - 1),
  ];
}

function linePath(values: Float64Array, level: number, corner: Corner): string {
  return contour({ columns, rows, values }, level)
    .map(([x0, y0, x1, y1]) => `M${place(corner(x0, y0))}L${place(corner(x1, y1))}`)
    .join("");
}

function place([x, y]: readonly [number, number]): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

/** One path for each shade, made of the cells that have it. */
function cells(values: Float64Array, heat: Heat, corner: Corner, document: Document): SVGElement[] {
  const paths = new Map<number, string>();
  for (let row = 0; row + 1 < rows; row++)
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const mean = (values[at] + values[at + 1] + values[at + columns] + values[at + columns + 1]) / 4;
      const shade = shadeOf(mean, heat);
      const corners = [
        corner(column, row),
        corner(column + 1, row),
        corner(column + 1, row + 1),
        corner(column, row + 1),
      ];
      paths.set(shade, `${paths.get(shade) ?? ""}M${corners.map(place).join("L")}Z`);
    }
  return [...paths].map(([shade, d]) =>
    svgElement(document, "path", { d, fill: colourOf(shade, heat), "shape-rendering": "crispEdges" }),
  );
}

function shadeOf(value: number, { range: [low, high] }: Heat): number {
  const share = Math.min(Math.max((value - low) / (high - low), 0), 1);
  return Math.round(share * (shades - 1));
}

function colourOf(shade: number, { ramp }: Heat): string {
  const position = (shade / (shades - 1)) * (ramp.length - 1);
  const below = Math.min(Math.floor(position), ramp.length - 2);
  const channels = [1, 3, 5].map((at) => {
    const [low, high] = [ramp[below], ramp[below + 1]].map((colour) =>
      Number.parseInt(colour.slice(at, at + 2), 16),
    );
    return Math.round(low + (high - low) * (position - below))
      .toString(16)
      .padStart(2, "0");
  });
  return `#${channels.join("")}`;
}

/** Every shade from the lowest value to the highest. */
export function shadesOf(heat: Heat): string[] {
  return Array.from({ length: shades }, (_, shade) => colourOf(shade, heat));
}
