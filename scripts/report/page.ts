import type {
  ApplicationReport,
  FigureData,
  PhenomenonReport,
  Report,
  Row,
  SettingReport,
} from "../../agents/rediscover/report.js";
import { cellsOf, estimateText } from "./cells.js";
import { figureParts } from "./figure.js";
import { html, Markup } from "./html.js";
import { introduction, tableGuide } from "./introduction.js";
import { formatDuration, plainNumber } from "./numbers.js";
import { pageStyle } from "./page-style.js";
import { problemInWords } from "./problem-words.js";
import { headingOf, hyperparameterText, trainingInWords, unbroken } from "./words.js";

export interface PageOptions {
  /** The command that runs the same again. */
  readonly command: string;
  /** Further lines of the last section, such as the date and the platform. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** The report as one HTML page that needs nothing else: no script, no font, no image from outside. */
export function page(report: Report, { command, facts = {} }: PageOptions): string {
  const { phenomena, application } = report;
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="lossgym ${report.lossgym}">
<title>Rediscovering learning rules</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<main>
<header>
<h1>Rediscovering learning rules</h1>
<p class="lede">Optimal ways to walk a loss landscape, calculated, then learned from scratch, then compared.</p>
${summary(report)}
</header>
${introduction}
${tableGuide}
${phenomena.map(phenomenonSection)}
${application && applicationSection(application)}
${configurationSection(report, command, facts)}
</main>
</body>
</html>
`}`;
}

function summary({ phenomena, application }: Report): Markup {
  return html`<ul class="summary" aria-label="Results">
${phenomena.map(({ phenomenon, title, rows }) => {
  const met = rows.filter(({ verdict }) => verdict === "met").length;
  const style = met === rows.length ? "met" : "missed";
  return html`<li><a href="#${phenomenon}">${title}<strong class="${style}">${met} of ${rows.length} checks met</strong></a></li>
`;
})}
${application && html`<li><a href="#application">${application.title}<strong>${application.rules.length} rules compared</strong></a></li>`}
</ul>`;
}

function phenomenonSection({
  phenomenon,
  title,
  question,
  settings,
  rows,
  figures,
}: PhenomenonReport): Markup {
  return html`
<section id="${phenomenon}" aria-labelledby="${phenomenon}-title">
<h2 id="${phenomenon}-title">${title}</h2>
<p>${question}</p>
${settings.map(settingFacts)}
${figures.map(figureMarkup)}
${rowTable(rows, `What was predicted and what was found: ${phenomenon}`)}
</section>`;
}

function settingFacts(setting: SettingReport): Markup {
  return html`<h3>${setting.name}</h3>
<dl class="facts">
<dt>Problem</dt><dd>${unbroken(problemInWords(setting.problem))}</dd>
<dt>Optimal rule</dt><dd class="derived">${formulas(unbroken(setting.rule))}</dd>
${[setting, ...(setting.further ?? [])].map(
  (training) => html`<dt>Learned by</dt><dd>${trainingInWords(training)}</dd>
`,
)}</dl>
`;
}

function figureMarkup(figure: FigureData): Markup {
  const { panels, legend } = figureParts(figure);
  return html`
<figure id="figure-${figure.name}">
<p class="title">${figure.title}</p>
<ul class="legend">${legend.map(({ name, swatch }) => html`<li>${new Markup(swatch)}${name}</li>`)}</ul>
<div class="panels${panels.length === 1 ? " single" : ""}">
${panels.map(
  (panel) => html`<div>${new Markup(panel)}</div>
`,
)}</div>
<figcaption>${figure.caption}</figcaption>
</figure>`;
}

function rowTable(rows: readonly Row[], caption: string): Markup {
  const headings = [...new Set(rows.map(headingOf))];
  return html`
<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Quantity</th><th scope="col" class="number">Predicted</th><th scope="col" class="number">Exact</th>
<th scope="col" class="number" colspan="2">Learned ± 95 %</th><th scope="col">Criterion</th><th scope="col">Verdict</th></tr></thead>
${headings.map(
  (heading) => html`<tbody>
<tr><th scope="rowgroup" colspan="7">${heading}</th></tr>
${rows.filter((row) => headingOf(row) === heading).map(rowMarkup)}</tbody>
`,
)}</table>
</div>`;
}

function rowMarkup(row: Row): Markup {
  const cells = cellsOf(row);
  return html`<tr><th scope="row">${cells.quantity}${row.note && html`<span class="note">${row.note}</span>`}</th>
<td class="number">${minus(cells.predicted)}</td><td class="number">${minus(cells.exact)}</td>
<td class="number mean">${minus(cells.learned)}</td><td class="interval">${cells.interval}</td>
<td class="criterion">${minus(cells.criterion)}</td><td class="verdict ${cells.met ? "met" : "missed"}">${cells.verdict}</td></tr>
`;
}

function minus(text: string): string {
  return text.replace(/-(?=[\d∞])/g, "−");
}

/** A rule in words with its formulas set: true minus signs, and powers such as H^(-1/2) raised. */
function formulas(text: string): Markup[] {
  const typeset = text.replace(/(^|[\s(=])-(?=\S)|(?<=\s)-(?=\s)/g, "$1−");
  return typeset
    .split(/\^(\([^)]*\)|-?[\d.]*\d)/)
    .map((part, index) => (index % 2 ? html`<sup>${minus(part.replace(/[()]/g, ""))}</sup>` : html`${part}`));
}

function applicationSection(report: ApplicationReport): Markup {
  const caption = `Rules on real data: ${report.steps} steps, target loss ${plainNumber(report.target)}, optimum ${plainNumber(report.optimum)}`;
  return html`
<section id="application" aria-labelledby="application-title">
<h2 id="application-title">${report.title}</h2>
<p>${report.description}</p>
<p>${report.tuning}</p>
${report.figures.map(figureMarkup)}
<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Rule</th><th scope="col" class="number">Final loss ± 95 %</th><th scope="col" class="number">Steps to target</th>
<th scope="col" class="number">Reached</th><th scope="col">Hyperparameters</th></tr></thead>
<tbody>
${report.rules.map(
  (rule) => html`<tr><th scope="row">${rule.name}</th><td class="number">${estimateText(rule.finalLoss)}</td>
<td class="number">${rule.reached === 0 ? "never" : estimateText(rule.stepsToTarget, 0)}</td>
<td class="number">${Math.round(100 * rule.reached)} %</td><td>${hyperparameterText(rule.hyperparameters)}</td></tr>
`,
)}</tbody>
</table>
</div>
</section>`;
}

function configurationSection(
  { configuration, lossgym, seconds }: Report,
  command: string,
  facts: Readonly<Record<string, string>>,
): Markup {
  const lines = {
    lossgym,
    Phenomena: configuration.phenomena.join(", "),
    "Trainings of each setting": String(configuration.seeds),
    Seed: String(configuration.seed),
    "Quick run": configuration.quick ? "yes" : "no",
    Workers: String(configuration.workers),
    "Networks computed by": configuration.backend,
    Took: formatDuration(seconds),
    ...facts,
  };
  return html`
<section id="configuration" aria-labelledby="configuration-title">
<h2 id="configuration-title">Configuration, and how to run it again</h2>
<dl class="facts">
${Object.entries(lines).map(
  ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>
`,
)}</dl>
<pre><code>${command}</code></pre>
<p>The same seed gives the same numbers, whatever the number of workers. Beside this page lie
<code>report.json</code> with every number of it, <code>figures/</code> with every figure, <code>config.json</code> and
<code>events.jsonl</code>, the course of the run.</p>
</section>
<footer><p>The theory is that of Vastola, Gershman and Rajan, “Gradient Descent as Loss Landscape Navigation: a Normative
Framework for Deriving Learning Rules”, NeurIPS 2025 (<a href="https://arxiv.org/abs/2510.26997">arXiv:2510.26997</a>).
Line colours are those of Okabe and Ito, which people of any colour vision can tell apart.</p></footer>`;
}
