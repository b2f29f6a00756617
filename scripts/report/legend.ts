import { type Colours, type LineStyle, lightColours } from "./palette.js";
import { measureText, svgElement } from "./svg.js";

/** Length of the line that stands before a name. */
export const legendSwatch = 28;
const rowHeight = 18;

export interface LegendOptions {
  readonly document: Document;
  readonly left: number;
  readonly top: number;
  readonly right: number;
}

/** Entries side by side, in as many rows as the width asks for. */
export function drawLegend(
  styles: ReadonlyMap<string, LineStyle>,
  { document, left, top, right }: LegendOptions,
): { readonly elements: SVGElement[]; readonly height: number } {
  const elements: SVGElement[] = [];
  let x = left;
  let y = top + 8;
  for (const [name, style] of styles) {
    const size = legendSwatch + 6 + measureText(name, 12);
    if (x > left && x + size > right) {
      x = left;
      y += rowHeight;
    }
    const place = { x: x + legendSwatch + 6, y: y + 4, fill: lightColours.ink };
    elements.push(
      swatchLine(style, x, y, document, lightColours),
      svgElement(document, "text", place, [name]),
    );
    x += size + 18;
  }
  return { elements, height: y - top - 8 + rowHeight };
}

/** A short piece of a series' line. */
export function swatchLine(
  { colour, dash, width }: LineStyle,
  x: number,
  y: number,
  document: Document,
  colours: Colours,
): SVGElement {
  return svgElement(document, "line", {
    x1: x,
    x2: x + legendSwatch,
    y1: y,
    y2: y,
    stroke: colours[colour],
    "stroke-width": width + 0.4,
    ...(dash === undefined ? {} : { "stroke-dasharray": dash }),
  });
}
