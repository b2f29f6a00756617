import { BadInput } from "../bad-input.js";

/** Parses a whole number >= 1 given to an option. */
export function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1) return value;
    throw new BadInput(`${option}: must be a whole number >= 1, got ${JSON.stringify(text)}`);
  };
}

/** One of a few words. */
export function oneOf<T extends string>(what: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new BadInput(`${what}: must be one of ${words.join(", ")}, got ${JSON.stringify(text)}`);
  };
}

/** A seed is a number where it reads like one, and text otherwise. */
export function seedOf(text: string): number | string {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** The name of a folder, not a path. */
export function folderName(text: string): string {
  if (/^[^/\\\0]+$/.test(text) && text !== "." && text !== "..") return text;
  throw new BadInput(
    `--name: must be the name of a folder, got ${JSON.stringify(text)}; give the path to --out`,
  );
}

/** A command line that a shell reads back as these words. */
export function shellCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}

/** The option of a name: --learning-rate of learningRate. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Such as "2026-01-31-093000-momentum", in universal time. */
export function runName(time: Date, what: string): string {
  const [day, clock] = time.toISOString().split("T");
  return `${day}-${clock.slice(0, 8).replaceAll(":", "")}-${what}`;
}
