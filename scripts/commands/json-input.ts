import { readFileSync } from "node:fs";
import { BadInput, systemReason } from "../bad-input.js";

export interface JsonInput {
  /** The file as given, or "standard input". */
  readonly name: string;
  readonly value: unknown;
}

/**
 * Reads JSON from a file, or from standard input for "-".
 *
 * @throws BadInput when it cannot be read, or is not JSON: with the line and the column
 */
export async function readJson(file: string): Promise<JsonInput> {
  const name = file === "-" ? "standard input" : file;
  const text = (file === "-" ? await readStandardInput() : readFile(file)).replace(/^\uFEFF/, "");
  try {
    return { name, value: JSON.parse(text) };
  } catch {
    throw new BadInput(`${name}: is not JSON, ${describeError(text)}`);
  }
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    throw new BadInput(
      `${file}: cannot be read (${reason}); give a readable JSON file, or - for standard input`,
    );
  }
}

function describeError(text: string): string {
  const offset = jsonErrorOffset(text);
  const before = text.slice(0, offset).split("\n");
  const [found] = text.slice(offset);
  const what = found === undefined ? "it ends too early" : `unexpected ${JSON.stringify(found)}`;
  return `line ${before.length}, column ${before[before.length - 1].length + 1}: ${what}`;
}

const space = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Where text stops being JSON (RFC 8259): JSON.parse itself does not always tell. */
export function jsonErrorOffset(text: string): number {
  let offset = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = offset;
    if (!pattern.test(text)) return false;
    offset = pattern.lastIndex;
    return true;
  };
  const token = (pattern: RegExp) => take(space) && take(pattern);
  const list = (item: () => boolean, close: RegExp): boolean => {
    if (token(close)) return true;
    do if (!item()) return false;
    while (token(/,/y));
    return token(close);
  };
  const member = () => token(string) && token(/:/y) && value();
  const value = (): boolean => {
    if (token(/\{/y)) return list(member, /\}/y);
    if (token(/\[/y)) return list(value, /\]/y);
    return token(string) || token(scalar);
  };
  if (value()) take(space);
  return offset;
}
