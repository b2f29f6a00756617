import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { html, Markup } from "../../scripts/report/html.js";
import { page } from "../../scripts/report/page.js";
import { pageStyle } from "../../scripts/report/page-style.js";
import { report } from "./fixtures/report.js";

const command = "lossgym rediscover all --seed 0";
const text = page(report, { command, facts: { Started: "2026-01-31 09:30 UTC" } });
const { document } = parseHTML(text);
const select = (selector: string) => [...document.querySelectorAll(selector)];

test("needs nothing from outside", () => {
  expect(select("script, link, img, iframe, object, embed, video, audio, source")).toEqual([]);
  expect(text).not.toMatch(/@import|url\(|src=/);
  const outside = select("[href]").map((element) => element.getAttribute("href"));
  expect(outside.filter((href) => !href?.startsWith("#"))).toEqual(["https://arxiv.org/abs/2510.26997"]);
});

test("every link within the page leads somewhere, and no id is used twice", () => {
  const ids = select("[id]").map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const link of select('a[href^="#"]')) expect(ids).toContain(link.getAttribute("href")?.slice(1));
});

test("every element that is opened is closed", () => {
  const empty = new Set(["meta", "br", "hr", "img", "input", "link", "!doctype"]);
  const open: string[] = [];
  for (const [tag, closing, name, selfClosing] of text.matchAll(/<(\/?)([!a-zA-Z][\w-]*)[^>]*?(\/?)>/g)) {
    if (selfClosing || empty.has(name.toLowerCase())) continue;
    if (!closing) open.push(name);
    else expect(open.pop(), `before ${tag}`).toBe(name);
  }
  expect(open).toEqual([]);
});

test("every figure is there, with its caption, its legend and all panels", () => {
  for (const figure of [...report.phenomena, report.application!].flatMap((part) => [...part.figures])) {
    const element = document.querySelector(`#figure-${figure.name}`);
    expect(element?.querySelector("figcaption")?.textContent).toBe(figure.caption);
    expect(element?.querySelectorAll('svg[role="img"]')).toHaveLength(figure.panels.length);
    const legend = [...(element?.querySelectorAll(".legend li") ?? [])].map((item) => item.textContent);
    const names = new Set(figure.panels.flatMap(({ series }) => series.map(({ name }) => name)));
    expect(new Set(legend)).toEqual(names);
  }
});

test("every row is there, under its setting, with its verdict", () => {
  for (const { phenomenon, rows, settings } of report.phenomena) {
    const found = select(`#${phenomenon} tbody tr`).map((row) => row.textContent?.replace(/\s+/g, " "));
    expect(found).toHaveLength(rows.length + new Set(rows.map(({ setting }) => setting)).size);
    for (const { quantity, verdict } of rows)
      expect(found.some((row) => row?.includes(quantity) && row.includes(verdict))).toBe(true);
    for (const { name } of settings)
      expect(select(`#${phenomenon} h3`).map((title) => title.textContent)).toContain(name);
  }
  expect(select("#application tbody tr")).toHaveLength(report.application!.rules.length);
  expect(select("td.missed")).toHaveLength(1);
});

test("every table says what it is, and its headings what they head", () => {
  for (const table of select("table")) {
    expect(table.querySelector("caption")?.textContent).toBeTruthy();
    const columns = [...table.querySelectorAll("thead th")];
    const spanned = columns.reduce((sum, th) => sum + Number(th.getAttribute("colspan") ?? 1), 0);
    expect(columns.every((th) => th.getAttribute("scope") === "col")).toBe(true);
    for (const row of table.querySelectorAll("tbody tr")) {
      const width = [...row.children].reduce(
        (sum, cell) => sum + Number(cell.getAttribute("colspan") ?? 1),
        0,
      );
      expect(width).toBe(spanned);
    }
  }
});

test("sets the objective as mathematics, and tells how to run it again", () => {
  expect(document.querySelector("math")?.textContent?.replace(/\s/g, "")).toBe(
    "J=E∫0∞e−γt[12η‖θ˙‖2+kLt(θ)]dt",
  );
  expect(document.querySelector("pre code")?.textContent).toBe(command);
  expect(document.querySelector("#configuration")?.textContent).toContain("2026-01-31 09:30 UTC");
});

test("sets the formulas of a rule", () => {
  const [part] = report.phenomena;
  const rule = "u = -√(ηk)·H^(-1/2)∇L, |u| goes as v^-0.537 - a";
  const settings = [{ ...part.settings[0], rule }];
  const text = page({ ...report, phenomena: [{ ...part, settings }] }, { command });
  expect(text).toContain("−√(ηk)·H<sup>−1/2</sup>∇L, |u| goes as v<sup>−0.537</sup> − a</dd>");
});

test("every colour that a drawing asks for is defined, in light and in dark", () => {
  const [light, dark] = [...pageStyle.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => body);
  for (const [, name] of text.matchAll(/var\((--[\w-]+)\)/g)) {
    expect(light).toContain(`${name}:`);
    expect(dark).toContain(`${name}:`);
  }
});

describe("html", () => {
  test("escapes what is filled in, but not markup", () => {
    const bold = html`<b>${'<&">'}</b>`;
    expect(String(bold)).toBe("<b>&lt;&amp;&quot;&gt;</b>");
    expect(String(html`${[bold, new Markup("<br>"), undefined, 3]}`)).toBe(`${bold}<br>3`);
  });

  test("a report cannot inject markup", () => {
    const title = "<script>alert(1)</script>";
    const hostile = {
      ...report,
      phenomena: report.phenomena.map((part) => ({ ...part, title, question: title })),
    };
    expect(page(hostile, { command })).not.toContain("<script");
  });
});
