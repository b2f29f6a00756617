import { parseArgs } from "node:util";
import { BadInput } from "../bad-input.js";

const usage = "bench [--json | --markdown] [--only PATTERN] [--repeats n]";

export interface Options {
  readonly format: "text" | "json" | "markdown";
  readonly only: RegExp;
  readonly repeats: number;
}

/** @throws BadInput when the command line is not understood */
export function optionsOf(argv: readonly string[]): Options {
  const { json, markdown, only, repeats: given } = parse(argv);
  const repeats = Number(given);
  if (!(Number.isInteger(repeats) && repeats >= 1))
    throw new BadInput(`--repeats: must be a whole number >= 1, got ${given}`);
  return { format: json ? "json" : markdown ? "markdown" : "text", only: patternOf(only), repeats };
}

function parse(argv: readonly string[]) {
  try {
    const boolean = { type: "boolean" } as const;
    const text = (preset: string) => ({ type: "string", default: preset }) as const;
    const options = { json: boolean, markdown: boolean, only: text(""), repeats: text("9") };
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new BadInput(`${(error as Error).message.split(". ")[0]}; usage: ${usage}`);
  }
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new BadInput(`--only: must be a regular expression, got ${text}`);
  }
}
