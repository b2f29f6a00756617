import type { FigureData } from "../../agents/rediscover/report.js";
import { type Colours, type LineStyle, lightColours, pageColours, seriesStyles } from "./palette.js";
import { drawPanel } from "./panel.js";
import { panelDomains } from "./scale.js";
import { createDocument, measureText, svgElement } from "./svg.js";
import { wrap } from "./table.js";

const single = { width: 480, height: 310 };
const several = { width: 400, height: 300 };
const panelGap = 20;
const padding = 16;
const titleHeight = 20;
const legendHeight = 18;
const legendSwatch = 28;

/** A figure as parts that a page lays out, in the page's own colours. */
export interface FigureParts {
  readonly panels: readonly string[];
  readonly legend: readonly { readonly name: string; readonly swatch: string }[];
}

export function figureParts(figure: FigureData): FigureParts {
  const document = createDocument();
  const styles = seriesStyles(figure);
  return {
    panels: drawPanels(figure, document, pageColours).map((panel) => panel.outerHTML),
    legend: [...styles].map(([name, style]) => ({
      name,
      swatch: svgElement(document, "svg", { width: legendSwatch, height: 10, "aria-hidden": "true" }, [
        swatchLine(style, 0, 5, document, pageColours),
      ]).outerHTML,
    })),
  };
}

/** A figure as one SVG file that stands alone: title, legend and panels, in light colours. */
export function figureSvg(figure: FigureData): string {
  const document = createDocument();
  const panels = drawPanels(figure, document, lightColours);
  const size = panelSize(figure);
  const columns = columnsFor(panels.length);
  const width = 2 * padding + columns * (size.width + panelGap) - panelGap;
  const title = drawTitle(figure, width, document);
  const legend = drawLegend(figure, width, padding + title.length * titleHeight, document);
  const top = padding + title.length * titleHeight + legend.height + 12;
  const rows = Math.ceil(panels.length / columns);
  const height = top + rows * (size.height + panelGap) - panelGap + padding;
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
    svgElement(document, "title", {}, [figure.title]),
    svgElement(document, "desc", {}, [figure.caption]),
    svgElement(document, "rect", { width, height, fill: lightColours.paper }),
    ...title,
    ...legend.elements,
    ...panels,
  ]);
  return `${svg.outerHTML}\n`;
}

function drawTitle({ title }: FigureData, width: number, document: Document): SVGElement[] {
  const style = { "font-size": 15, "font-weight": 600, fill: lightColours.ink };
  return wrap(title, Math.floor((width - 2 * padding) / 8.6)).map((text, row) =>
    svgElement(document, "text", { x: padding, y: padding + 12 + row * titleHeight, ...style }, [text]),
  );
}

/** Entries side by side, in as many rows as the width asks for. */
function drawLegend(figure: FigureData, width: number, top: number, document: Document) {
  const elements: SVGElement[] = [];
  let x = padding;
  let y = top + 8;
  for (const [name, style] of seriesStyles(figure)) {
    const size = legendSwatch + 6 + measureText(name, 12);
    if (x > padding && x + size > width - padding) {
      x = padding;
      y += legendHeight;
    }
    const place = { x: x + legendSwatch + 6, y: y + 4, fill: lightColours.ink };
    elements.push(
      swatchLine(style, x, y, document, lightColours),
      svgElement(document, "text", place, [name]),
    );
    x += size + 18;
  }
  return { elements, height: y - top - 8 + legendHeight };
}

function drawPanels(figure: FigureData, document: Document, colours: Colours): SVGElement[] {
  const styles = seriesStyles(figure);
  const domains = { x: panelDomains(figure, "x"), y: panelDomains(figure, "y") };
  return figure.panels.map((panel, index) =>
    drawPanel(panel, {
      document,
      ...panelSize(figure),
      x: figure.x,
      y: figure.y,
      domains: { x: domains.x[index], y: domains.y[index] },
      styles,
      colours,
    }),
  );
}

function panelSize({ panels }: FigureData) {
  return panels.length === 1 ? single : several;
}

/** Two or three panels a row; four make a square. */
function columnsFor(panels: number): number {
  return panels <= 3 ? panels : panels === 4 ? 2 : 3;
}

function swatchLine(
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
