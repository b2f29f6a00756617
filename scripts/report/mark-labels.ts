import type { Mark } from "../../agents/rediscover/report.js";
import { measureText } from "./svg.js";

export interface Pixel {
  readonly x: number;
  readonly y: number;
}

export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A label of a reference line: where its text starts or ends, on the baseline. */
export interface PlacedLabel extends Pixel {
  readonly text: string;
  readonly anchor: "start" | "middle" | "end";
}

export interface Candidate extends PlacedLabel {
  readonly box: Frame;
}

const fontSize = 12;
const ascent = 10;
const descent = 3;

/**
 * Puts each label beside its line where it hides the fewest points of the curves and no other label. Earlier
 * candidates win ties: above a horizontal line at its right end, right of a vertical line at its top.
 */
export function placeMarkLabels(
  marks: readonly Mark[],
  pixelOf: (mark: Mark) => number,
  curves: readonly Pixel[],
  frame: Frame,
): PlacedLabel[] {
  const options = marks.map((mark) =>
    mark.axis === "y" ? besideRow(mark, pixelOf(mark), frame) : besideColumn(mark, pixelOf(mark), frame),
  );
  return placeLabels(options, curves, frame);
}

/** Takes for each label in turn the candidate that hides the least. */
export function placeLabels(
  labels: readonly (readonly Candidate[])[],
  curves: readonly Pixel[],
  frame: Frame,
): PlacedLabel[] {
  const placed: Candidate[] = [];
  for (const options of labels) {
    const costs = options.map(({ box }) => costOf(box, curves, placed, frame));
    placed.push(options[costs.indexOf(Math.min(...costs))]);
  }
  return placed;
}

function besideRow({ label }: Mark, y: number, { left, right }: Frame): Candidate[] {
  return [y - 4, y + 12].flatMap((line) => [
    candidate(label, right - 2, line, "end"),
    candidate(label, left + 4, line, "start"),
    candidate(label, (left + right) / 2, line, "middle"),
  ]);
}

function besideColumn({ label }: Mark, x: number, { top, bottom }: Frame): Candidate[] {
  return [top + 12, top + 27, top + 42, bottom - 6, bottom - 21, (top + bottom) / 2].flatMap((line) => [
    candidate(label, x + 5, line, "start"),
    candidate(label, x - 5, line, "end"),
  ]);
}

/** Beside a point: right of it, left, above, below, and at its corners. */
export function besidePoint(label: string, { x, y }: Pixel): Candidate[] {
  return [
    candidate(label, x + 8, y + 4, "start"),
    candidate(label, x - 8, y + 4, "end"),
    candidate(label, x, y - 9, "middle"),
    candidate(label, x, y + 18, "middle"),
    candidate(label, x + 7, y - 7, "start"),
    candidate(label, x + 7, y + 15, "start"),
    candidate(label, x - 7, y - 7, "end"),
    candidate(label, x - 7, y + 15, "end"),
  ];
}

/** With its middle on a point. */
export function atPoint(label: string, { x, y }: Pixel): Candidate[] {
  return [candidate(label, x, y + 4, "middle")];
}

function candidate(text: string, x: number, y: number, anchor: PlacedLabel["anchor"]): Candidate {
  const width = measureText(text, fontSize);
  const left = x - width * { start: 0, middle: 0.5, end: 1 }[anchor];
  return { text, x, y, anchor, box: { left, right: left + width, top: y - ascent, bottom: y + descent } };
}

function costOf(box: Frame, curves: readonly Pixel[], placed: readonly Candidate[], frame: Frame): number {
  const hidden = curves.filter(
    ({ x, y }) => x > box.left - 2 && x < box.right + 2 && y > box.top - 2 && y < box.bottom + 2,
  ).length;
  const collisions = placed.filter((other) => overlap(box, other.box)).length;
  const outside = box.left < frame.left - 4 || box.right > frame.right + 12 || box.top < frame.top - 14;
  return hidden + 1000 * collisions + (outside ? 10_000 : 0);
}

function overlap(a: Frame, b: Frame): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Points along a curve no further apart than `spacing` pixels. */
export function alongCurve(corners: readonly Pixel[], spacing = 4): Pixel[] {
  return corners.flatMap((from, index) => {
    const to = corners[index + 1] ?? from;
    const pieces = Math.min(500, Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / spacing)));
    return Array.from({ length: pieces }, (_, piece) => ({
      x: from.x + ((to.x - from.x) * piece) / pieces,
      y: from.y + ((to.y - from.y) * piece) / pieces,
    }));
  });
}
