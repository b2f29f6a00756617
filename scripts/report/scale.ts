import type { Axis, FigureData } from "../../agents/rediscover/report.js";
import { superscript } from "./numbers.js";

export type Domain = readonly [low: number, high: number];

type Panel = FigureData["panels"][number];
type Dimension = "x" | "y";

/** Whether an axis can show a value: a log axis shows positive ones only. */
export function isShown(value: number, { scale }: Axis): boolean {
  return Number.isFinite(value) && (scale !== "log" || value > 0);
}

/**
 * The domain of each panel. Panels share one, so that they can be compared by eye, unless that would squeeze
 * some panel into less than a quarter of the axis.
 */
export function panelDomains(
  { panels, ...axes }: Pick<FigureData, "panels" | Dimension>,
  dimension: Dimension,
): Domain[] {
  const axis = axes[dimension];
  const own = panels.map((panel) => extent(valuesOf(panel, dimension, axis)));
  const shared = extent(own.flat());
  const size = ([low, high]: Domain) => position(high, axis) - position(low, axis);
  const comparable = own.every((domain) => size(domain) >= size(shared) / 4);
  return own.map((domain) => widen(comparable ? shared : domain, axis, dimension));
}

function valuesOf({ series, marks = [] }: Panel, dimension: Dimension, axis: Axis): number[] {
  const lines = series.flatMap(({ points, band = [] }) =>
    dimension === "x" ? points.map(([x]) => x) : [...points.map(([, y]) => y), ...band.flat()],
  );
  const labelled = marks.filter((mark) => mark.axis === dimension).map(({ value }) => value);
  return [...lines, ...labelled].filter((value) => isShown(value, axis));
}

function extent(values: readonly number[]): Domain {
  return values.reduce<Domain>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** Room about the data on y; none on x. An axis without data or of one value gets a domain all the same. */
function widen([low, high]: Domain, { scale }: Axis, dimension: Dimension): Domain {
  if (low > high) return scale === "log" ? [1, 10] : [0, 1];
  if (scale === "log") {
    const factor = low === high ? 2 : dimension === "y" ? (high / low) ** 0.05 : 1;
    return [low / factor, high * factor];
  }
  const room = low === high ? Math.abs(low) / 10 || 1 : dimension === "y" ? (high - low) * 0.06 : 0;
  return [low - room, high + room];
}

function position(value: number, { scale }: Axis): number {
  return scale === "log" ? Math.log10(value) : value;
}

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Round values across a domain, about `count` of them, each with its label. */
export function ticksOf(domain: Domain, { scale }: Axis, count: number): Tick[] {
  return scale === "log" ? logTicks(domain, count) : linearTicks(domain, count);
}

function linearTicks([low, high]: Domain, count: number): Tick[] {
  const step = roundStep((high - low) / count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const values = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  const largest = Math.floor(Math.log10(Math.max(...values.map(Math.abs))) + 1e-9);
  const exponent = largest >= 5 || largest < -3 ? largest : 0;
  const power = exponent === 0 ? "" : `·10${superscript(exponent)}`;
  const decimals = Math.max(0, exponent - Math.floor(Math.log10(step) + 1e-9));
  return values.map((value) => ({
    value,
    label: Math.abs(value) < step / 2 ? "0" : minus((value / 10 ** exponent).toFixed(decimals)) + power,
  }));
}

/** The smallest of 1, 2, 5 × 10ⁿ that is no less than the size. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= size * (1 - 1e-9)) ?? 10);
}

/** Powers of ten where the domain has three, else ever finer fractions of them. */
function logTicks([low, high]: Domain, count: number): Tick[] {
  const first = Math.floor(Math.log10(low));
  const exponents = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, i) => first + i);
  const multiples = (factors: readonly number[]) =>
    exponents
      .flatMap((exponent) => factors.map((factor) => Number(`${factor}e${exponent}`)))
      .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  const fine = [[1], [1, 2, 5], [1, 2, 3, 5, 7]].map(multiples).find((values) => values.length >= 3);
  if (!fine) return linearTicks([low, high], count);
  const every = Math.ceil(fine.length / (count + 1));
  return fine.filter((_, index) => index % every === 0).map((value) => ({ value, label: logLabel(value) }));
}

/** Such as 100 or 10⁴. */
export function logLabel(value: number): string {
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  if (Math.abs(exponent) <= 3) return String(value);
  const factor = Math.round(value / 10 ** exponent);
  return `${factor === 1 ? "" : `${factor}·`}10${superscript(exponent)}`;
}

function minus(text: string): string {
  return text.replace("-", "−");
}
