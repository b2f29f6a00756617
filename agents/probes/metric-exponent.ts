import type { NavigationProblem, Policy } from "../../envs/index.js";
import { linearFit, mean } from "./statistics.js";
import { gradientsAt, respond, type Stream } from "./streams.js";

export interface MetricExponent {
  /** Slope of log|u| − log|g| on log G over the coordinates: −1 for natural gradient, 0 for a rule blind to the metric. */
  readonly exponent: number;
  /** Geometric mean of |u|/|g| of each coordinate, beside its entry of the metric. */
  readonly curve: readonly { readonly metric: number; readonly response: number }[];
}

/**
 * How far a coordinate moves for its gradient, by its entry of the metric, in the last step of a stream.
 *
 * @throws Error when the problem has no metric
 */
export function metricExponent(problem: NavigationProblem, policy: Policy, stream: Stream): MetricExponent {
  const { metric } = problem.geometry;
  if (!metric) throw new Error("metricExponent: needs geometry.metric, got none");
  const last = stream.observations.length - 1;
  const gradients = gradientsAt(problem, stream, last);
  const actions = respond(policy, stream)[last];
  const logs = metric.map((_, i) =>
    mean(
      Array.from({ length: stream.episodes }, (_, n) => {
        const at = n * metric.length + i;
        return Math.log(Math.abs(actions[at] / gradients[at]) + Number.MIN_VALUE);
      }),
    ),
  );
  const entries = metric.map((row, i) => row[i]);
  const [exponent] = linearFit([entries.map(Math.log)], logs);
  return { exponent, curve: entries.map((entry, i) => ({ metric: entry, response: Math.exp(logs[i]) })) };
}
