/** A column of a text table; numbers are right-aligned. */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
  /** Whether this column, in place of the first, wraps where the table would be too wide. */
  readonly wraps?: boolean;
}

/** A cell, or a cell and the style that leaves its width alone. */
export type Cell = string | { readonly text: string; readonly style: (text: string) => string };

const gap = "  ";

/** The cells of a row, or one line across the whole table. */
export type TableRow = readonly Cell[] | string;

/**
 * Lines of a text table: columns as wide as their widest cell, and one of them wrapped where the whole would be
 * wider than `width` characters.
 */
export function table(columns: readonly Column[], rows: readonly TableRow[], width = 100): string[] {
  const cells = rows.filter((row) => typeof row !== "string");
  const widths = columns.map(({ heading }, index) =>
    Math.max(textWidth(heading), ...cells.map((row) => textWidth(textOf(row[index])))),
  );
  const elastic = Math.max(
    0,
    columns.findIndex(({ wraps }) => wraps),
  );
  const total = widths.reduce((sum, each) => sum + each + gap.length, -gap.length);
  widths[elastic] = Math.max(12, Math.min(widths[elastic], widths[elastic] + width - total));
  const layOut = (row: readonly Cell[]) => layOutRow(row, columns, widths, elastic);
  return [
    ...layOut(columns.map(({ heading }) => heading)),
    widths.map((each) => "─".repeat(each)).join(gap),
    ...rows.flatMap((row) => (typeof row === "string" ? [row] : layOut(row))),
  ];
}

function layOutRow(
  cells: readonly Cell[],
  columns: readonly Column[],
  widths: readonly number[],
  elastic: number,
): string[] {
  const [first, ...continued] = wrap(textOf(cells[elastic]), widths[elastic]);
  const styled = cells.map((cell, index) => {
    const text = pad(index === elastic ? first : textOf(cell), widths[index], columns[index].align);
    return typeof cell === "string" ? text : cell.style(text);
  });
  const before = widths.slice(0, elastic).reduce((sum, each) => sum + each + gap.length, 0);
  return [styled.join(gap).trimEnd(), ...continued.map((text) => `${" ".repeat(before + 2)}${text}`)];
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

function pad(text: string, width: number, align: Column["align"] = "left"): string {
  const space = " ".repeat(Math.max(0, width - textWidth(text)));
  return align === "right" ? space + text : text + space;
}

/** Characters that a terminal draws; combining marks, as in û or μ̂, take no room of their own. */
export function textWidth(text: string): number {
  return [...text.replace(/\p{Mark}/gu, "")].length;
}

/** Breaks text at plain spaces into lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/[ \n]+/)) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + 1 + textWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
