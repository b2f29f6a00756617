import { fillNormals, rootKey } from "../../envs/core/random.js";
import type { Path } from "./path.js";

/** Elements that a path begins with. */
const ELEMENTS = 64;

/** Nodes in time that are dense at the start: t = T·(e^{as} − 1)/(e^a − 1), the first of about `first`. */
export function mesh(duration: number, first: number): Float64Array {
  let grading = 0.1;
  while (grading < 6 && (duration * Math.expm1(grading / ELEMENTS)) / Math.expm1(grading) > first)
    grading += 0.1;
  return Float64Array.from(
    { length: ELEMENTS + 1 },
    (_, n) => (duration * Math.expm1((grading * n) / ELEMENTS)) / Math.expm1(grading),
  );
}

/** From 0 to a point y: y(1 − e^{−ρt}), bent aside by bow·(ρt)e^{1−ρt}. */
export function exponentialPath(
  times: Float64Array,
  to: Float64Array,
  rate: number,
  bow: Float64Array,
): Path {
  const d = to.length;
  const points = new Float64Array(times.length * d);
  const velocities = new Float64Array(times.length * d);
  times.forEach((time, n) => {
    const [phase, decay] = [rate * time, Math.exp(-rate * time)];
    for (let i = 0; i < d; i++) {
      points[n * d + i] = -Math.expm1(-phase) * to[i] + Math.E * phase * decay * bow[i];
      velocities[n * d + i] = rate * decay * (to[i] + Math.E * (1 - phase) * bow[i]);
    }
  });
  return { times, points, velocities };
}

/** No bow, then `count` pairs of opposite ones across the line, a third of its length. */
export function bowsFor(from: Float64Array, to: Float64Array, count: number): Float64Array[] {
  const d = from.length;
  const line = to.map((value, i) => value - from[i]);
  const length = Math.hypot(...line);
  const straight = new Float64Array(d);
  if (d === 1 || length === 0) return [straight];
  const normals = new Float64Array(count * d);
  fillNormals(rootKey("bows"), 0, 0, normals.length, normals);
  const aside = Array.from({ length: count }, (_, n) => {
    const bow = normals.slice(n * d, (n + 1) * d);
    const along = bow.reduce((sum, value, i) => sum + value * line[i], 0) / length ** 2;
    const across = bow.map((value, i) => value - along * line[i]);
    const size = Math.hypot(...across);
    return across.map((value) => (size > 0 ? (value * length) / (3 * size) : 0));
  });
  return [straight, ...aside.flatMap((bow) => [bow, bow.map((value) => -value)])];
}
