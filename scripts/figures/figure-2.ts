import { continuousRate } from "../../solvers/index.js";
import type { Picture } from "../report/picture.js";
import { againstTime, evenly, inPlane, logEvenly, optimalFlow, type Point } from "./flow.js";
import type { Study } from "./study.js";
import { limits, settings, styled, textbook } from "./styles.js";
import { curvature, optimumOf, valleyLoss } from "./valley.js";

const start: Point = [1, 1];
const plane = {
  x: { label: "steep parameter θ₁, curvature 4 (units of θ)" },
  y: { label: "flat parameter θ₂, curvature 1 (units of θ)" },
  isPlane: true,
} as const;
const levels = [0.02, 0.1, 0.25, 0.5, 0.8, 1.2, 1.7, 2.3, 3];
const places = [
  { at: [1, 1], label: "start", kind: "start" },
  { at: [0, 0], label: "minimum", kind: "rest" },
] as const;

const shortHorizon = 20;

/** Under a dashed limit. */
const solids = [
  { colour: "blue", width: 2.4 },
  { colour: "vermillion", width: 2.4 },
] as const;

/** The path of rates in the ratio `ratio`: θ₁ = θ₂^ratio. */
function powerPath(ratio: number): (readonly [number, number])[] {
  return evenly(1, 0, 101).map((y) => [y ** ratio, y]);
}

/** Of the optimum with that discount rate, until all is at rest. */
function valleyPath(discountRate: number) {
  const law = optimumOf({ curvature: [...curvature] }, discountRate);
  return optimalFlow(law, start, 6 / Math.min(...law.gain.map((row, i) => row[i])));
}

function figure2a(): Picture {
  const names = ["optimum, long horizon: γ = 0", `optimum, short horizon: γ = ${shortHorizon}`];
  const [ballistic, descent] = ["ballistic limit, rates 2 : 1", "gradient descent limit, rates 4 : 1"];
  return {
    name: "figure-2a",
    title: "2a  A long horizon straightens the path through a valley",
    caption:
      "Optimal paths on L = ½(4θ₁² + θ₂²), η = k = 1. A short horizon gives gradient descent, whose rates ηkh/γ go as the " +
      "curvature, 4 : 1. A long one gives the ballistic rule, whose rates √(ηkh) go 2 : 1.",
    styles: {
      ...styled(names, solids),
      ...styled([ballistic, descent], limits),
    },
    panels: [
      {
        ...plane,
        title: "Paths from (1, 1)",
        domains: { x: [-0.25, 1.35], y: [-0.2, 1.2] },
        surface: { value: (x, y) => valleyLoss([x, y]), levels },
        points: places,
        series: [
          { name: ballistic, role: "predicted", points: powerPath(2) },
          { name: descent, role: "predicted", points: powerPath(4) },
          { name: names[0], role: "exact", points: inPlane(valleyPath(0)) },
          { name: names[1], role: "exact", points: inPlane(valleyPath(shortHorizon)) },
        ],
      },
    ],
  };
}

function figure2b(): Picture {
  const rates = [0, 1, 4, 16];
  const names = rates.map((rate) => `γ = ${rate}`);
  return {
    name: "figure-2b",
    title: "2b  The more patient the learner, the faster it learns",
    caption:
      "Loss along the optimal paths of L = ½(4θ₁² + θ₂²) from (1, 1), η = k = 1. Late in a run the flat direction is left, and " +
      "the loss falls at 2R(1), R(h) = √(γ²/4 + ηkh) − γ/2.",
    styles: styled(names, settings),
    panels: [
      {
        title: "Loss against time",
        x: { label: "time t (units of time)" },
        y: { label: "loss L(θ(t)) (units of loss)", scale: "log" },
        series: rates.map((rate, i) => ({
          name: names[i],
          role: "exact",
          points: againstTime(
            optimalFlow(optimumOf({ curvature: [...curvature] }, rate), start, 4),
            valleyLoss,
          ),
        })),
      },
    ],
  };
}

function figure2c(): Picture {
  const curvatures = logEvenly(1e-4, 1e4, 97);
  const rate = (h: number) => continuousRate({ curvature: h, mobility: 1, lossWeight: 1, discountRate: 1 });
  const series = [
    ["optimum R(h)", "exact", rate],
    ["gradient descent limit, ηkh/γ", "predicted", (h: number) => h],
    ["ballistic limit, √(ηkh)", "predicted", Math.sqrt],
  ] as const;
  return {
    name: "figure-2c",
    title: "2c  What a horizon makes of curvature",
    caption:
      "Rate of approach R(h) = √(γ²/4 + ηkh) − γ/2 for γ = η = k = 1. Where ηkh ≪ γ²/4 it is gradient descent's, in proportion to " +
      "the curvature; where ηkh ≫ γ²/4 it is the ballistic rule's, which goes as its square root.",
    styles: styled(
      series.map(([name]) => name),
      [settings[0], ...limits],
    ),
    panels: [
      {
        title: "Rate against curvature",
        x: { label: "curvature h (loss per θ²)", scale: "log" },
        y: { label: "rate R (1/time)", scale: "log" },
        series: series.map(([name, role, f]) => ({
          name,
          role,
          points: curvatures.map((h) => [h, f(h)] as const),
        })),
        marks: [{ axis: "x", value: 0.25, label: "ηkh = γ²/4" }],
      },
    ],
  };
}

/** Moving along (1, 1) costs nine times what moving across does. */
const metric = [
  [5 / 3, 4 / 3],
  [4 / 3, 5 / 3],
];

function figure2d(): Picture {
  const landscape = { curvature: [...curvature] };
  const [short, long] = [optimumOf(landscape, shortHorizon, { metric }), optimumOf(landscape, 0, { metric })];
  const natural = { ...short, closedLoop: naturalGradient(shortHorizon) };
  const origin: Point = [0.5, 1];
  const series = [
    ["natural gradient, −(ηk/γ)G⁻¹∇L", "predicted", optimalFlow(natural, origin, 300)],
    [`optimum in G, γ = ${shortHorizon}`, "exact", optimalFlow(short, origin, 300)],
    ["optimum in G, γ = 0", "exact", optimalFlow(long, origin, 20)],
    [
      `optimum without G, γ = ${shortHorizon}`,
      "baseline",
      optimalFlow(optimumOf(landscape, shortHorizon), origin, 300),
    ],
  ] as const;
  const ball = "equal cost of movement, uᵀGu";
  return {
    name: "figure-2d",
    title: "2d  Geometry: the metric G shapes space, the curvature H the loss",
    caption:
      "Optimal paths on L = ½(4θ₁² + θ₂²) where moving along (1, 1) costs nine times what moving across does (ellipse), " +
      "η = k = 1. A short horizon gives the natural gradient G⁻¹∇L; a long one goes by the square root of G⁻¹H.",
    styles: {
      ...styled(
        series.map(([name]) => name),
        [limits[0], solids[1], solids[0], textbook],
      ),
      [ball]: limits[1],
    },
    panels: [
      {
        ...plane,
        title: "Paths from (0.5, 1)",
        domains: { x: [-1.15, 0.9], y: [-0.25, 1.2] },
        surface: { value: (x, y) => valleyLoss([x, y]), levels },
        points: [
          { at: [origin[0], origin[1]], label: "start", kind: "start" },
          { at: [0, 0], label: "minimum", kind: "rest" },
        ],
        series: [
          ...series.map(([name, role, path]) => ({ name, role, points: inPlane(path) })),
          { name: ball, role: "bound", points: metricBall([-0.85, 0.85], 0.2) },
        ],
      },
    ],
  };
}

/** −(ηk/γ)G⁻¹H, for the metric above. */
function naturalGradient(discountRate: number): number[][] {
  const inverse = [
    [5 / 3, -4 / 3],
    [-4 / 3, 5 / 3],
  ];
  return inverse.map((row) => row.map((value, j) => (-value * curvature[j]) / discountRate));
}

/** The points at that length of G from a centre. */
function metricBall([x, y]: Point, radius: number): (readonly [number, number])[] {
  return evenly(0, 2 * Math.PI, 73).map((angle) => {
    const [along, across] = [
      (radius * Math.cos(angle)) / Math.sqrt(3),
      radius * Math.sin(angle) * Math.sqrt(3),
    ];
    return [x + (along - across) / Math.SQRT2, y + (along + across) / Math.SQRT2];
  });
}

export const figures2: readonly Study[] = [figure2a, figure2b, figure2c, figure2d].map((draw) => ({
  group: "2",
  draw,
}));
