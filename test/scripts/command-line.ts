import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished, vi } from "vitest";
import { recording } from "./fixtures/events.js";

const cli = fileURLToPath(new URL("../../dist/scripts/cli.js", import.meta.url));
const built = new URL("../../dist/scripts/main.js", import.meta.url).href;
const player = fileURLToPath(new URL("./fixtures/play.mjs", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
}

/** Runs the built command to its end. */
export function lossgym(args: readonly string[], { cwd, input = "" }: RunOptions = {}): Outcome {
  return run([cli, ...args], cwd, input);
}

/** Runs the built command in this process, which is faster: for commands that need no workers and no signals. */
export async function lossgymHere(
  args: readonly string[],
  { input = "" }: { readonly input?: string } = {},
): Promise<Outcome> {
  const said = { stdout: "", stderr: "" };
  const hear = (name: keyof typeof said) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      said[name] += chunk;
      return true;
    });
  const stdin = Readable.from([Buffer.from(input)]) as unknown as typeof process.stdin;
  const spies = [hear("stdout"), hear("stderr"), vi.spyOn(process, "stdin", "get").mockReturnValue(stdin)];
  try {
    const { main }: typeof import("../../scripts/main.js") = await import(built);
    await main(["node", "lossgym", ...args]);
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  }
}

/** Runs `lossgym rediscover …`, with a recorded run in place of a real one. */
export function play(args: readonly string[], cwd: string, events = recording()): Outcome {
  return run([player, record(cwd, events), "rediscover", ...args], cwd, "");
}

/** The same, still running. */
export function startPlaying(args: readonly string[], cwd: string, events = recording()): ChildProcess {
  return spawn(process.execPath, [player, record(cwd, events), "rediscover", ...args], { cwd });
}

/** The built command, still running. */
export function startLossgym(args: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, [cli, ...args], { cwd });
}

/** Resolves when the process has ended and its output is read. */
export function ended(child: ChildProcess): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}

/** Resolves when the process has said something on stderr that matches. */
export function said(child: ChildProcess, pattern: RegExp): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve();
    });
    child.on("close", () => reject(new Error(`never said ${pattern}: ${text}`)));
  });
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lossgym-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function record(folder: string, events: ReturnType<typeof recording>): string {
  const file = join(folder, "recording.json");
  writeFileSync(file, JSON.stringify(events));
  return file;
}

function run(args: readonly string[], cwd: string | undefined, input: string): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    timeout: 30_000,
  });
  return { code: status, stdout, stderr };
}
