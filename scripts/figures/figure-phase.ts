import { defineProblem } from "../../envs/index.js";
import {
  continuousTaskLaw,
  criticalDiscountRate,
  finiteHorizonRate,
  predictedExponents,
  priorWeight,
} from "../../solvers/index.js";
import type { Picture } from "../report/picture.js";
import { criticalRate, doubleWellProblem, wells } from "./double-well.js";
import { evenly, logEvenly } from "./flow.js";
import type { Study } from "./study.js";
import { limits, settings, styled } from "./styles.js";

/** The slope of log|u| on log v̂ that a horizon and a step predict; h is log-uniform over 10^±2. */
function curvatureExponent(discountRate: number, timeStep: number): number {
  return predictedExponents(
    defineProblem({
      landscape: { kind: "quadratic", curvature: { logUniform: [0.01, 100] }, dimension: 1 },
      objective: { mobility: 1, lossWeight: 1, discountRate, timeStep },
    }),
  ).squares;
}

/** Dark where curvature counts for most. */
const heat = { range: [-1, 0], ramp: ["#0d2c54", "#2e5f96", "#6a9fc0", "#b9d5d6", "#fbfbea"] } as const;

function rulesPicture(): Picture {
  const named = (name: string, discountRate: number, timeStep: number) => {
    const exponent = curvatureExponent(discountRate, timeStep).toFixed(2).replace("-", "−");
    return { at: [discountRate, timeStep] as const, label: `${name}: ${exponent}`, kind: "region" as const };
  };
  return {
    name: "figure-phase-rules",
    title: "The phase diagram of learning rules",
    caption:
      "How the optimal step goes with the second moment v of the gradient: |u| goes as the p-th power of v. Lines at −0.25, −0.5 and −0.75. " +
      "Predicted least-squares slope of log(K(h)/h) on log h, over 41 curvatures h from 0.01 to 100; η = k = 1. Not in the paper.",
    colourLabel: "exponent p",
    panels: [
      {
        title: "Which rule is optimal, and its exponent p",
        x: { label: "discount rate γ (1/time): long horizon to short", scale: "log" },
        y: { label: "time step Δt (units of time)", scale: "log" },
        domains: { x: [0.01, 100], y: [0.01, 100] },
        surface: { value: curvatureExponent, levels: [-0.75, -0.5, -0.25], heat },
        points: [
          named("gradient descent", 14, 0.03),
          named("Adam, ballistic", 0.07, 0.02),
          named("Newton", 0.3, 30),
        ],
        series: [],
      },
    ],
  };
}

/** γ* of the double well from a start on y = 0; null where the best path never flips. */
function criticalRateFrom(x: number): number | null {
  return criticalDiscountRate(doubleWellProblem(1, [x]), { tolerance: 1e-6 });
}

function horizonPicture(): Picture {
  const name = "γ* of each start";
  // Closer where the line is steep.
  const starts = evenly(1.27, 0.02, 41).map((root) => wells.barrier - root * root);
  const flips = starts.map((x) => [x, criticalRateFrom(x)] as const);
  return {
    name: "figure-phase-horizon",
    title: "When a learner is right to stay in a poor minimum",
    caption:
      "Critical discount rate γ* of L = (x² − 1)² − x/2, η = k = 1, by the start. Below the line the best path goes over the barrier to the " +
      "global minimum; above it, the horizon 1/γ is too short for that to pay. The dot: x = −0.6. Not in the paper.",
    styles: styled([name], settings),
    panels: [
      {
        title: "Critical discount rate",
        x: { label: "start x (units of θ)" },
        y: { label: "discount rate γ (1/time)", scale: "log" },
        domains: { x: [-1.75, 0.1], y: [0.3, 5] },
        series: [
          { name, role: "exact", points: flips.flatMap(([x, rate]) => (rate === null ? [] : [[x, rate]])) },
        ],
        marks: [
          { axis: "x", value: wells.barrier, label: "barrier" },
          { axis: "x", value: wells.local, label: "local minimum" },
        ],
        points: [
          { at: [-0.6, criticalRate], label: "γ* = 0.6646", kind: "rest" },
          { at: [-1.35, 1.6], label: "stay in the near valley", kind: "region" },
          { at: [-1.35, 0.4], label: "go to the global minimum", kind: "region" },
        ],
      },
    ],
  };
}

/** A minimum that is redrawn with a hazard, one coordinate of known curvature 1; Δt = 0.1. */
function redrawnTask(discountRate: number, hazardRate: number) {
  return defineProblem({
    landscape: { kind: "quadratic", curvature: 1 },
    objective: { mobility: 1, lossWeight: 1, discountRate, timeStep: 0.1 },
    task: { kind: "redrawn", hazardRate, mean: [0.5], covariance: [[1]] },
  });
}

function priorWeightPicture(): Picture {
  const rates = [0.2, 2, 10];
  const hazards = logEvenly(0.01, 10, 49);
  const names = rates.map((rate) => `γ = ${rate}`);
  const limit = "continuous time, λ/(γ + R + λ)";
  const continuous = (rate: number) =>
    hazards.map(
      (hazard) => [hazard, continuousTaskLaw(redrawnTask(rate, hazard)).priorWeight as number] as const,
    );
  return {
    name: "figure-phase-prior-weight",
    title: "The faster tasks change, the more the initial weights count",
    caption:
      "Weight w of the prior mean in the resting point while a task lasts, for minima that are redrawn with hazard λ; " +
      "h = η = k = 1, steps of Δt = 0.1 (the dot: λ = 0.3, γ = 0.2). With w → 1 nothing is learned. Not in the paper.",
    styles: { ...styled(names, settings), [limit]: limits[0] },
    panels: [
      {
        title: "Pull to the initial weights",
        x: { label: "hazard λ of a new task (1/time)", scale: "log" },
        y: { label: "prior weight w (dimensionless)" },
        series: [
          ...rates.map((rate) => ({ name: limit, role: "bound" as const, points: continuous(rate) })),
          ...rates.map((rate, i) => ({
            name: names[i],
            role: "exact" as const,
            points: hazards.map(
              (hazard) => [hazard, priorWeight(redrawnTask(rate, hazard)) as number] as const,
            ),
          })),
        ],
        points: [{ at: [0.3, 0.2012], label: "w = 0.2012", kind: "rest" }],
      },
    ],
  };
}

/** Terminal weights S_T of the schedules: a cool-down, the middle way, a final rush. */
const terminalWeights = [0, 0.5, 4] as const;
const scheduleHorizon = 8;

function schedulesPicture(): Picture {
  const names = ["S_T = 0, cool-down", "S_T = 0.5", "S_T = 4, final rush"];
  const forever = "no end, R = √(γ²/4 + ηkh) − γ/2";
  const times = evenly(0, scheduleHorizon, 321);
  const panel = (discountRate: number) => {
    const rate = (time: number, terminalWeight: number, horizon: number) =>
      finiteHorizonRate({ curvature: 1, discountRate, horizon, terminalWeight }, time);
    return {
      title: `γ = ${discountRate}`,
      x: { label: "time t (units of time), training ends at T = 8" },
      y: { label: "rate R(t) (1/time); learning rate R·Δt/h" },
      domains: { x: [0, scheduleHorizon], y: [-0.1, 4.2] } as const,
      series: [
        {
          name: forever,
          role: "predicted" as const,
          points: times.map((time) => [time, rate(0, 0, 1e3)] as const),
        },
        ...terminalWeights.map((weight, i) => ({
          name: names[i],
          role: "exact" as const,
          points: times.map((time) => [time, rate(time, weight, scheduleHorizon)] as const),
        })),
      ],
    };
  };
  return {
    name: "figure-phase-schedules",
    title: "Learning-rate schedules that follow from an end of training",
    caption:
      "Optimal rate R(t) of u = −R(t)(θ − μ) when ½S_T(θ − μ)² is charged at T; h = η = k = 1. Where the end does not count (S_T = 0) the " +
      "rate cools down to zero; where it counts for much there is a final rush. Not in the paper.",
    styles: { ...styled(names, settings), [forever]: limits[0] },
    panels: [panel(0), panel(2)],
  };
}

export const figuresPhase: readonly Study[] = [
  rulesPicture,
  horizonPicture,
  priorWeightPicture,
  schedulesPicture,
].map((draw) => ({ group: "phase", draw }));
