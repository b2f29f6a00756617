import type { FigureData } from "../../agents/rediscover/report.js";
import { legendSwatch, swatchLine } from "./legend.js";
import { type Colours, lightColours, pageColours, seriesStyles } from "./palette.js";
import { drawPanel } from "./panel.js";
import { panelDomains } from "./scale.js";
import { sheet } from "./sheet.js";
import { createDocument, svgElement } from "./svg.js";

const single = { width: 480, height: 310 };
const several = { width: 400, height: 300 };
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
  return sheet({
    document,
    title: figure.title,
    description: figure.caption,
    panels: drawPanels(figure, document, lightColours),
    size: panelSize(figure),
    styles: seriesStyles(figure),
  });
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
