import { plainNumber } from "./numbers.js";
import { lightColours } from "./palette.js";
import type { SheetOptions } from "./sheet.js";
import { type Heat, shadesOf } from "./surface.js";
import { measureText, svgElement } from "./svg.js";

const size = { width: 200, height: 10 };

/** A strip of a heat map's colours: what they mean, and the values at its ends and middle. */
export function colourKey(heat: Heat, label: string, document: Document): NonNullable<SheetOptions["key"]> {
  const [low, high] = heat.range;
  const shades = shadesOf(heat);
  const step = size.width / shades.length;
  const text = (x: number, y: number, words: string, anchor: string) =>
    svgElement(document, "text", { x, y, fill: lightColours.ink, "text-anchor": anchor }, [words]);
  return {
    height: 32,
    draw(x, y) {
      const left = x + measureText(label, 12) + 12;
      return [
        text(x, y + 12, label, "start"),
        ...shades.map((fill, i) =>
          svgElement(document, "rect", {
            x: left + i * step,
            y: y + 3,
            width: step + 0.5,
            height: size.height,
            fill,
          }),
        ),
        ...[0, 0.5, 1].map((share) => {
          const value = plainNumber(low + (high - low) * share).replace("-", "−");
          return text(left + share * size.width, y + 27, value, "middle");
        }),
      ];
    },
  };
}
