import { type Colours, darkColours, lightColours } from "./palette.js";

const light = { page: "#fbfaf7", soft: "#f1efe9", good: "#00694c", bad: "#b03a00" };
const dark = { page: "#17191c", soft: "#22252a", good: "#4fd3a5", bad: "#ff9a5c" };

function variables(colours: Colours, more: Readonly<Record<string, string>>): string {
  return Object.entries({ ...colours, ...more, paper: more.page })
    .map(([name, value]) => `--${name}: ${value};`)
    .join(" ");
}

/** The style sheet of the page: light and dark from one set of names, readable from a phone up, ready to print. */
export const pageStyle = `
:root { color-scheme: light dark; ${variables(lightColours, light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(darkColours, dark)} } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1.0625rem/1.6 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 3.5rem 1.25rem 5rem; }
p, ul, dl, .objective, h1, .lede { max-width: 42rem; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; font-weight: 600; }
h1 { font-size: clamp(1.9rem, 5vw, 2.7rem); margin: 0 0 0.6rem; letter-spacing: -0.01em; }
h2 { font-size: 1.6rem; margin: 4.5rem 0 0.8rem; padding-top: 1.4rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1.12rem; margin: 2.2rem 0 0.4rem; }
a { color: inherit; text-decoration-color: var(--muted); text-underline-offset: 0.15em; }
a:hover { text-decoration-color: currentcolor; }
.lede { font-size: 1.2rem; color: var(--muted); margin: 0 0 1.6rem; }
.summary, .facts, .legend, table, .panels, .how, nav { font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
.summary { list-style: none; margin: 0 0 2.5rem; padding: 0; max-width: none; display: grid; gap: 0.7rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); }
.summary a { display: block; height: 100%; padding: 0.8rem 1rem; background: var(--soft); border-radius: 6px;
  text-decoration: none; line-height: 1.35; font-size: 0.95rem; }
.summary a:hover { outline: 1px solid var(--muted); }
.summary strong { display: block; font-size: 0.82rem; font-weight: 600; margin-top: 0.35rem; }
.met { color: var(--good); }
.missed { color: var(--bad); font-weight: 600; }
.objective { overflow-x: auto; margin: 1.6rem 0; padding: 1rem 1.2rem; background: var(--soft); border-radius: 6px; }
math { font-size: 1.25rem; font-family: math, serif; }
.objective math { display: block; }
dl { display: grid; grid-template-columns: minmax(5.5rem, auto) 1fr; gap: 0.35rem 1.2rem; margin: 1rem 0; }
dt { color: var(--muted); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.facts { font-size: 0.95rem; max-width: 54rem; line-height: 1.5; }
.derived { white-space: pre-line; }
sup { line-height: 0; font-size: 0.75em; }
figure { margin: 2rem 0; }
figcaption { max-width: 42rem; font-size: 0.95rem; color: var(--muted); margin-top: 0.6rem; }
.title { font: 600 1rem/1.3 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; margin: 0 0 0.5rem; max-width: none; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.2rem 1.3rem; margin: 0 0 0.7rem; padding: 0;
  font-size: 0.85rem; max-width: none; }
.legend li { display: flex; align-items: center; gap: 0.5rem; }
.panels { display: grid; gap: 1.2rem 1.4rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18.5rem), 1fr)); }
.panels svg { display: block; width: 100%; height: auto; max-width: 32rem; overflow: visible; }
.panels.single svg { max-width: 38rem; }
.scroll { overflow-x: auto; margin: 1.6rem 0; }
.scroll:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.9rem; line-height: 1.4; width: 100%; }
caption { text-align: left; color: var(--muted); padding-bottom: 0.5rem; }
th, td { text-align: left; padding: 0.42rem 0.8rem 0.42rem 0; vertical-align: top; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); border-bottom: 1.5px solid var(--ink); vertical-align: bottom; }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
tbody th[scope="rowgroup"] { font-weight: 600; padding-top: 1.1rem; }
tbody th[scope="row"] { min-width: 13rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.interval { white-space: nowrap; color: var(--muted); padding-left: 0; font-variant-numeric: tabular-nums; }
td.number.mean { padding-right: 0.35rem; }
td.verdict, td.criterion { white-space: nowrap; }
.note { display: block; color: var(--muted); font-size: 0.85rem; }
pre { background: var(--soft); border-radius: 6px; padding: 0.9rem 1.1rem; overflow-x: auto; font-size: 0.9rem; line-height: 1.5; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
footer { margin-top: 4rem; font-size: 0.9rem; color: var(--muted); }
@media (max-width: 34rem) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.5rem; }
}
@media print {
  main { padding: 0; max-width: none; }
  figure, table, .objective { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`;
