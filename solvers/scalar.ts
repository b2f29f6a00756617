/** One driftless coordinate with known curvature h: what the closed forms of the discrete problem need. */
export interface ScalarProblem {
  /** h > 0. */
  readonly curvature: number;
  /** g > 0: the coordinate's entry of the metric. Default 1. */
  readonly metric?: number;
  /** η > 0. */
  readonly mobility: number;
  /** k > 0. */
  readonly lossWeight: number;
  /** γ ≥ 0. */
  readonly discountRate: number;
  /** Δt > 0. */
  readonly timeStep: number;
}

export interface ScalarSolution {
  /** M = kΔth + ρS: curvature of the cost of where a step ends. */
  readonly after: number;
  /** S: V = ½S(θ − μ)². */
  readonly value: number;
  /** K: u = −K(θ − μ). */
  readonly gain: number;
  /** κ = 1 − KΔt: what is left of θ − μ after a step. */
  readonly contraction: number;
  /** d log(K/h)/d log h: 0 for gradient descent, −½ for the ballistic rule, −1 for Newton. */
  readonly horizonExponent: number;
}

/**
 * The discrete optimum in one coordinate: ΓM² + (1 − ρ − ΓQ)M − Q = 0 with Q = kΔth, Γ = ηΔt/g, and
 * K = M/(g/η + MΔt). The root is evaluated in the form that does not cancel.
 */
export function solveScalar(problem: ScalarProblem): ScalarSolution {
  const { curvature, metric = 1, mobility, lossWeight, discountRate, timeStep } = problem;
  const cost = lossWeight * timeStep * curvature;
  const push = (mobility * timeStep) / metric;
  const lost = -Math.expm1(-discountRate * timeStep);
  const linear = lost - push * cost;
  const root = Math.sqrt(linear * linear + 4 * push * cost);
  const after = linear > 0 ? (2 * cost) / (linear + root) : (root - linear) / (2 * push);
  const contraction = 1 / (1 + push * after);
  return {
    after,
    value: after * contraction,
    gain: (push * after * contraction) / timeStep,
    contraction,
    horizonExponent: cost / (after * root) - 1,
  };
}

/** R = √(γ²/4 + ηkh/g) − γ/2, the rate of the continuous optimum, in its stable form. */
export function continuousRate({
  curvature,
  metric = 1,
  mobility,
  lossWeight,
  discountRate,
}: Omit<ScalarProblem, "timeStep">): number {
  const product = (mobility * lossWeight * curvature) / metric;
  return product / (discountRate / 2 + Math.sqrt((discountRate * discountRate) / 4 + product));
}
