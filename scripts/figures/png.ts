import { BadInput } from "../bad-input.js";

/** Has every sign of the figures; text that another font lacks a sign for would turn to a serif font. */
const fallbackFont = "DejaVu Sans";
/** Pixels per unit of the drawing. */
const zoom = 2;

/**
 * Draws PNG from SVG with the fonts of this machine.
 *
 * @throws BadInput where the drawing library is not installed
 */
export async function pngDrawer(): Promise<(svg: string) => Uint8Array> {
  const { Resvg } = await import("@resvg/resvg-js").catch(() => {
    throw new BadInput(
      "--png: needs the package @resvg/resvg-js, which is not installed here; leave --png out for SVG",
    );
  });
  return (svg) =>
    new Resvg(svg, { fitTo: { mode: "zoom", value: zoom }, font: { defaultFontFamily: fallbackFont } })
      .render()
      .asPng();
}
