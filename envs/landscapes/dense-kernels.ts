/**
 * Matrix products of a network's layers over a block of examples. Matrices are flat and row-major; all three
 * functions add to `out`. The first two treat two units and four examples at once, so that a number loaded is
 * used often; where fewer are left, the first stands in for the missing ones with no weight.
 */

/** out `[rows, units]` += X Wᵀ, for inputs X `[rows, inputs]` and weights W `[units, inputs]` from `offset` on. */
export function addProducts(
  x: Float64Array,
  rows: number,
  inputs: number,
  weights: Float64Array,
  offset: number,
  units: number,
  out: Float64Array,
): void {
  for (let e = 0; e < rows; e += 4) {
    const last = rows - 1 - e;
    const x0 = e * inputs;
    const x1 = last > 0 ? x0 + inputs : x0;
    const x2 = last > 1 ? x1 + inputs : x0;
    const x3 = last > 2 ? x2 + inputs : x0;
    for (let u = 0; u < units; u += 2) {
      const w0 = offset + u * inputs;
      const w1 = u + 1 < units ? w0 + inputs : w0;
      let a0 = 0;
      let a1 = 0;
      let a2 = 0;
      let a3 = 0;
      let b0 = 0;
      let b1 = 0;
      let b2 = 0;
      let b3 = 0;
      for (let j = 0; j < inputs; j++) {
        const a = weights[w0 + j];
        const b = weights[w1 + j];
        const y0 = x[x0 + j];
        const y1 = x[x1 + j];
        const y2 = x[x2 + j];
        const y3 = x[x3 + j];
        a0 += a * y0;
        a1 += a * y1;
        a2 += a * y2;
        a3 += a * y3;
        b0 += b * y0;
        b1 += b * y1;
        b2 += b * y2;
        b3 += b * y3;
      }
      const o = e * units + u;
      out[o] += a0;
      if (last > 0) out[o + units] += a1;
      if (last > 1) out[o + 2 * units] += a2;
      if (last > 2) out[o + 3 * units] += a3;
      if (w1 === w0) continue;
      out[o + 1] += b0;
      if (last > 0) out[o + units + 1] += b1;
      if (last > 1) out[o + 2 * units + 1] += b2;
      if (last > 2) out[o + 3 * units + 1] += b3;
    }
  }
}

/** out `[units, inputs]` from `offset` on += ΔᵀX, for Δ `[rows, units]` and X `[rows, inputs]`. */
export function addOuterProducts(
  delta: Float64Array,
  rows: number,
  units: number,
  x: Float64Array,
  inputs: number,
  out: Float64Array,
  offset: number,
): void {
  for (let e = 0; e < rows; e += 4) {
    const last = rows - 1 - e;
    const x0 = e * inputs;
    const x1 = last > 0 ? x0 + inputs : x0;
    const x2 = last > 1 ? x1 + inputs : x0;
    const x3 = last > 2 ? x2 + inputs : x0;
    for (let u = 0; u < units; u += 2) {
      const d = e * units + u;
      const a = offset + u * inputs;
      const b = u + 1 < units ? a + inputs : a;
      const a0 = delta[d];
      const a1 = last > 0 ? delta[d + units] : 0;
      const a2 = last > 1 ? delta[d + 2 * units] : 0;
      const a3 = last > 2 ? delta[d + 3 * units] : 0;
      const b0 = b > a ? delta[d + 1] : 0;
      const b1 = b > a && last > 0 ? delta[d + units + 1] : 0;
      const b2 = b > a && last > 1 ? delta[d + 2 * units + 1] : 0;
      const b3 = b > a && last > 2 ? delta[d + 3 * units + 1] : 0;
      for (let j = 0; j < inputs; j++) {
        const y0 = x[x0 + j];
        const y1 = x[x1 + j];
        const y2 = x[x2 + j];
        const y3 = x[x3 + j];
        out[a + j] += a0 * y0 + a1 * y1 + (a2 * y2 + a3 * y3);
        out[b + j] += b0 * y0 + b1 * y1 + (b2 * y2 + b3 * y3);
      }
    }
  }
}

/** out `[rows, inputs]` += ΔW, for Δ `[rows, units]` and weights W `[units, inputs]` from `offset` on. */
export function addBackward(
  delta: Float64Array,
  rows: number,
  units: number,
  weights: Float64Array,
  offset: number,
  inputs: number,
  out: Float64Array,
): void {
  for (let e = 0; e < rows; e++) {
    const o = e * inputs;
    for (let u = 0; u < units; u++) {
      const d = delta[e * units + u];
      const w = offset + u * inputs;
      for (let j = 0; j < inputs; j++) out[o + j] += d * weights[w + j];
    }
  }
}
