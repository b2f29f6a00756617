import { createLandscape } from "../landscapes/create-landscape.js";
import { dimensionOf, hidesMinimum, type NavigationProblem } from "../problem/problem.js";
import { drawCurves } from "./curves.js";
import { drawMap } from "./map.js";
import { drawProfile } from "./profile.js";
import { surfaceOf } from "./surface.js";

/** What happened in an episode, as far as a picture shows it. */
export interface EpisodePath {
  /** θ at the start and after each step, each of shape [d]. */
  readonly parameters: readonly ArrayLike<number>[];
  /** L at the start and after each step. */
  readonly losses: readonly number[];
  /** μ, shape [d]. Default: the known one. */
  readonly minimum?: ArrayLike<number> | undefined;
  /** What tells the landscape apart from others of its family. Default: nothing does. */
  readonly instance?: ArrayLike<number> | undefined;
}

export interface DrawingOptions {
  /** The best path from the same start, each point of shape [d]; from a solver. Default: not drawn. */
  readonly optimalPath?: readonly ArrayLike<number>[] | undefined;
  /** Pixels. Default 520 × 400. */
  readonly width?: number;
  readonly height?: number;
}

/**
 * An episode as an SVG document: in one dimension the path on the graph of the loss, in two the path on
 * contours of the loss, each with the lowest point that is shown; otherwise the loss and the coordinates over time.
 */
export function drawEpisode(
  problem: NavigationProblem,
  path: EpisodePath,
  { optimalPath = [], width = 520, height = 400 }: DrawingOptions = {},
): string {
  const dimension = dimensionOf(problem);
  const size = { width, height };
  if (dimension > 2) return drawCurves(path, optimalPath, size);
  const { landscape } = problem;
  const known = landscape.kind === "quadratic" ? landscape.minimum : new Array<number>(dimension).fill(0);
  const minimum = path.minimum ?? known;
  const surface = surfaceOf(problem, minimum, path.instance ?? []);
  const minima = globalMinima(problem, minimum);
  const centre = hidesMinimum(problem) ? minimum : null;
  const scene = { surface, path, optimalPath, minima, centre };
  return dimension === 1 ? drawProfile(scene, size) : drawMap(scene, size);
}

/** The global minima that are known, each of shape [d]. */
function globalMinima({ landscape }: NavigationProblem, minimum: ArrayLike<number>): number[][] {
  const { minima = [] } = createLandscape(landscape);
  return minima
    .filter(({ global }) => global)
    .map(({ parameters }) => parameters.map((x, j) => x + minimum[j]));
}
