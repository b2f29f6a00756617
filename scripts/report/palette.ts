import type { FigureData, Series } from "../../agents/rediscover/report.js";

/** The colours of Okabe and Ito (2008), which people of any colour vision tell apart, and three inks. */
export const lightColours = {
  ink: "#1b1b1b",
  muted: "#63666a",
  rule: "#dcdcd8",
  paper: "#ffffff",
  blue: "#0072b2",
  vermillion: "#d55e00",
  green: "#009e73",
  orange: "#e69f00",
  sky: "#56b4e9",
  purple: "#cc79a7",
} as const;

/** The same hues, raised where they would sink into a dark page. */
export const darkColours: Colours = {
  ink: "#ececea",
  muted: "#a3a6aa",
  rule: "#3a3d42",
  paper: "#17191c",
  blue: "#4aa3df",
  vermillion: "#ff8232",
  green: "#22c08f",
  orange: "#f0b429",
  sky: "#9bd4f5",
  purple: "#e29bc4",
};

export type ColourName = keyof typeof lightColours;
export type Colours = Readonly<Record<ColourName, string>>;

/** Colours that the page defines, so that one drawing follows the reader's light or dark mode. */
export const pageColours = Object.fromEntries(
  Object.keys(lightColours).map((name) => [name, `var(--${name})`]),
) as Colours;

export interface LineStyle {
  readonly colour: ColourName;
  /** Lengths of dashes and gaps; absent for a solid line. */
  readonly dash?: string;
  readonly width: number;
}

type Role = Series["role"];

/** From front to back: a dashed prediction stays visible on the solid line that it predicts. */
const order: readonly Role[] = ["predicted", "learned", "exact", "control", "baseline", "bound"];

/** Each role's colours in the order of preference. */
const hues: Readonly<Record<Role, readonly ColourName[]>> = {
  predicted: ["ink", "muted"],
  exact: ["blue", "sky", "green"],
  learned: ["vermillion", "orange", "purple"],
  control: ["purple", "sky"],
  baseline: ["green", "purple", "orange", "sky", "muted"],
  bound: ["muted", "ink"],
};

const dashes: Readonly<Record<Role, readonly (string | undefined)[]>> = {
  predicted: ["6 4", "2 3"],
  exact: [undefined, "12 3", "4 2"],
  learned: [undefined, "9 3", "3 2"],
  control: ["2 2.5", "8 3 2 3"],
  baseline: ["8 3 2 3", "4 2.5", "10 4", "2 2", "12 3 3 3"],
  bound: ["1.5 4", "3 5"],
};

/**
 * How each series is drawn, by name, from front to back: the same name looks the same in every panel, and a
 * colour is used again only when the role has no other.
 */
export function seriesStyles({ panels }: Pick<FigureData, "panels">): ReadonlyMap<string, LineStyle> {
  const all = panels.flatMap(({ series }) => series);
  const styles = new Map<string, LineStyle>();
  for (const role of order) {
    const names = new Set(all.filter((series) => series.role === role).map(({ name }) => name));
    [...names].forEach((name, rank) => {
      styles.set(name, styleOf(role, rank, [...styles.values()]));
    });
  }
  return styles;
}

function styleOf(role: Role, rank: number, used: readonly LineStyle[]): LineStyle {
  const taken = new Set(used.map(({ colour }) => colour));
  const colour = hues[role].find((hue) => !taken.has(hue)) ?? hues[role][rank % hues[role].length];
  const dash = dashes[role][rank % dashes[role].length];
  const width = role === "bound" || role === "baseline" ? 1.6 : 2;
  return dash === undefined ? { colour, width } : { colour, dash, width };
}
