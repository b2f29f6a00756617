import type { RandomKey } from "../../../envs/index.js";
import { key, neighbour, type Source } from "./sources.js";
import {
  birthdaySpacings,
  correlation,
  type Finding,
  kolmogorovSmirnov,
  momentTests,
  squareCorrelation,
} from "./tests.js";

export interface SuiteOptions {
  /** Draws of the moments and correlations. */
  readonly draws: number;
  /** Draws of Kolmogorov-Smirnov, which sorts them. */
  readonly sorted: number;
  /** Counters of the series over counters. */
  readonly counters: number;
  /** Words of the birthday spacings. */
  readonly words: number;
}

/** At which distances of the index serial correlation is looked for: next, within a SIMD vector, across half a tile. */
const LAGS = [1, 2, 4, 8, 127, 128, 256];

/** Every test of a source. */
export function testSource(
  source: Source,
  { draws, sorted, counters, words }: SuiteOptions,
): readonly Finding[] {
  const drawn = (law: "uniform" | "normal", of: RandomKey, counter: number, count = draws) => {
    const out = new Float64Array(count);
    if (law === "uniform") source.uniforms(of, counter, out);
    else source.normals(of, counter, out);
    return out;
  };
  const [uniforms, normals] = [drawn("uniform", key, 0), drawn("normal", key, 0)];
  const findings = [
    ...momentTests(uniforms, "uniform"),
    ...momentTests(normals, "normal"),
    kolmogorovSmirnov(uniforms.subarray(0, sorted), "uniform"),
    kolmogorovSmirnov(normals.subarray(0, sorted), "normal"),
  ];
  for (const lag of LAGS) {
    const [from, to] = [0, draws - lag];
    const pair = (values: Float64Array) =>
      [values.subarray(from, to), values.subarray(from + lag, to + lag)] as const;
    findings.push(correlation(`uniform, index + ${lag}`, ...pair(uniforms), "uniform"));
    findings.push(correlation(`normal, index + ${lag}`, ...pair(normals), "normal"));
    findings.push(squareCorrelation(`squared normal, index + ${lag}`, ...pair(normals)));
  }
  const others: readonly [string, RandomKey, number][] = [
    ["next counter", key, 1],
    ["counter + 2^16", key, 2 ** 16],
    ["key with low word + 1", neighbour, 0],
    ["key with the words swapped", { high: key.low, low: key.high }, 0],
  ];
  for (const [name, of, counter] of others) {
    const other = drawn("normal", of, counter);
    findings.push(correlation(`uniform, ${name}`, uniforms, drawn("uniform", of, counter), "uniform"));
    findings.push(correlation(`normal, ${name}`, normals, other, "normal"));
    findings.push(squareCorrelation(`squared normal, ${name}`, normals, other));
  }
  return [...findings, ...countersInTurn(drawn, counters), ...birthdays(source, words)];
}

/** The noise of one coordinate over time: few indices, many counters. */
function countersInTurn(
  drawn: (law: "normal", of: RandomKey, counter: number, count: number) => Float64Array,
  steps: number,
): readonly Finding[] {
  const width = 256;
  const all = new Float64Array(steps * width);
  for (let counter = 0; counter < steps; counter++)
    all.set(drawn("normal", key, counter, width), counter * width);
  const [now, next] = [all.subarray(0, -width), all.subarray(width)];
  return [
    correlation("normal, index over counters", now, next, "normal"),
    squareCorrelation("squared normal, index over counters", now, next),
    ...momentTests(all, "normal").map((finding) => ({ ...finding, test: `${finding.test} over counters` })),
  ];
}

/** Over indices at one counter, and over counters at few indices. */
function birthdays(source: Source, count: number): readonly Finding[] {
  if (!source.words) return [];
  const words = new Uint32Array(count);
  source.words(key, 0, words);
  const overIndices = { ...birthdaySpacings(words), test: "birthday spacings over indices" };
  const width = 64;
  for (let counter = 0; counter < count / width; counter++)
    source.words(key, counter, words.subarray(counter * width, (counter + 1) * width));
  return [overIndices, { ...birthdaySpacings(words), test: "birthday spacings over counters" }];
}
