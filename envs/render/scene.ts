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
  /** Points that have to be in the picture. */
  readonly landmarks: readonly ArrayLike<number>[];
}

export const colours = {
  path: "#1b5fc1",
  optimal: "#c2410c",
  contour: "#9aa5b1",
  lowest: "#15803d",
} as const;

/** A range of a coordinate that shows the paths and the landmarks, and at least 3 units. */
export function viewOf({ path, optimalPath, landmarks }: Scene, coordinate: number): Range {
  const points = [...path.parameters, ...optimalPath, ...landmarks];
  return rangeOf(
    points.map((point) => point[coordinate]),
    0.25,
    3,
  );
}

/** Names of what is drawn, for a legend. */
export function legendOf({ optimalPath }: Pick<Scene, "optimalPath">, lowest: boolean) {
  return [
    { name: "path", colour: colours.path, dash: "" },
    ...(optimalPath.length > 0 ? [{ name: "optimal path", colour: colours.optimal, dash: "6 4" }] : []),
    ...(lowest ? [{ name: "lowest point shown", colour: colours.lowest, dash: "" }] : []),
  ];
}
