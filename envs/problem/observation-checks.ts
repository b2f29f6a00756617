import { hasExamples } from "../landscapes/checks.js";
import { ProblemError } from "./messages.js";
import { actionOf, channelsOf, dimensionOf, type GradientNoise, type NavigationProblem } from "./problem.js";

/** Whether noise, channels, coordinates and cue fit the rest of the problem. */
export function checkObservation(problem: NavigationProblem): void {
  const { observation, task } = problem;
  if (observation.kind === "state") return;
  if (channelsOf(problem).includes("cue") && task.kind === "drifting")
    throw new ProblemError(
      'observation.channels: "cue" needs a task that changes now and then, got "drifting", which always does',
    );
  checkNoiseIsSeen(problem);
  if (observation.kind === "loss") return;
  checkNoiseFits(problem, observation.noise);
  checkCoordinates(problem, observation.coordinates);
}

/** A rule whose hyperparameters are set feeds on the gradient, whether or not it is shown. */
function checkNoiseIsSeen(problem: NavigationProblem): void {
  const { observation } = problem;
  if (observation.kind === "state" || observation.noise === 0) return;
  if (observation.kind !== "loss" && actionOf(problem).kind === "hyperparameters") return;
  const channels = channelsOf(problem);
  if (!channels.includes(observation.kind)) {
    const what = observation.kind === "loss" ? "loss" : "gradient";
    throw new ProblemError(
      `observation.channels: must include "${observation.kind}" when there is ${what} noise, got ${channels.join(", ")}`,
    );
  }
}

function checkNoiseFits({ landscape }: NavigationProblem, noise: GradientNoise): void {
  const { kind } = landscape;
  if (typeof noise === "number") return;
  if ("fisher" in noise && kind !== "quadratic" && kind !== "random-quadratic")
    throw new ProblemError(
      `observation.noise.fisher: needs a quadratic landscape, got ${JSON.stringify(kind)}`,
    );
  if ("minibatch" in noise && !hasExamples(landscape))
    throw new ProblemError(
      `observation.noise.minibatch: needs a landscape on a table, got ${JSON.stringify(kind)}`,
    );
  if (
    "minibatch" in noise &&
    noise.minibatch.charged &&
    landscape.kind === "custom" &&
    !landscape.minibatchLoss
  )
    throw new ProblemError("observation.noise.minibatch.charged: needs landscape.minibatchLoss, got nothing");
}

function checkCoordinates(problem: NavigationProblem, coordinates: readonly number[] | undefined): void {
  const dimension = dimensionOf(problem);
  coordinates?.forEach((coordinate, i) => {
    if (coordinate >= dimension)
      throw new ProblemError(`observation.coordinates[${i}]: must be < ${dimension}, got ${coordinate}`);
  });
}
