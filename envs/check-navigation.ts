import type { EnvFactory } from "./core/checks/play.js";
import { actionsAt } from "./core/checks/play.js";
import { type CheckReport, checkRules, type Rule, require, requireSame, skip } from "./core/checks/report.js";
import type { Info } from "./core/env.js";
import { SingleEnv } from "./core/single-env.js";
import { batchSizeOf, isCharged } from "./dynamics/minibatches.js";
import { noiseOf } from "./dynamics/slopes.js";
import { createLandscape } from "./landscapes/create-landscape.js";
import { actionOf, channelsOf, delayOf, layoutOf, type NavigationProblem } from "./problem/problem.js";

/**
 * Whether an environment is the navigation problem that it is said to be: rewards against the objective,
 * observed gradients against the landscape, and what becomes of steps that leave the finite numbers.
 */
export function checkNavigation(problem: NavigationProblem, make: EnvFactory): CheckReport {
  return checkRules(rules, { problem, make });
}

interface Subject {
  readonly problem: NavigationProblem;
  readonly make: EnvFactory;
}

interface Place {
  /** θ − μ. */
  readonly displacement: Float64Array;
  readonly instance: Float64Array;
}

function single({ make }: Subject) {
  return new SingleEnv(make({ numEnvs: 1, autoresetMode: "disabled", seed: 3, maxEpisodeSteps: null }));
}

/** Where the learner is, on the landscape of the moment that `world` tells of. */
function placeOf({ landscape }: NavigationProblem, { parameters }: Info, world: Info): Place {
  const at = parameters as Float64Array;
  const { instanceSize } = createLandscape(landscape);
  const instance = (world.curvature ?? world.instance ?? new Float64Array(0)) as Float64Array;
  require(instance.length ===
    instanceSize, `the infos tell ${instance.length} numbers of the member of the family that the landscape is`, `tell all ${instanceSize} in info.instance`);
  const origin = (world.minimum ?? new Float64Array(at.length)) as Float64Array;
  return { displacement: at.map((x, j) => x - origin[j]), instance };
}

function evaluate({ landscape: spec }: NavigationProblem, { displacement, instance }: Place) {
  const landscape = createLandscape(spec);
  const [losses, gradient] = [new Float64Array(1), new Float64Array(displacement.length)];
  landscape.evaluate(displacement, instance, 1, losses, gradient);
  return { loss: losses[0], gradient };
}

/** The same of the examples that the infos tell. */
function evaluateExamples(
  { landscape: spec, observation }: NavigationProblem,
  { displacement, instance }: Place,
  { examples }: Info,
) {
  const landscape = createLandscape(spec);
  const [losses, gradient] = [new Float64Array(1), new Float64Array(displacement.length)];
  const size = batchSizeOf(noiseOf({ observation }));
  const chosen = Int32Array.from((examples as Float64Array | undefined) ?? []);
  const all = landscape.exampleCountOf?.(instance, 0) ?? (landscape.exampleCount as number);
  require(chosen.length === size &&
    chosen.every(
      (example) => example >= 0 && example < all,
    ), `the infos tell the examples [${chosen.join(", ")}]`, `tell ${size} numbers below ${all} in info.examples`);
  landscape.minibatchGradient?.(displacement, chosen, size, 1, gradient, instance, losses);
  return { loss: losses[0], gradient };
}

function charges({ observation }: NavigationProblem): boolean {
  return isCharged(noiseOf({ observation }));
}

const rules: readonly Rule<Subject>[] = [
  {
    rule: "the parameters move by the action",
    hold(subject) {
      const { problem } = subject;
      if (actionOf(problem).kind !== "velocity") skip("the action is no velocity");
      const env = single(subject);
      let { info } = env.reset();
      for (let t = 0; t < 8; t++) {
        const action = actionsAt({ singleActionSpace: env.actionSpace, numEnvs: 1 }, t);
        const step = env.step(action);
        if (step.terminated) return;
        const expected = movedBy(problem, info.parameters as Float64Array, action);
        expected.forEach((x, i) => {
          const moved = (step.info.parameters as Float64Array)[i];
          requireNear(
            `step ${t + 1}: θ[${i}]`,
            moved,
            x,
            "move to θ + Δt·(f(θ) + Bu), and tell it in info.parameters",
          );
        });
        ({ info } = step);
      }
    },
  },
  {
    rule: "the reward is the objective",
    hold(subject) {
      const { problem } = subject;
      const env = single(subject);
      let { info } = env.reset();
      for (let t = 0; t < 8; t++) {
        const action = actionsAt({ singleActionSpace: env.actionSpace, numEnvs: 1 }, t);
        const step = env.step(action);
        const place = placeOf(problem, step.info, info);
        const { loss } = charges(problem)
          ? evaluateExamples(problem, place, step.info)
          : evaluate(problem, place);
        const expected = -costOf(problem, velocityOf(problem, action, info, step.info), loss);
        requireNear(`step ${t + 1}: the reward`, step.reward, expected, "charge −Δt·[(1/2η)uᵀGu + k·L(θ′)]");
        requireNear(
          `step ${t + 1}: info.loss`,
          step.info.loss as number,
          loss,
          "tell the loss that was charged",
        );
        ({ info } = step);
        if (step.terminated) return;
      }
    },
  },
  {
    rule: "an exact gradient is that of the landscape",
    hold(subject) {
      const { problem } = subject;
      const { observation } = problem;
      if (observation.kind !== "gradient" || observation.noise !== 0) skip("the gradient is not exact");
      if (delayOf(problem, "gradient") > 0 || !channelsOf(problem).includes("gradient"))
        skip("the gradient of the present is not shown");
      const env = single(subject);
      const { offset, coordinates } = layoutOf(problem).find(({ channel }) => channel === "gradient") ?? {
        offset: 0,
      };
      const compare = (seen: Float64Array, info: Info, when: string) => {
        const { gradient } = evaluate(problem, placeOf(problem, info, info));
        const shown = coordinates ? coordinates.map((j) => gradient[j]) : Array.from(gradient);
        shown.forEach((slope, j) => {
          requireNear(
            `${when}: gradient[${j}]`,
            seen[offset + j],
            slope,
            "observe ∇L at θ − μ of the present task",
          );
        });
      };
      const { observation: first, info } = env.reset();
      compare(first, info, "reset");
      for (let t = 0; t < 5; t++) {
        const step = env.step(actionsAt({ singleActionSpace: env.actionSpace, numEnvs: 1 }, t));
        if (step.terminated) return;
        compare(step.observation, step.info, `step ${t + 1}`);
      }
    },
  },
  {
    rule: "the minibatch that is charged is the one that is seen, and is drawn anew",
    hold(subject) {
      const { problem } = subject;
      if (!charges(problem)) skip("the loss of the whole landscape is charged");
      const shown = layoutOf(problem).find(({ channel }) => channel === "gradient");
      const sees = shown && delayOf(problem, "gradient") === 0;
      const env = single(subject);
      let { info } = env.reset();
      const drawn = [String(info.examples)];
      for (let t = 0; t < 8; t++) {
        const step = env.step(actionsAt({ singleActionSpace: env.actionSpace, numEnvs: 1 }, t));
        if (step.terminated) return;
        const { gradient } = evaluateExamples(problem, placeOf(problem, step.info, info), step.info);
        const changed = (["instance", "minimum"] as const).some(
          (part) => String(step.info[part]) !== String(info[part]),
        );
        const coordinates = shown?.coordinates ?? Array.from(gradient.keys());
        if (sees && !changed)
          coordinates.forEach((i, j) => {
            const what = `step ${t + 1}: gradient[${i}]`;
            requireNear(
              what,
              step.observation[shown.offset + j],
              gradient[i],
              "see the examples of info.examples",
            );
          });
        ({ info } = step);
        drawn.push(String(info.examples));
      }
      require(new Set(drawn).size >
        1, `the examples are [${drawn[0]}] in every step`, "draw a new minibatch for each");
    },
  },
  {
    rule: "a step that diverges terminates, with a finite penalty and finite numbers",
    hold(subject) {
      const env = single(subject);
      env.reset();
      const { observation, reward, terminated, truncated, info } = env.step(
        new Float64Array(env.actionSpace.size).fill(1e300),
      );
      requireSame("terminated", terminated, true, "terminate where θ or the loss leaves the finite numbers");
      requireSame("truncated", truncated, false, "divergence terminates, it does not truncate");
      requireSame("info.diverged", info.diverged, true, "tell that it diverged");
      require(Number.isFinite(reward) && reward < 0, `the reward is ${reward}`, "give a finite penalty");
      require(observation.every(Number.isFinite) &&
        (info.parameters as Float64Array).every(
          Number.isFinite,
        ), `observed are [${observation.join(", ")}]`, "undo the step, and observe finite numbers");
    },
  },
];

/** θ + Δt·(f(θ) + Bu). */
function movedBy({ objective, geometry }: NavigationProblem, from: Float64Array, action: Float64Array) {
  const { control } = geometry;
  const drift = driftOf(geometry, from);
  return from.map((x, i) => {
    const pushed = control ? control[i].reduce((sum, b, j) => sum + b * action[j], 0) : action[i];
    return x + objective.timeStep * (drift[i] + pushed);
  });
}

/** f(θ). */
function driftOf({ drift }: NavigationProblem["geometry"], from: Float64Array): Float64Array {
  return from.map((_, i) =>
    drift ? drift.matrix[i].reduce((sum, a, j) => sum + a * from[j], drift.offset[i]) : 0,
  );
}

/** u: the action itself, or what moved θ beyond its drift where the action sets hyperparameters. */
function velocityOf(
  problem: NavigationProblem,
  action: Float64Array,
  { parameters: before }: Info,
  { parameters: after }: Info,
): Float64Array {
  if (actionOf(problem).kind === "velocity") return action;
  const [from, to] = [before, after] as Float64Array[];
  const drift = driftOf(problem.geometry, from);
  return to.map((x, i) => (x - from[i]) / problem.objective.timeStep - drift[i]);
}

function costOf({ objective, geometry }: NavigationProblem, velocity: Float64Array, loss: number): number {
  const { mobility, lossWeight, timeStep } = objective;
  const { metric } = geometry;
  const effort = velocity.reduce(
    (sum, u, i) => sum + u * (metric ? metric[i].reduce((row, g, j) => row + g * velocity[j], 0) : u),
    0,
  );
  return timeStep * (effort / (2 * mobility) + lossWeight * loss);
}

function requireNear(what: string, actual: number, expected: number, fix: string): void {
  const near = Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
  require(near, `${what} is ${actual} where ${expected} was expected`, fix);
}
