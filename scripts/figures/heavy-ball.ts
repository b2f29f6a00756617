import { type LinearQuadratic, solveContinuous, solveDiscrete } from "../../solvers/index.js";
import type { Picture } from "../report/picture.js";
import { againstTime, type FlowPath, optimalFlow } from "./flow.js";
import { limits, settings, styled } from "./styles.js";

const friction = 0.5;
const timeStep = 0.1;

/** Position and velocity with the push on the velocity: θ̇ = v, v̇ = −cv + a, h = η = k = 1. */
function velocityControl(discountRate: number): LinearQuadratic {
  return {
    drift: [
      [0, 1],
      [0, -friction],
    ],
    offset: [0, 0],
    control: [[0], [1]],
    metric: [[1]],
    curvature: [
      [1, 0],
      [0, 0],
    ],
    minimum: [0, 0],
    mobility: 1,
    lossWeight: 1,
    discountRate,
    timeStep,
  };
}

/** v ← βv − α∇L with θ ← θ + v, from the optimal gains: β = 1 − Δt(c + κ₂), α = Δt²κ₁/h. */
function heavyBallOf(discountRate: number): {
  readonly momentum: number;
  readonly learningRate: number;
} {
  const [[first, second]] = solveDiscrete(velocityControl(discountRate)).gain;
  return { momentum: 1 - timeStep * (friction + second), learningRate: timeStep * timeStep * first };
}

/** The heavy ball from rest at 1, as position and velocity. */
function heavyBallPath(discountRate: number, steps: number): FlowPath {
  const { momentum, learningRate } = heavyBallOf(discountRate);
  const points = [[1, 0]];
  for (let i = 0; i < steps; i++) {
    const [position, increment] = [points[i][0], points[i][1] * timeStep];
    points.push([position + increment, (momentum * increment - learningRate * position) / timeStep]);
  }
  return { times: points.map((_, i) => i * timeStep), points };
}

/** Figure 3c. */
export function heavyBallPicture(): Picture {
  const duration = 10;
  const rates = [0, 4];
  const optimal = rates.map((rate) => `optimum, γ = ${rate}`);
  const textbook = rates.map((rate) => {
    const { momentum, learningRate } = heavyBallOf(rate);
    return `heavy ball, β = ${momentum.toFixed(3)}, α = ${learningRate.toFixed(4)}`;
  });
  const panel = (title: string, label: string, coordinate: number) => ({
    title,
    x: { label: "time t (units of time)" },
    y: { label },
    series: rates.flatMap((rate, i) => [
      {
        name: textbook[i],
        role: "predicted" as const,
        points: againstTime(heavyBallPath(rate, duration / timeStep), (at) => at[coordinate]),
      },
      {
        name: optimal[i],
        role: "exact" as const,
        points: againstTime(
          optimalFlow(solveContinuous(velocityControl(rate)), [1, 0], duration),
          (at) => at[coordinate],
        ),
      },
    ]),
    marks: [{ axis: "y" as const, value: 0, label: coordinate === 0 ? "minimum" : "at rest" }],
  });
  return {
    name: "figure-3c",
    title: "3c  Where only the velocity can be pushed, the optimal rule is the heavy ball",
    caption:
      "θ̇ = v, v̇ = −cv + a with the cost on a; c = 0.5, h = η = k = 1. The optimal push a = −κ₁θ − κ₂v is momentum: v ← βv − α∇L with " +
      "β = 1 − Δt(c + κ₂), α = Δt²κ₁/h, here for steps of Δt = 0.1 (dashed) beside continuous time.",
    styles: { ...styled(optimal, settings), ...styled(textbook, limits) },
    panels: [
      panel("Position", "position θ (units of θ)", 0),
      panel("Velocity", "velocity v (θ per unit time)", 1),
    ],
  };
}
