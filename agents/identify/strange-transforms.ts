import type { GradientTransform } from "../../solvers/index.js";

/** What textbooks do not do to gradients, or not those that `identify` knows. */

export function entrywise(of: (gradient: number) => number): GradientTransform<null> {
  return {
    init: () => null,
    update: (updates, state) => {
      for (let i = 0; i < updates.length; i++) updates[i] = of(updates[i]);
      return state;
    },
  };
}

/** The gradient times a function of its norm. */
export function byNorm(of: (norm: number) => number): GradientTransform<number> {
  return {
    init: (_, dimension) => dimension,
    update: (updates, d) => {
      for (let first = 0; first < updates.length; first += d) {
        const own = updates.subarray(first, first + d);
        const factor = of(Math.hypot(...own));
        for (let i = 0; i < d; i++) own[i] *= factor;
      }
      return d;
    },
  };
}

/** In the plane of the first two parameters, by an angle in radians. */
export function rotate(angle: number): GradientTransform<number> {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return {
    init: (_, dimension) => dimension,
    update: (updates, d) => {
      for (let i = 0; i < updates.length; i += d) {
        const [x, y] = [updates[i], updates[i + 1]];
        updates[i] = cos * x - sin * y;
        updates[i + 1] = sin * x + cos * y;
      }
      return d;
    },
  };
}

/** g·t^−p. The state is t. */
export function cool(power: number): GradientTransform<number> {
  return {
    init: () => 0,
    update: (updates, t) => {
      for (let i = 0; i < updates.length; i++) updates[i] *= (t + 1) ** -power;
      return t + 1;
    },
  };
}

/** Σ wₖ gₜ₋ₖ. The state is the last gradients, the latest first. */
export function filter(weights: readonly number[]): GradientTransform<readonly Float64Array[]> {
  return {
    init: () => [],
    update: (updates, before) => {
      const seen = [updates.slice(), ...before].slice(0, weights.length);
      updates.fill(0);
      for (const [k, gradient] of seen.entries())
        for (let i = 0; i < updates.length; i++) updates[i] += weights[k] * gradient[i];
      return seen;
    },
  };
}

/** m/√max v, the greatest v so far (AMSGrad, Reddi et al., 2018). The state is m, v and max v. */
export function scaleByGreatest(beta1: number, beta2: number): GradientTransform<readonly Float64Array[]> {
  return {
    init: (batch, dimension) => Array.from({ length: 3 }, () => new Float64Array(batch * dimension)),
    update: (updates, state) => {
      const [first, second, greatest] = state;
      for (let i = 0; i < updates.length; i++) {
        first[i] += (1 - beta1) * (updates[i] - first[i]);
        second[i] += (1 - beta2) * (updates[i] ** 2 - second[i]);
        greatest[i] = Math.max(greatest[i], second[i]);
        updates[i] = first[i] / Math.sqrt(greatest[i]);
      }
      return state;
    },
  };
}

/** g/√(v − m²) (centred RMSprop, Graves, 2013). The state is m and v. */
export function scaleByVariance(decay: number): GradientTransform<readonly Float64Array[]> {
  return {
    init: (batch, dimension) => Array.from({ length: 2 }, () => new Float64Array(batch * dimension)),
    update: (updates, state) => {
      const [first, second] = state;
      for (let i = 0; i < updates.length; i++) {
        first[i] += (1 - decay) * (updates[i] - first[i]);
        second[i] += (1 - decay) * (updates[i] ** 2 - second[i]);
        updates[i] /= Math.sqrt(second[i] - first[i] ** 2);
      }
      return state;
    },
  };
}
