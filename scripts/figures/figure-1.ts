import type { Picture, PicturePanel } from "../report/picture.js";
import { bestPath, descentPath, discountRates, lossOf, start, wells } from "./double-well.js";
import { againstTime, inPlane } from "./flow.js";
import type { Study } from "./study.js";
import { settings, styled, textbook } from "./styles.js";

const names = {
  far: `optimum, γ = ${discountRates.far} < γ*`,
  near: `optimum, γ = ${discountRates.near} > γ*`,
  descent: "gradient descent, θ̇ = −∇L",
} as const;

const styles = styled([names.far, names.near, names.descent], [settings[0], settings[1], textbook]);
const duration = 6;
const box = { x: [-1.7, 1.8], y: [-0.9, 1.1] } as const;

function figure1b(): Picture {
  const series = [
    { name: names.far, role: "exact", points: inPlane({ points: bestPath(discountRates.far).parameters }) },
    { name: names.near, role: "exact", points: inPlane({ points: bestPath(discountRates.near).parameters }) },
    { name: names.descent, role: "baseline", points: inPlane(descentPath(discountRates.near, duration)) },
  ] as const;
  return {
    name: "figure-1b",
    title: "1b  A long horizon is worth a hill: which minimum to go to depends on γ",
    caption:
      "Contours of L = (x² − 1)² − x/2 + y², and the optimal paths for η = k = 1. From x = −0.6 the best path goes to the " +
      "global minimum while γ < γ* = 0.6646, and stays in the near valley beyond. Differs from the authors' notebook: the " +
      "descent path follows the true gradient, of which the notebook drops a factor 2.",
    styles,
    panels: [
      {
        title: "Paths from (−0.6, 0.45)",
        x: { label: "parameter x (units of θ)" },
        y: { label: "parameter y (units of θ)" },
        isPlane: true,
        domains: box,
        surface: { value: (x, y) => lossOf([x, y]), levels },
        points: [
          { at: [start[0], start[1]], label: "start", kind: "start" },
          { at: [wells.local, 0], label: "local minimum", kind: "rest" },
          { at: [wells.global, 0], label: "global minimum", kind: "rest" },
          { at: [wells.barrier, 0], label: "saddle", kind: "place" },
        ],
        series,
      },
    ],
  };
}

/** Closer where the valleys are. */
const levels = [-0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1, 1.3, 1.7, 2.2, 3, 4];

function figure1c(): Picture {
  return {
    name: "figure-1c",
    title: "1c  The loss along the way",
    caption:
      "Loss along the paths of figure 1b. A learner with γ < γ* climbs the hill between the minima, because the better minimum beyond pays it " +
      "back within its horizon 1/γ. Differs from the authors' notebook: gradient descent, at the rate ηk/γ of the larger γ, " +
      "follows the true gradient, of which the notebook drops a factor 2.",
    styles,
    panels: [lossPanel()],
  };
}

function lossPanel(): PicturePanel {
  const along = (discountRate: number) => {
    const { times, parameters } = bestPath(discountRate);
    return againstTime({ times, points: parameters }, lossOf).filter(([time]) => time <= duration);
  };
  return {
    title: "Loss against time",
    x: { label: "time t (units of time)" },
    y: { label: "loss L(θ(t)) (units of loss)" },
    series: [
      { name: names.far, role: "exact", points: along(discountRates.far) },
      { name: names.near, role: "exact", points: along(discountRates.near) },
      {
        name: names.descent,
        role: "baseline",
        points: againstTime(descentPath(discountRates.near, duration), lossOf),
      },
    ],
    marks: [
      { axis: "y", value: lossOf([wells.barrier, 0]), label: "barrier" },
      { axis: "y", value: lossOf([wells.local, 0]), label: "local minimum" },
      { axis: "y", value: lossOf([wells.global, 0]), label: "global minimum" },
    ],
  };
}

export const figures1: readonly Study[] = [
  { group: "1", draw: figure1b },
  { group: "1", draw: figure1c },
];
