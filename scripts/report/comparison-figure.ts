import type { ComparedPolicy, PolicyComparison } from "../../agents/index.js";
import type { Series } from "../../agents/rediscover/report.js";
import { episodesInWords, measuredCells, ranked, referenceInWords } from "./comparison.js";
import { drawIntervals, type IntervalRow } from "./interval-panel.js";
import { plainNumber } from "./numbers.js";
import { type LineStyle, lightColours, seriesStyles } from "./palette.js";
import { drawPanel } from "./panel.js";
import { darkRules } from "./picture.js";
import { sheet } from "./sheet.js";
import { createDocument } from "./svg.js";

const size = { width: 440, height: 330 };

const roles: Readonly<Record<ComparedPolicy["kind"], Series["role"]>> = {
  derived: "exact",
  learned: "learned",
  textbook: "baseline",
};

/** A comparison as one SVG file: what each policy costs beyond the reference, and how its episodes are spread. */
export function comparisonSvg(comparison: PolicyComparison): string {
  const document = createDocument();
  const policies = ranked(comparison);
  const series = policies.map(
    ({ name, kind, profile }): Series => ({
      name,
      role: roles[kind],
      points: (comparison.factors ?? []).map((factor, i) => [factor, profile?.[i] ?? 0] as const),
    }),
  );
  const styles = seriesStyles({ panels: [{ title: "", series }] });
  const title = `What ${policies.length === 1 ? "a policy costs" : `${policies.length} policies cost`}`;
  const caption = captionOf(comparison);
  return sheet({
    document,
    title,
    description: caption,
    caption,
    size,
    styles,
    rules: darkRules,
    panels: [
      intervalPanel(comparison, policies, styles, document),
      ...(comparison.factors ? [profilePanel(comparison, series, styles, document)] : []),
    ],
  });
}

function intervalPanel(
  comparison: PolicyComparison,
  policies: readonly ComparedPolicy[],
  styles: ReadonlyMap<string, LineStyle>,
  document: Document,
): SVGElement {
  const hasRegret = policies.every(({ regretPercent }) => regretPercent);
  const rows = policies.map(({ name, regretPercent, cost }): IntervalRow => {
    const measured = (hasRegret && regretPercent) || cost;
    return { name, ...measured, text: measuredCells(measured).join(" ") };
  });
  return drawIntervals(rows, {
    document,
    ...size,
    title: hasRegret ? "Regret" : "Cost",
    label: hasRegret
      ? `mean cost beyond ${referenceInWords(comparison)} (%)`
      : "cost of an episode, interquartile mean",
    styles,
    colours: lightColours,
  });
}

function profilePanel(
  { factors, reference }: PolicyComparison,
  series: readonly Series[],
  styles: ReadonlyMap<string, LineStyle>,
  document: Document,
): SVGElement {
  const [low, high] = [factors?.at(0) ?? 0.5, factors?.at(-1) ?? 2];
  const name = reference.kind === "optimum" ? "the optimum" : reference.name;
  const isDrawn = series.some((each) => each.name === reference.name);
  return drawPanel(
    {
      title: "Performance profile",
      series,
      marks: isDrawn ? [] : [{ axis: "x", value: 1, label: name }],
    },
    {
      document,
      ...size,
      x: { label: `at most this many times the cost of ${name}`, scale: "log" },
      y: { label: "fraction of episodes that cost" },
      domains: { x: [low, high], y: [0, 1.03] },
      styles,
      colours: lightColours,
    },
  );
}

function captionOf(comparison: PolicyComparison): string {
  const { confidence } = comparison;
  return (
    `From ${episodesInWords(comparison)}. ` +
    `Bars are ${plainNumber(100 * confidence)} % intervals of a stratified bootstrap over the episodes of each seed, paired with ${referenceInWords(comparison)}.`
  );
}
