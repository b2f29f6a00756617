import type { RandomKey } from "../../../envs/index.js";
import { key, neighbour, type Source } from "./sources.js";
import {
  birthdaySpacings,
  correlation,
  type Finding,
  kolmogorovSmirnov,
  type Law,
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

/** `count` numbers of one key and counter. */
type Draw = (of: RandomKey, counter: number, count: number) => Float64Array;

/** Every test of a source. */
export function testSource(source: Source, options: SuiteOptions): readonly Finding[] {
  const normals: Draw = (of, counter, count) => {
    const out = new Float64Array(count);
    source.normals(of, counter, out);
    return out;
  };
  const uniforms: Draw = (of, counter, count) => {
    const out = new Float64Array(count);
    source.uniforms?.(of, counter, out);
    return out;
  };
  return [
    ...(source.uniforms ? testLaw("uniform", uniforms, options) : []),
    ...testLaw("normal", normals, options),
    ...overCounters(normals, options.counters),
    ...birthdays(source, options.words),
  ];
}

/** At which distances of the index serial correlation is looked for: next, within a SIMD vector, across half a tile. */
const LAGS = [1, 2, 4, 8, 127, 128, 256];

const streams: readonly (readonly [string, RandomKey, number])[] = [
  ["next counter", key, 1],
  ["counter + 2^16", key, 2 ** 16],
  ["key with low word + 1", neighbour, 0],
  ["key with the words swapped", { high: key.low, low: key.high }, 0],
];

function testLaw(law: Law, draw: Draw, { draws, sorted }: SuiteOptions): readonly Finding[] {
  const values = draw(key, 0, draws);
  const compare = (test: string, a: Float64Array, b: Float64Array) => [
    correlation(`${law}, ${test}`, a, b, law),
    ...(law === "normal" ? [squareCorrelation(`squared normal, ${test}`, a, b)] : []),
  ];
  return [
    ...momentTests(values, law),
    kolmogorovSmirnov(values.subarray(0, sorted), law),
    ...LAGS.flatMap((lag) => compare(`index + ${lag}`, values.subarray(0, -lag), values.subarray(lag))),
    ...streams.flatMap(([name, of, counter]) => compare(name, values, draw(of, counter, draws))),
  ];
}

/** The noise of a few coordinates over time: few indices, many counters. */
function overCounters(draw: Draw, counters: number): readonly Finding[] {
  const width = 256;
  const all = new Float64Array(counters * width);
  for (let counter = 0; counter < counters; counter++) all.set(draw(key, counter, width), counter * width);
  const [now, next] = [all.subarray(0, -width), all.subarray(width)];
  return [
    correlation("normal, over counters", now, next, "normal"),
    squareCorrelation("squared normal, over counters", now, next),
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
