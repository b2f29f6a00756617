import type { LineStyle } from "../report/palette.js";

/** Settings of one parameter in rising order, told apart by colour and by dash. */
export const settings: readonly LineStyle[] = [
  { colour: "blue", width: 2 },
  { colour: "vermillion", width: 2, dash: "9 3" },
  { colour: "green", width: 2, dash: "4 2.5" },
  { colour: "purple", width: 2, dash: "8 3 2 3" },
];

/** A formula's limit, which stays visible on the line that it predicts. */
export const limits: readonly LineStyle[] = [
  { colour: "ink", width: 1.6, dash: "5 4" },
  { colour: "ink", width: 1.8, dash: "1.5 3.5" },
];

/** A textbook rule, for contrast. */
export const textbook: LineStyle = { colour: "orange", width: 2, dash: "3 2" };

/** The names in order, with the styles in order. */
export function styled(names: readonly string[], styles: readonly LineStyle[]): Record<string, LineStyle> {
  return Object.fromEntries(names.map((name, i) => [name, styles[i % styles.length]]));
}
