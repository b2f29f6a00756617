import type { Picture } from "../report/picture.js";
import { againstTime, inPlane, optimalFlow, type Point } from "./flow.js";
import { heavyBallPicture } from "./heavy-ball.js";
import type { Study } from "./study.js";
import { limits, settings, styled, textbook } from "./styles.js";
import { optimumOf } from "./valley.js";

const minimum = [1, 1];
const plane = {
  x: { label: "parameter θ₁ (units of θ)" },
  y: { label: "parameter θ₂ (units of θ)" },
  isPlane: true,
} as const;
const levels = [0.05, 0.2, 0.5, 1, 1.6, 2.4, 3.4, 5, 7];

/** Q of the rotation f = Qθ. */
function rotation(q: number): number[][] {
  return [
    [0, -q],
    [q, 0],
  ];
}

function figure3a(): Picture {
  const [start, q]: [Point, number] = [[-1, 0.5], 2];
  const rates = [0.1, 2];
  const names = rates.map((rate) => `optimum, γ = ${rate}`);
  const laws = rates.map((rate) =>
    optimumOf({ curvature: [1, 1], minimum }, rate, { drift: { matrix: rotation(q), offset: [0, 0] } }),
  );
  const rests = laws.map(({ restingPoint }) => restingPoint as number[]);
  return {
    name: "figure-3a",
    title: "3a  Against a rotation, the best resting point is not the minimum",
    caption:
      "Optimal paths on L = ½|θ − μ|², μ = (1, 1), while a drift f = Qθ turns θ at q = 2 per unit time; η = k = 1. The full dots are where they rest, " +
      "θ∞ = ηkh[(ηkh + q²)I − γQ]⁻¹μ. Differs from the authors' notebook, which scales the resting point by ηkh/(ηkh + q²)²; a slip that its γ = 0 and q = 10 hide.",
    styles: styled(names, settings),
    panels: [
      {
        ...plane,
        title: "Paths from (−1, 0.5)",
        domains: { x: [-1.3, 1.5], y: [-1, 1.4] },
        surface: { value: (x, y) => distanceLoss([x, y]), levels },
        points: [
          { at: [start[0], start[1]], label: "start", kind: "start" },
          { at: [minimum[0], minimum[1]], label: "minimum μ", kind: "place" },
          ...rests.map(([x, y]) => ({
            at: [x, y] as const,
            label: "",
            kind: "rest" as const,
          })),
        ],
        series: laws.map((law, i) => ({
          name: names[i],
          role: "exact",
          points: inPlane(optimalFlow(law, start, 16)),
        })),
      },
    ],
  };
}

function distanceLoss([x, y]: Point): number {
  return ((x - minimum[0]) ** 2 + (y - minimum[1]) ** 2) / 2;
}

const decayRates = [0, 0.5, 2] as const;

function figure3b(): Picture {
  const names = decayRates.map((j) => `decay j = ${j}`);
  const laws = decayRates.map((j) =>
    optimumOf({ curvature: 1, minimum: [1] }, 1, { drift: { matrix: [[-j]], offset: [0] } }),
  );
  return {
    name: "figure-3b",
    title: "3b  Against decay, it pays to rest short of the minimum",
    caption:
      "Optimal approach to μ = 1 while a drift f = −jθ pulls θ to 0; h = η = k = γ = 1. The rate is √(γ²/4 + ηkh + j(j + γ)) − γ/2 and " +
      "the resting point ηkh/(ηkh + j(j + γ))·μ. Differs from the authors' notebook, which has j(j − γ) in place of j(j + γ); a slip that its γ = 0 hides.",
    styles: styled(names, settings),
    panels: [
      {
        title: "Parameter against time",
        x: { label: "time t (units of time)" },
        y: { label: "parameter θ(t) (units of θ)" },
        series: laws.map((law, i) => ({
          name: names[i],
          role: "exact",
          points: againstTime(optimalFlow(law, [-0.5], 6), ([x]) => x),
        })),
        marks: laws.map(({ restingPoint }, i) => ({
          axis: "y",
          value: (restingPoint as number[])[0],
          label: i === 0 ? "minimum μ" : `rest, j = ${decayRates[i]}`,
        })),
      },
    ],
  };
}

/** H of the coupled valley of figure 3d. */
const coupled = [
  [2, 1],
  [1, 2],
];

function coupledLoss([x, y]: Point): number {
  return x * x + x * y + y * y;
}

function figure3d(): Picture {
  const control = [[1], [0]];
  const held = optimumOf({ curvature: coupled }, 1, { control });
  const turned = optimumOf({ curvature: coupled }, 1, {
    control,
    drift: { matrix: rotation(1), offset: [0, 0] },
  });
  const free = optimumOf({ curvature: coupled }, 1);
  const start: Point = [-1, 1];
  const names = ["pushes θ₁ only", "pushes θ₁ only, rotation q = 1", "pushes both"];
  const best = "best θ₁ for each θ₂, −θ₂/2";
  const paths = [held, turned, free].map((law) => inPlane(optimalFlow(law, start, 14)));
  return {
    name: "figure-3d",
    title: "3d  Control of a subset: some of the loss stays, unless a drift carries the push",
    caption:
      "Optimal paths on L = θ₁² + θ₁θ₂ + θ₂² for γ = η = k = 1. A learner that pushes θ₁ only rests at the best θ₁ for the θ₂ it was " +
      "given; with a drift that turns θ, the same single push reaches the minimum, by a rule that is the gradient of nothing.",
    styles: { ...styled(names, [settings[0], settings[1], textbook]), [best]: limits[0] },
    panels: [
      {
        ...plane,
        title: "Paths from (−1, 1)",
        domains: { x: [-1.5, 1.1], y: [-1, 1.3] },
        surface: { value: (x, y) => coupledLoss([x, y]), levels },
        points: [
          { at: [start[0], start[1]], label: "start", kind: "start" },
          { at: [0, 0], label: "minimum", kind: "rest" },
          { at: [-0.5, 1], label: "rests here", kind: "rest" },
        ],
        series: [
          {
            name: best,
            role: "predicted",
            points: [
              [0.5, -1],
              [-0.65, 1.3],
            ],
          },
          ...paths.map((points, i) => ({
            name: names[i],
            role: i === 2 ? ("baseline" as const) : ("exact" as const),
            points,
          })),
        ],
      },
    ],
  };
}

export const figures3: readonly Study[] = [figure3a, figure3b, heavyBallPicture, figure3d].map((draw) => ({
  group: "3",
  draw,
}));
