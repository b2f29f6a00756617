import { ProblemError } from "../problem/messages.js";
import type { LandscapeSpec, RegressionSpec } from "../problem/problem.js";
import { classCount } from "./network-sizes.js";
import type { LinearRegressionSpec, NetworkSpec, StreamSpec } from "./specs.js";
import { tableShape } from "./table.js";

/** What the fields of a landscape do not tell one by one: numbers of rows that have to agree, enough classes. */
export function checkLandscape(landscape: LandscapeSpec): void {
  switch (landscape.kind) {
    case "regression":
      checkLabels("landscape", landscape, tableShape(landscape.features).rows);
      break;
    case "linear-regression":
      checkTargets("landscape", landscape, tableShape(landscape.features).rows);
      break;
    case "network":
      checkNetwork("landscape", landscape);
      break;
    case "stream":
      checkStream(landscape);
      break;
    case "custom":
      if ((landscape.exampleCount === undefined) !== (landscape.minibatchGradient === undefined))
        throw new ProblemError(
          "landscape: needs both exampleCount and minibatchGradient, or neither, got one of them",
        );
      if (landscape.minibatchLoss && !landscape.minibatchGradient)
        throw new ProblemError("landscape.minibatchLoss: needs minibatchGradient, got nothing");
  }
}

/** Whether gradients of minibatches can be observed. */
export function hasExamples(landscape: LandscapeSpec): boolean {
  return landscape.kind === "custom"
    ? landscape.exampleCount !== undefined
    : ["regression", "linear-regression", "network", "stream"].includes(landscape.kind);
}

function checkLabels(path: string, { labels }: Pick<RegressionSpec, "labels">, rows: number): void {
  if (labels.length !== rows)
    throw new ProblemError(
      `${path}.labels: must have one label per row of features (${rows}), got ${labels.length}`,
    );
  if (labels.every((label) => label === 0))
    throw new ProblemError(`${path}.labels: must name at least two classes, got one`);
}

function checkTargets(path: string, { targets }: Pick<LinearRegressionSpec, "targets">, rows: number): void {
  if (targets.length !== rows)
    throw new ProblemError(
      `${path}.targets: must have one target per row of features (${rows}), got ${targets.length}`,
    );
}

function checkNetwork(path: string, { features, labels, targets }: NetworkSpec): void {
  const { rows } = tableShape(features);
  if ((labels === undefined) === (targets === undefined))
    throw new ProblemError(
      `${path}: needs either labels (cross-entropy) or targets (squared error), got ${labels ? "both" : "neither"}`,
    );
  if (labels) checkLabels(path, { labels }, rows);
  if (targets) checkTargets(path, { targets }, rows);
}

function checkStream({ base, variation, classesPerTask }: StreamSpec): void {
  if (!base.labels) throw new ProblemError("landscape.base.labels: must name classes, got nothing");
  if (base.kind === "network") checkNetwork("landscape.base", base);
  else checkLabels("landscape.base", base, tableShape(base.features).rows);
  const classes = classCount(base.labels);
  if (variation !== "class-incremental") return;
  if (classesPerTask > classes)
    throw new ProblemError(
      `landscape.classesPerTask: must be at most the number of classes (${classes}), got ${classesPerTask}`,
    );
  const seen = new Set(base.labels);
  for (let c = 0; c < classes; c++) {
    if (!seen.has(c))
      throw new ProblemError(`landscape.base.labels: must show every class, got none of ${c}`);
  }
}
