import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lastValueFrom, toArray } from "rxjs";
import { describe, expect, test } from "vitest";
import { inlineEvaluator } from "../../agents/evaluators/inline.js";
import { referenceKernels } from "../../agents/kernels/reference.js";
import { memorylessFor } from "../../agents/policies/memoryless.js";
import { policyModel } from "../../agents/policies/policy-model.js";
import type { TrainingEvent } from "../../agents/trainers/events.js";
import { train } from "../../agents/trainers/train.js";
import { defineProblem, rootKey, uniformAt } from "../../envs/index.js";
import { trainCommand } from "../../scripts/commands/train.js";
import { readCheckpoint } from "../../scripts/run/checkpoint.js";
import { examiner } from "../../scripts/run/examination.js";
import { readPolicy } from "../../scripts/run/policy-files.js";
import { configurationFrom, trainerOf } from "../../scripts/run/training-configuration.js";
import { ended, said, startLossgym, temporaryFolder } from "./command-line.js";

const cli = fileURLToPath(new URL("../../dist/scripts/cli.js", import.meta.url));
const problem = "lossgym/HiddenMinimum-v0";
const small = ["--steps", "12", "--iterations", "150", "--checkpoint-every", "10"];
const agents = {
  es: ["--agent", "es", "--units", "4", "--tasks", "8", "--members", "8", ...small],
  pes: ["--agent", "pes", "--units", "4", "--tasks", "8", "--members", "6", "--unroll", "4", ...small],
  "cma-es": ["--agent", "cma-es", "--policy", "memoryless", "--hidden", "2", "--tasks", "8", ...small],
  ppo: [
    ...["--agent", "ppo", "--units", "4", "--environments", "4", "--episode-steps", "12", "--epochs", "2"],
    ...["--minibatches", "2", "--renew-every", "4", ...small],
  ],
} as const;

function eventsIn(run: string): (TrainingEvent | { kind: string })[] {
  const text = readFileSync(join(run, "events.jsonl"), "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function withoutTime(events: readonly { kind: string }[]): object[] {
  return events.flatMap((event) => (event.kind === "progress" ? [{ ...event, elapsed: 0 }] : []));
}

/** Told by the run's own config.json, on this thread, without a stop. */
async function uninterrupted(run: string): Promise<TrainingEvent[]> {
  const { configuration } = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
  const evaluator = inlineEvaluator();
  const trainer = trainerOf(configurationFrom(configuration), { evaluator });
  return lastValueFrom(train(trainer).pipe(toArray()));
}

/** Runs until it has told of some iterations, then for a random while. */
async function startAndEnd(
  args: readonly string[],
  folder: string,
  signal: NodeJS.Signals,
  draw: number,
): Promise<{ code: number | null; stderr: string }> {
  const file = join(folder, "runs/mine/events.jsonl");
  const before = existsSync(file) ? statSync(file).size : 0;
  const child = startLossgym(["train", ...args], folder);
  const outcome = ended(child);
  while (child.exitCode === null && !(existsSync(file) && statSync(file).size > before + 1500))
    await new Promise((resolve) => setTimeout(resolve, 2));
  const wait = 60 * uniformAt(rootKey("kill"), draw, 0);
  await new Promise((resolve) => setTimeout(resolve, wait));
  child.kill(signal);
  return outcome;
}

test.each([
  { agent: "cma-es", signals: ["SIGKILL"] },
  { agent: "pes", signals: ["SIGINT", "SIGKILL"] },
  { agent: "ppo", signals: ["SIGINT", "SIGKILL"] },
] as const)("$agent goes on to the same bits after $signals", async ({ agent, signals }) => {
  const folder = temporaryFolder();
  const run = join(folder, "runs/mine");
  for (const [i, signal] of signals.entries()) {
    const args = i === 0 ? [problem, ...agents[agent], "--name", "mine"] : ["--resume", "runs/mine"];
    const { code, stderr } = await startAndEnd([...args, "--workers", "1"], folder, signal, agent.length);
    expect(readdirSync(run)).not.toContain("report.json");
    if (signal === "SIGINT") {
      expect(code).toBe(130);
      expect(stderr).toContain("to go on: lossgym train --resume runs/mine\n");
      const [, iteration] = stderr.match(/interrupted after iteration (\d+) of 150\n/) ?? [];
      expect(readCheckpoint(join(run, "checkpoint"))?.state.iteration).toBe(Number(iteration));
      expect(eventsIn(run).at(-1)).toEqual({ kind: "interrupted", iteration: Number(iteration) });
    }
    // As a machine that loses power leaves it.
    appendFileSync(join(run, "events.jsonl"), '{"kind":"progress","itera');
  }
  const { code } = await ended(startLossgym(["train", "--resume", "runs/mine", "--workers", "2"], folder));
  expect(code).toBe(0);
  const whole = await uninterrupted(run);
  const last = whole.at(-1);
  if (last?.kind !== "finished") throw new Error("it did not finish");
  expect(readPolicy(run).parameters).toEqual(last.parameters);
  expect(withoutTime(eventsIn(run))).toEqual(withoutTime(whole));
});

test("a watched run shows what it tells, ends with exit 0, and leaves all its files", async () => {
  const folder = temporaryFolder();
  const iterations = ["--steps", "12", "--tasks", "8", "--iterations", "20"];
  const args = ["train", problem, ...iterations, "--name", "mine", "--workers", "1", "--json", "--watch"];
  const child = startLossgym([...args, "0", "--backend", "reference"], folder);
  const outcome = ended(child);
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  await said(child, /watch: http.*\n/);
  const [url] = stderr.match(/http:\/\/127\.0\.0\.1:\d+\//) ?? [];
  const stream = await (await fetch(`${url}events`)).text();
  const told = [...stream.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data));
  const run = join(folder, "runs/mine");
  expect(told).toEqual(eventsIn(run));
  expect(told[0]).toMatchObject({ kind: "started", trainer: "bptt", backend: "reference", seed: 0 });
  expect(told.at(-1).parameters).toEqual([...readPolicy(join(run, "policy.json")).parameters]);
  const { code, stdout } = await outcome;
  expect(code).toBe(0);
  expect(readdirSync(run).sort()).toEqual([
    "checkpoint",
    "config.json",
    "events.jsonl",
    "policy.bin",
    "policy.json",
    "report.json",
  ]);
  const report = JSON.parse(stdout);
  expect(report).toEqual(JSON.parse(readFileSync(join(run, "report.json"), "utf8")));
  const { regret, regretError, cost, status } = report.examination.reference;
  expect(status).toBe("exact");
  expect(report.examination.cost / cost - 1).toBeCloseTo(regret / 100, 10);
  expect(regret).toBeGreaterThan(3 * regretError);
  expect(stderr).toMatch(/iteration 20\/20, cost [\d.]+, on average -?[\d.]+ % above the exact optimum/);
});

test("where the optimum costs less than nothing, regret is not in percent", () => {
  const sunken = defineProblem({
    landscape: { kind: "expression", loss: "x^2 - 1" },
    start: { kind: "point", parameters: [1] },
  });
  const model = policyModel(memorylessFor(sunken, { hidden: [2] }));
  const options = { seed: 1, steps: 60, terminal: "none", kernels: referenceKernels() } as const;
  const { reference, cost } = examiner(sunken, options).examine(
    model,
    new Float64Array(model.parameterCount),
  );
  expect(reference?.cost).toBeLessThan(0);
  expect(reference?.knowsEnd).toBe(false);
  expect(reference?.excess).toBeCloseTo(cost - (reference?.cost ?? 0), 10);
  expect(reference?.excess).toBeGreaterThan(0);
  expect(reference).not.toHaveProperty("regret");
});

test("a file that may not grow ends a run with exit 2, and what was written stays", () => {
  const folder = temporaryFolder();
  // 12 blocks of 1024 bytes: a limit of the process, which the system enforces as it does a full disk.
  const command = `ulimit -f 12; exec "$0" "$@"`;
  const args = [process.execPath, cli, "train", problem, ...agents.es, "--name", "mine", "--workers", "1"];
  const { status, stderr } = spawnSync("bash", ["-c", command, ...args], { cwd: folder, encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /\nlossgym: runs\/mine: cannot be written to \(the file would be too large\); .*\n$/,
  );
  const run = join(folder, "runs/mine");
  const told = eventsIn(run).length;
  expect(told).toBeGreaterThan(20);
  const checkpoint = readCheckpoint(join(run, "checkpoint"));
  expect(checkpoint?.state.iteration).toBeGreaterThan(told - 30);
  expect(readdirSync(run).sort()).toEqual(["checkpoint", "config.json", "events.jsonl"]);
});

describe("bad input", () => {
  const parse = (args: readonly string[]) =>
    trainCommand("0.1.0")
      .exitOverride()
      .parseAsync(["node", "lossgym", ...args]);
  test.each([
    [[], "train: give a problem, or --resume with the folder of a run"],
    [[problem, "--agent", "sarsa"], '--agent: must be one of bptt, es, pes, cma-es, ppo, got "sarsa"'],
    [
      [problem, "--unroll", "3"],
      "--unroll: is not an option of bptt, which takes --learning-rate, --warm-up, --clip-norm, --tasks, --steps, --terminal, --chunk, --decisions",
    ],
    [[problem, "--learning-rate", "-1"], '--learning-rate: must be a number > 0, got "-1"'],
    [[problem, "--hidden", "8,x"], '--hidden: must be a whole number >= 1, got "x"'],
    [[problem, "--hidden", "8"], `${problem}: --hidden: is not an option of the policy gru`],
    [[problem, "--watch", "x"], '--watch: must be a port from 0 to 65535, got "x"'],
    [[problem, "--agent", "es", "--members", "3"], `${problem}: es: members must be even and > 0, got 3`],
    [
      [problem, "--agent", "cma-es"],
      `${problem}: cma-es: the policy must have at most 500 weights, got 2068; use es, or a smaller policy`,
    ],
    [["--resume", "nowhere"], "nowhere: is not the folder of a run, it holds no config.json"],
    [
      ["--resume", "x", "--seed", "3"],
      "--resume: the run goes on as it began, so only --workers, --watch, --json may be given, got --seed",
    ],
  ])("lossgym train %j is refused", async (args, message) => {
    await expect(parse(args)).rejects.toThrow(message);
  });

  test("a run of another version is not gone on with", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "config.json"), JSON.stringify({ lossgym: "0.0.1", configuration: {} }));
    await expect(parse(["--resume", folder])).rejects.toThrow(
      "config.json: was written by lossgym 0.0.1, and only that goes on to the same bits; this is 0.1.0",
    );
  });
});
