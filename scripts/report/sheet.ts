import { drawLegend } from "./legend.js";
import { type LineStyle, lightColours } from "./palette.js";
import { svgElement } from "./svg.js";
import { wrap } from "./table.js";

const panelGap = 20;
const padding = 16;
const titleHeight = 20;
const captionHeight = 15;

export interface SheetOptions {
  readonly document: Document;
  readonly title: string;
  /** For readers that do not see. */
  readonly description: string;
  /** Written below the panels. */
  readonly caption?: string;
  readonly panels: readonly SVGElement[];
  readonly size: { readonly width: number; readonly height: number };
  readonly styles: ReadonlyMap<string, LineStyle>;
  /** Drawn below the legend, in a strip of that height. */
  readonly key?: { readonly height: number; draw(x: number, y: number): SVGElement[] };
  /** Style rules of the file. */
  readonly rules?: string;
}

/** One SVG file that stands alone: title, legend, panels and perhaps a caption, on paper. */
export function sheet(options: SheetOptions): string {
  const { document, description, panels, size, styles, key, rules } = options;
  const columns = columnsFor(panels.length);
  const width = 2 * padding + columns * (size.width + panelGap) - panelGap;
  const title = drawTitle(options, width);
  const below = padding + title.length * titleHeight;
  const legend = drawLegend(styles, { document, left: padding, top: below, right: width - padding });
  const top = below + (styles.size > 0 || !key ? legend.height : 0) + (key?.height ?? 0) + 12;
  const rows = Math.ceil(panels.length / columns);
  const bottom = top + rows * (size.height + panelGap) - panelGap;
  const caption = drawCaption(options, width, bottom);
  const height = bottom + caption.length * captionHeight + (caption.length > 0 ? 12 : 0) + padding;
  panels.forEach((panel, index) => {
    panel.setAttribute("x", String(padding + (index % columns) * (size.width + panelGap)));
    panel.setAttribute("y", String(top + Math.floor(index / columns) * (size.height + panelGap)));
  });
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    "font-family": "Helvetica, Arial, 'DejaVu Sans', sans-serif",
    "font-size": 12,
  };
  const svg = svgElement(document, "svg", attributes, [
    svgElement(document, "title", {}, [options.title]),
    svgElement(document, "desc", {}, [description]),
    ...(rules === undefined ? [] : [svgElement(document, "style", {}, [rules])]),
    svgElement(document, "rect", { width, height, fill: lightColours.paper }),
    ...title,
    ...legend.elements,
    ...(key?.draw(padding, top - 12 - key.height) ?? []),
    ...panels,
    ...caption,
  ]);
  return `${svg.outerHTML}\n`;
}

function drawTitle({ title, document }: SheetOptions, width: number): SVGElement[] {
  const style = { "font-size": 15, "font-weight": 600, fill: lightColours.ink };
  return wrap(title, Math.floor((width - 2 * padding) / 8.6)).map((text, row) =>
    svgElement(document, "text", { x: padding, y: padding + 12 + row * titleHeight, ...style }, [text]),
  );
}

/** Signs stay on the line of what they join. */
function keepFormulas(text: string): string {
  return text.replace(/ ([=<>≪≫+−∝]) /g, "\u00a0$1\u00a0");
}

function drawCaption({ caption = "", document }: SheetOptions, width: number, top: number): SVGElement[] {
  if (caption === "") return [];
  return wrap(keepFormulas(caption), Math.floor((width - 2 * padding) / 6.1)).map((text, row) =>
    svgElement(
      document,
      "text",
      { x: padding, y: top + 20 + row * captionHeight, fill: lightColours.muted },
      [text],
    ),
  );
}

/** Two or three panels a row; four make a square. */
function columnsFor(panels: number): number {
  return panels <= 3 ? panels : panels === 4 ? 2 : 3;
}
