import { CsvError, type Info, parse } from "csv-parse/sync";
import { Table } from "../../envs/index.js";
import { BadInput } from "../bad-input.js";
import { readBytes } from "./read-bytes.js";

export interface CsvOptions {
  /** The column to predict: its name, or its number from 0; negative numbers count from the end. Default −1. */
  readonly label?: string | number;
  /** Whether the first line names the columns. Default: if a feature in it is not a number, or `label` is a name. */
  readonly header?: boolean;
  /** Default ",". */
  readonly delimiter?: string;
}

interface CsvTable {
  readonly features: Table;
  /** Names of the features; without a header "column 0", "column 1", … */
  readonly names: readonly string[];
}

export interface LabelledCsv extends CsvTable {
  /** Number of each row's class. */
  readonly labels: number[];
  /** Names of the classes, as in the file, sorted. */
  readonly classes: readonly string[];
}

export interface NumericCsv extends CsvTable {
  readonly targets: number[];
}

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A table for classification: numbers, and a column of anything that names classes. The file may be gzipped. */
export function readLabelledCsv(path: string, options: CsvOptions = {}): LabelledCsv {
  const { features, names, column } = readTable(path, options);
  const classes = [...new Set(column.map(({ cell }) => cell))].sort(
    new Intl.Collator("en", { numeric: true }).compare,
  );
  const numbers = new Map(classes.map((name, c) => [name, c]));
  return { features, names, classes, labels: column.map(({ cell }) => numbers.get(cell) as number) };
}

/** A table for regression: numbers only. The file may be gzipped. */
export function readNumericCsv(path: string, options: CsvOptions = {}): NumericCsv {
  const { features, names, column, label } = readTable(path, options);
  return { features, names, targets: column.map(({ cell, line }) => toNumber(cell, path, line, label)) };
}

function readTable(path: string, { label = -1, header, delimiter = "," }: CsvOptions) {
  const rows = readRows(path, delimiter);
  const width = rows[0].cells.length;
  const guessed = typeof label === "string" ? undefined : columnOf(path, label, rows[0], false);
  const titled =
    header ?? (guessed === undefined || rows[0].cells.some((cell, j) => j !== guessed && !isNumber(cell)));
  const titles = titled ? rows[0].cells : rows[0].cells.map((_, j) => `column ${j}`);
  const at = columnOf(path, label, rows[0], titled);
  const data = titled ? rows.slice(1) : rows;
  if (data.length === 0) throw new BadInput(`${path}: must have rows of data, got only line ${rows[0].line}`);
  if (width < 2) throw new BadInput(`${path}: must have a column to predict and others, got ${width} column`);
  const values = data.flatMap(({ cells, line }) =>
    cells.flatMap((cell, j) => (j === at ? [] : [toNumber(cell, path, line, titles[j])])),
  );
  return {
    features: new Table(width - 1, values),
    names: titles.filter((_, j) => j !== at),
    label: titles[at],
    column: data.map(({ cells, line }) => ({ cell: cells[at], line })),
  };
}

function readRows(path: string, delimiter: string): Row[] {
  const rows = parseRows(path, delimiter);
  if (rows.length === 0) throw new BadInput(`${path}: must have rows of data, got an empty file`);
  const [{ cells: first, line: firstLine }] = rows;
  for (const { cells, line } of rows) {
    if (cells.length !== first.length)
      throw new BadInput(
        `${path}, line ${line}: must have ${first.length} fields, as line ${firstLine} has, got ${cells.length}`,
      );
  }
  return rows;
}

function parseRows(path: string, delimiter: string): Row[] {
  try {
    const records = parse(readBytes(path).toString("utf8"), {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as { readonly record: string[]; readonly info: Info }[];
    return records.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new BadInput(`${path}, line ${error.lines}: must be CSV (${error.message})`);
  }
}

/** The number of the column to predict. */
function columnOf(path: string, label: string | number, { cells, line }: Row, titled: boolean): number {
  if (typeof label === "number") {
    const at = label < 0 ? cells.length + label : label;
    if (Number.isInteger(at) && at >= 0 && at < cells.length) return at;
    throw new BadInput(`${path}: label must be a column from 0 to ${cells.length - 1}, got ${label}`);
  }
  const at = titled ? cells.indexOf(label) : -1;
  if (at >= 0) return at;
  if (!titled)
    throw new BadInput(`${path}: label must be a number, for no line names columns, got "${label}"`);
  throw new BadInput(`${path}, line ${line}: has no column "${label}", only ${cells.join(", ")}`);
}

const isNumber = (cell: string) => cell !== "" && Number.isFinite(Number(cell));

function toNumber(cell: string, path: string, line: number, title: string): number {
  if (isNumber(cell)) return Number(cell);
  throw new BadInput(`${path}, line ${line}: ${title} must be a number, got ${JSON.stringify(cell)}`);
}
