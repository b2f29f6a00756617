import { checkLandscape } from "../landscapes/checks.js";
import { checkAction } from "./action-checks.js";
import { isPositiveDefinite, isPositiveSemidefinite } from "./linear-algebra.js";
import { ProblemError, show } from "./messages.js";
import { checkObservation } from "./observation-checks.js";
import {
  dimensionOf,
  hidesMinimum,
  isDense,
  isLogUniform,
  type Matrix,
  type NavigationProblem,
  type QuadraticSpec,
  type Vector,
} from "./problem.js";

/** What no part can tell by itself: shapes that have to agree, definiteness, noise that fits the landscape. */
export function checkProblem(problem: NavigationProblem): void {
  const { landscape, geometry, task, start } = problem;
  checkLandscape(landscape);
  const dimension = dimensionOf(problem);
  if (landscape.kind === "quadratic") checkQuadratic(landscape, dimension, hidesMinimum(problem));
  const pushes = geometry.control?.[0]?.length ?? dimension;
  if (geometry.control) checkShape("geometry.control", geometry.control, dimension, pushes);
  if (geometry.metric) checkSymmetric("geometry.metric", geometry.metric, pushes, true);
  if (geometry.drift) {
    checkShape("geometry.drift.matrix", geometry.drift.matrix, dimension, dimension);
    checkLength("geometry.drift.offset", geometry.drift.offset, dimension);
  }
  if (task.kind === "static" && (task.mean === undefined) !== (task.covariance === undefined)) {
    throw new ProblemError("task: needs both mean and covariance, or neither, got one of them");
  }
  if (task.mean && task.covariance) checkGaussian("task", task.mean, task.covariance, dimension);
  if (start.kind === "point") checkLength("start.parameters", start.parameters, dimension);
  else checkGaussian("start", start.mean, start.covariance, dimension);
  checkObservation(problem);
  checkAction(problem);
}

function checkQuadratic({ curvature, minimum }: QuadraticSpec, dimension: number, hidden: boolean): void {
  const path = "landscape.curvature";
  checkLength("landscape.minimum", minimum, dimension);
  if (isLogUniform(curvature)) return;
  if (isDense(curvature)) checkSymmetric(path, curvature, dimension, false);
  else checkLength(path, curvature, dimension);
  if ((isDense(curvature) ? curvature.flat() : curvature).every((value) => value === 0))
    throw new ProblemError(`${path}: must not be zero in every direction, got ${show(curvature)}`);
  const isCurved = isDense(curvature) ? isPositiveDefinite(curvature) : curvature.every((value) => value > 0);
  if (hidden && !isCurved)
    throw new ProblemError(
      `${path}: must be positive definite where the minimum is hidden, since gradients tell nothing of it along a flat direction, got ${show(curvature)}`,
    );
}

function checkLength(path: string, value: Vector, length: number): void {
  if (value.length !== length)
    throw new ProblemError(`${path}: must have length ${length}, got ${value.length}`);
}

function checkShape(path: string, value: Matrix, rows: number, columns: number): void {
  if (value.length !== rows || value[0].length !== columns) {
    throw new ProblemError(
      `${path}: must have shape [${rows}, ${columns}], got [${value.length}, ${value[0].length}]`,
    );
  }
}

function checkSymmetric(path: string, value: Matrix, size: number, definite: boolean): void {
  checkShape(path, value, size, size);
  const scale = value.flat().reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(value[i][j] - value[j][i]) > 1e-9 * scale)
        throw new ProblemError(
          `${path}: must be symmetric, got ${value[i][j]} at [${i}, ${j}] and ${value[j][i]} at [${j}, ${i}]`,
        );
    }
  }
  if (definite && !isPositiveDefinite(value))
    throw new ProblemError(`${path}: must be positive definite, got ${show(value)}`);
  if (!definite && !isPositiveSemidefinite(value))
    throw new ProblemError(`${path}: must be positive semidefinite, got ${show(value)}`);
}

function checkGaussian(path: string, mean: Vector, covariance: Matrix, dimension: number): void {
  checkLength(`${path}.mean`, mean, dimension);
  checkSymmetric(`${path}.covariance`, covariance, dimension, false);
}
