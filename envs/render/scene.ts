import { type Range, rangeOf } from "./axes.js";
import type { EpisodePath } from "./episode-drawing.js";
import type { Surface } from "./surface.js";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What is to be seen on a landscape. */
export interface Scene {
  readonly surface: Surface;
  readonly path: EpisodePath;
  readonly optimalPath: readonly ArrayLike<number>[];
  /** The global minima, where they are known; else the lowest point shown is searched for. */
  readonly minima: readonly ArrayLike<number>[];
  /** Another point that has to be in the picture. */
  readonly centre: ArrayLike<number> | null;
}

export const colours = {
  path: "#1b5fc1",
  optimal: "#c2410c",
  contour: "#9aa5b1",
  lowest: "#15803d",
} as const;

/** A range of a coordinate that shows the paths and the minima, and at least 3 units. */
export function viewOf({ path, optimalPath, minima, centre }: Scene, coordinate: number): Range {
  const points = [...path.parameters, ...optimalPath, ...minima, ...(centre ? [centre] : [])];
  return rangeOf(
    points.map((point) => point[coordinate]),
    0.25,
    3,
  );
}

/** Names of what is drawn, for a legend. */
export function legendOf(optimalPath: Scene["optimalPath"], lowest: string) {
  return [
    { name: "path", colour: colours.path, dash: "" },
    ...(optimalPath.length > 0 ? [{ name: "optimal path", colour: colours.optimal, dash: "6 4" }] : []),
    ...(lowest ? [{ name: lowest, colour: colours.lowest, dash: "" }] : []),
  ];
}
