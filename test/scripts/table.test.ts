import { describe, expect, test } from "vitest";
import type { Row } from "../../agents/rediscover/report.js";
import { cellsOf } from "../../scripts/report/cells.js";
import { table, textWidth, wrap } from "../../scripts/report/table.js";
import { applicationText, conclusionText, phenomenonText } from "../../scripts/report/terminal.js";
import { terminalStyle, wantsColour } from "../../scripts/report/terminal-style.js";
import { report } from "./fixtures/report.js";

const plain = terminalStyle(false);
const [momentum, adaptivity] = report.phenomena;

describe("text tables", () => {
  const columns = [{ heading: "name" }, { heading: "size", align: "right" }, { heading: "note" }] as const;

  test("numbers end in one column, and long names wrap", () => {
    const rows = [["μ̂, the estimate", "1.5", "a"], "across", ["a name that is much too long", "-12.25", "b"]];
    expect(table(columns, rows, 30)).toEqual([
      "name                size  note",
      "────────────────  ──────  ────",
      "μ̂, the estimate      1.5  a",
      "across",
      "a name that is    -12.25  b",
      "  much too long",
    ]);
  });

  test("another column wraps when it is told to", () => {
    const wrapping = [{ heading: "name" }, { heading: "note", wraps: true }];
    expect(table(wrapping, [["a long name", "one two three four"]], 26)).toEqual([
      "name         note",
      "───────────  ─────────────",
      "a long name  one two three",
      "               four",
    ]);
  });

  test("style does not move a column", () => {
    const styled = table(columns, [[{ text: "a", style: (text) => `<${text}>` }, "1", "n"]]);
    expect(styled[2].replace(/[<>]/g, "")).toBe(table(columns, [["a", "1", "n"]])[2]);
  });

  test("combining marks take no room", () => {
    expect(textWidth("μ̂")).toBe(1);
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  });
});

describe("the report in the terminal", () => {
  test("no line is wider than a hundred characters", () => {
    const texts = [
      ...report.phenomena.map((phenomenon) => phenomenonText(phenomenon, plain)),
      applicationText(report.application!, plain),
    ];
    for (const line of texts.join("\n").split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(100);
  });

  test("every verdict of a table starts in one column", () => {
    const lines = phenomenonText(momentum, plain).split("\n");
    const places = lines.filter((line) => /[✓✗]/.test(line)).map((line) => line.search(/[✓✗]/));
    expect(places).toHaveLength(momentum.rows.length);
    expect(new Set(places).size).toBe(1);
  });

  test("reads as it did", () => {
    expect(phenomenonText(adaptivity, plain)).toMatchSnapshot();
    expect(applicationText(report.application!, plain)).toMatchSnapshot();
  });

  test("says which rows missed, and by what", () => {
    expect(conclusionText(report, plain)).toBe(
      "15 of 16 checks met in 17.4\u00a0min.\n" +
        "missed: adaptivity, discount rate γ = 10, scaling exponent p of the update: " +
        "learned 0.850 ± 0.020, criterion exact ± 0.1 (0.710)",
    );
  });

  test("colour is for terminals, unless NO_COLOR is set", () => {
    expect(wantsColour({ isTTY: true }, {})).toBe(true);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColour({}, {})).toBe(false);
    expect(conclusionText(report, terminalStyle(true))).toContain("\u001b[31m");
  });
});

describe("the cells of a row", () => {
  const row: Row = {
    setting: "s",
    quantity: "q",
    predicted: 0.71861,
    exact: 0.7,
    learned: { mean: 0.71456, interval: [0.70856, 0.72056], values: [] },
    criterion: { kind: "within", of: "predicted", tolerance: 0.02 },
    verdict: "met",
  };

  test("numbers are shown to the second digit of the interval", () => {
    expect(cellsOf(row)).toMatchObject({
      predicted: "0.7186",
      exact: "0.7000",
      learned: "0.7146",
      interval: "± 0.0060",
      criterion: "predicted ± 0.02",
      verdict: "✓ met",
    });
  });

  test("one seed has no interval; a unit follows the last number", () => {
    const limit = { kind: "at most", limit: 5, unit: "%" } as const;
    const single = cellsOf({ ...row, criterion: limit, learned: { mean: 1.3, values: [1.3] } });
    expect(single).toMatchObject({ learned: "1.30 %", interval: "", criterion: "≤ 5 %" });
    const several = cellsOf({ ...row, criterion: limit });
    expect(several).toMatchObject({ learned: "0.7146", interval: "± 0.0060 %" });
  });

  test("what is absent is a dash", () => {
    const { predicted: _, exact: __, ...bare } = row;
    expect(cellsOf(bare)).toMatchObject({ predicted: "–", exact: "–" });
  });

  test.each([
    [{ kind: "outside", of: "exact", tolerance: 0.1 }, "not exact ± 0.1"],
    [{ kind: "at least", limit: 0.8, unit: "" }, "≥ 0.8"],
  ] as const)("the criterion %j reads %s", (criterion, text) => {
    expect(cellsOf({ ...row, criterion, verdict: "missed" })).toMatchObject({
      criterion: text,
      verdict: "✗ missed",
    });
  });
});
