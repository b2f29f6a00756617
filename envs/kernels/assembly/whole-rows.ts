// The step of rows.ts with exact gradients for rows that vectors fill: four environments at a time, whose sums are
// added up and stored together.
import { loss4, particular4, share4, slope4 } from "./families";
import { Plan } from "./plan";

/** Steps the first environments, `end`/4 of them, a multiple of four and at least four. Their costs summed: finite where all costs are. */
@inline
export function stepWholeRows(family: i32, plan: Plan, end: usize): v128 {
  const row = (<usize>plan.dimension) << 2;
  const instanceSkip = plan.instanceStride - row;
  const gradientSkip = plan.gradientStride - row;
  const parametersSkip = plan.parametersStride - row;
  const dt = f32x4.splat(plan.timeStep);
  const shape = f32x4.splat(plan.shape);
  const sign = f32x4.splat(-0.0);
  const perMovement = f32x4.splat(plan.perMovement);
  const perLoss = f32x4.splat(plan.perLoss);
  const theta = plan.before;
  const next = plan.parameters;
  const mu = plan.minima;
  const actions = plan.actions;
  const losses = plan.losses;
  const costs = plan.costs;
  const rewards = plan.rewards;
  // Where these would begin if the rows before had been as long in them as in θ.
  let h = plan.instances;
  let gradient = plan.shownGradients;
  let shown = plan.shownParameters;
  let sum = f32x4.splat(0);
  let at: usize = 0;
  let n: usize = 0;
  do {
    const a = wholeRow(family, at, row, theta, actions, mu, h, next, gradient, shown, dt, shape, perMovement, perLoss);
    at += row;
    h += instanceSkip;
    gradient += gradientSkip;
    shown += parametersSkip;
    const b = wholeRow(family, at, row, theta, actions, mu, h, next, gradient, shown, dt, shape, perMovement, perLoss);
    at += row;
    h += instanceSkip;
    gradient += gradientSkip;
    shown += parametersSkip;
    const c = wholeRow(family, at, row, theta, actions, mu, h, next, gradient, shown, dt, shape, perMovement, perLoss);
    at += row;
    h += instanceSkip;
    gradient += gradientSkip;
    shown += parametersSkip;
    const d = wholeRow(family, at, row, theta, actions, mu, h, next, gradient, shown, dt, shape, perMovement, perLoss);
    at += row;
    h += instanceSkip;
    gradient += gradientSkip;
    shown += parametersSkip;
    const ab = neighbourSums(a, b);
    const cd = neighbourSums(c, d);
    const cost = v128.shuffle<f32>(ab, cd, 1, 3, 5, 7);
    v128.store(losses + n, v128.shuffle<f32>(ab, cd, 0, 2, 4, 6));
    v128.store(costs + n, cost);
    v128.store(rewards + n, v128.xor(sign, cost));
    sum = f32x4.add(sum, cost);
    n += 16;
  } while (n < end);
  return sum;
}

/** One row: (loss, loss, cost, cost), each in two parts. */
@inline
function wholeRow(
  family: i32,
  first: usize,
  row: usize,
  theta: usize,
  actions: usize,
  mu: usize,
  h: usize,
  next: usize,
  gradient: usize,
  shown: usize,
  dt: v128,
  shape: v128,
  perMovement: v128,
  perLoss: v128,
): v128 {
  let effort = f32x4.splat(0);
  let shares = f32x4.splat(0);
  let at = first;
  const end = first + row;
  do {
    const u = v128.load(actions + at);
    const x = f32x4.add(v128.load(theta + at), f32x4.mul(dt, u));
    const z = f32x4.sub(x, v128.load(mu + at));
    const curvature = particular4(family, h + at);
    const slope = slope4(family, z, curvature, shape);
    effort = f32x4.add(effort, f32x4.mul(u, u));
    shares = f32x4.add(shares, share4(family, z, slope, curvature, shape));
    v128.store(next + at, x);
    v128.store(gradient + at, slope);
    v128.store(shown + at, x);
    at += 16;
  } while (at < end);
  const loss = loss4(family, shares);
  const cost = f32x4.add(f32x4.mul(perMovement, effort), f32x4.mul(perLoss, loss));
  return f32x4.add(v128.shuffle<f32>(loss, cost, 0, 1, 4, 5), v128.shuffle<f32>(loss, cost, 2, 3, 6, 7));
}

/** The sums of neighbours: of a, and then of b. */
@inline
export function neighbourSums(a: v128, b: v128): v128 {
  return f32x4.add(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7));
}
