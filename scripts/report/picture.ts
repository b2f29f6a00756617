import type { Axis } from "../../agents/rediscover/report.js";
import { colourKey } from "./colour-key.js";
import { darkColours, type LineStyle, lightColours, seriesStyles } from "./palette.js";
import { drawPanel, type Panel } from "./panel.js";
import { type Domain, panelDomains } from "./scale.js";
import { sheet } from "./sheet.js";
import { createDocument } from "./svg.js";

/** A figure with its caption, whose panels have axes of their own and may show surfaces and places. */
export interface Picture {
  /** File name without extension. */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly panels: readonly PicturePanel[];
  /** Styles by series name, in place of those of the roles. */
  readonly styles?: Readonly<Record<string, LineStyle>>;
  /** What the colours of the surfaces mean. */
  readonly colourLabel?: string;
}

export type PicturePanel = Panel & {
  readonly x: Axis;
  readonly y: Axis;
  readonly domains?: { readonly x: Domain; readonly y: Domain };
};

const single = { width: 480, height: 360 };
const several = { width: 400, height: 330 };

/** One SVG file: light, and dark for a reader whose system is. */
export function pictureSvg(picture: Picture): string {
  const { title, caption, panels, colourLabel } = picture;
  const document = createDocument();
  const size = panels.length === 1 ? single : several;
  const styles = stylesOf(picture);
  const heat = panels.find((panel) => panel.surface?.heat)?.surface?.heat;
  return sheet({
    document,
    title,
    description: caption,
    caption,
    size,
    styles,
    rules: darkRules,
    panels: panels.map((panel) =>
      drawPanel(panel, {
        document,
        ...size,
        x: panel.x,
        y: panel.y,
        domains: domainsOf(panel),
        styles,
        colours: lightColours,
      }),
    ),
    ...(heat && colourLabel && { key: colourKey(heat, colourLabel, document) }),
  });
}

/** Every series of a picture with its style, from front to back. */
export function stylesOf({
  panels,
  styles = {},
}: Pick<Picture, "panels" | "styles">): ReadonlyMap<string, LineStyle> {
  return new Map([...seriesStyles({ panels })].map(([name, style]) => [name, styles[name] ?? style]));
}

function domainsOf(panel: PicturePanel): { readonly x: Domain; readonly y: Domain } {
  if (panel.domains) return panel.domains;
  const alone = { panels: [panel], x: panel.x, y: panel.y };
  return { x: panelDomains(alone, "x")[0], y: panelDomains(alone, "y")[0] };
}

const names = Object.keys(lightColours) as (keyof typeof lightColours)[];

/** Attributes hold the light colours; where style rules are not read, the file stays light. */
export const darkRules = `@media (prefers-color-scheme: dark) { ${names
  .flatMap((name) =>
    ["fill", "stroke"].map(
      (paint) => `[${paint}="${lightColours[name]}"] { ${paint}: ${darkColours[name]} }`,
    ),
  )
  .join(" ")} }`;
