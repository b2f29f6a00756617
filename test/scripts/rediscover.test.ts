import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TrainingPlan } from "../../agents/rediscover/experiment.js";
import { trainingFiles } from "../../scripts/run/training-files.js";
import { ended, play, said, startLossgym, startPlaying, temporaryFolder } from "./command-line.js";
import { recording } from "./fixtures/events.js";
import { report } from "./fixtures/report.js";

const files = ["config.json", "events.jsonl", "figures", "report.html", "report.json", "trainings"];

function readEvents(folder: string): { kind: string }[] {
  const text = readFileSync(join(folder, "events.jsonl"), "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("a finished run", () => {
  test("leaves its files, prints every table, and exits 1 naming the rows that missed", () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = play(["--name", "mine"], folder);
    expect(code).toBe(1);
    const run = join(folder, "runs/mine");
    expect(readdirSync(run).sort()).toEqual(files);
    expect(readdirSync(join(run, "figures")).sort()).toEqual([
      "adaptivity-scaling.svg",
      "iris-loss.svg",
      "momentum-kernel.svg",
      "momentum-training.svg",
      "reset-path.svg",
    ]);
    expect(JSON.parse(readFileSync(join(run, "report.json"), "utf8"))).toEqual(report);
    expect(readEvents(run)).toEqual(JSON.parse(JSON.stringify(recording())));
    for (const { title, rows } of report.phenomena) {
      expect(stdout).toContain(title);
      for (const { setting } of rows) expect(stdout).toContain(setting);
    }
    expect(stdout).toContain(
      "15 of 16 checks met in 17.4\u00a0min.\nmissed: adaptivity, discount rate γ = 10, ",
    );
    expect(stdout).not.toContain("\u001b");
    expect(stderr).toContain("report: runs/mine/report.html\n");
  });

  test("exits 0 when every check is met", () => {
    const { code, stdout } = play([], temporaryFolder(), recording({ met: true }));
    expect(code).toBe(0);
    expect(stdout).toContain("16 of 16 checks met");
    expect(stdout).not.toContain("missed");
  });

  test("records how it was made", () => {
    const folder = temporaryFolder();
    const options = ["--seeds", "3", "--trainer", "es,bptt", "--seed", "two words", "--quick"];
    play(["momentum", ...options, "--name", "mine"], folder);
    expect(JSON.parse(readFileSync(join(folder, "runs/mine/config.json"), "utf8"))).toMatchObject({
      lossgym: "0.1.0",
      command: "lossgym rediscover momentum --quick --seeds 3 --trainer bptt,es --seed 'two words'",
      node: process.version,
      platform: process.platform,
      configuration: report.configuration,
    });
  });

  test("prints one JSON document with --json, and nothing else on stdout", () => {
    const { code, stdout, stderr } = play(["--json"], temporaryFolder());
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual(report);
    expect(stderr).toContain("missed: adaptivity");
  });

  test("names its folder by time and phenomenon", () => {
    const folder = temporaryFolder();
    play(["resets"], folder);
    expect(readdirSync(join(folder, "runs"))).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d-\d{6}-resets$/),
    ]);
  });

  test("replaces an earlier run with --overwrite, and only its files", () => {
    const folder = temporaryFolder();
    const run = join(folder, "runs/mine");
    mkdirSync(join(run, "figures"), { recursive: true });
    writeFileSync(join(run, "figures/stale.svg"), "");
    writeFileSync(join(run, "events.jsonl"), "stale\n");
    writeFileSync(join(run, "notes.txt"), "keep");
    play(["--name", "mine", "--overwrite"], folder);
    expect(readdirSync(run).sort()).toEqual([...files, "notes.txt"].sort());
    expect(readdirSync(join(run, "figures"))).not.toContain("stale.svg");
    expect(readEvents(run)).toHaveLength(recording().length);
  });

  test("tells its progress on stderr, a line a phase when nobody watches", () => {
    const { stderr } = play([], temporaryFolder());
    expect(stderr).toMatch(/^ {2}0 % {2}0:00 {2}momentum, noise 1, drift 0.5: training\nreport: /);
  });

  test("goes on when the reader of stdout leaves", async () => {
    const folder = temporaryFolder();
    const child = startPlaying(["--name", "mine"], folder);
    child.stdout?.destroy();
    const { code, stderr } = await ended(child);
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/EPIPE|defect/);
    expect(readdirSync(join(folder, "runs/mine")).sort()).toEqual(files);
  });
});

describe("an interrupted run", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s ends it with 130 and says how to go on", async (signal) => {
    const folder = temporaryFolder();
    const child = startPlaying(
      ["momentum", "--quick", "--name", "mine"],
      folder,
      recording({ finished: false }),
    );
    const outcome = ended(child);
    await said(child, /training/);
    child.kill(signal);
    const { code, stderr } = await outcome;
    expect(code).toBe(130);
    expect(stderr).toContain("interrupted at 30 %; finished trainings are kept in runs/mine/trainings\n");
    expect(stderr).toContain("to go on: lossgym rediscover --resume --name mine\n");
    const events = readEvents(join(folder, "runs/mine"));
    expect(events).toHaveLength(recording({ finished: false }).length + 1);
    expect(events.at(-1)).toEqual({ kind: "interrupted", done: 0.3 });
  });

  test("goes on as it was begun, behind what it had told", async () => {
    const folder = temporaryFolder();
    const child = startPlaying(
      ["momentum", "--quick", "--name", "mine"],
      folder,
      recording({ finished: false }),
    );
    const outcome = ended(child);
    await said(child, /training/);
    child.kill("SIGINT");
    await outcome;
    const config = readFileSync(join(folder, "runs/mine/config.json"), "utf8");
    const { code, stdout } = play(["--resume", "--name", "mine"], folder);
    expect(code).toBe(1);
    expect(stdout).toContain("15 of 16 checks met");
    expect(readFileSync(join(folder, "runs/mine/config.json"), "utf8")).toBe(config);
    expect(readFileSync(join(folder, "runs/mine/report.html"), "utf8")).toContain(
      "lossgym rediscover momentum --quick --seed 0",
    );
    const kinds = readEvents(join(folder, "runs/mine")).map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf("interrupted")).slice(0, 2)).toEqual(["interrupted", "started"]);
    const again = play(["--resume", "--name", "mine"], folder);
    expect(again.code).toBe(2);
    expect(again.stderr).toBe("lossgym: runs/mine: is finished; its report is runs/mine/report.html\n");
  });

  test("does not go on as something else, nor where nothing began", () => {
    const folder = temporaryFolder();
    const refused = (...words: string[]) => play(["--resume", ...words], folder);
    expect(refused().stderr).toBe("lossgym: --resume: needs the --name of the run to go on with\n");
    expect(refused("--name", "mine").stderr).toBe(
      "lossgym: runs/mine: holds no run to go on with; see --name and --out\n",
    );
    const { code, stderr } = refused("resets", "--name", "mine", "--quick");
    expect(code).toBe(2);
    expect(stderr).toBe(
      "lossgym: --resume: takes what was asked for from the run; leave out resets, --quick\n",
    );
    const run = join(folder, "runs/mine");
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, "config.json"), JSON.stringify({ lossgym: "0.0.1", request: {} }));
    expect(refused("--name", "mine").stderr).toMatch(/was begun by lossgym 0\.0\.1, and this is /);
  });

  test("a real one stops within two seconds, keeps what was trained, and does not train it again", async () => {
    const folder = temporaryFolder();
    const first = await interruptedInSecondSetting(["momentum", "--quick", "--name", "mine"], folder);
    expect(first).toContainEqual(expect.objectContaining({ kind: "progress", setting: "fully observed" }));
    const kept = readdirSync(join(folder, "runs/mine/trainings"));
    expect(kept).toEqual(["0-train-momentum-fully-observed-memoryless-MLP-0-es.json"]);
    const all = await interruptedInSecondSetting(["--resume", "--name", "mine"], folder);
    const second = all.slice(first.length).filter(({ kind }) => kind === "progress");
    expect(second).not.toContainEqual(expect.objectContaining({ setting: "fully observed" }));
    expect(readdirSync(join(folder, "runs/mine"))).not.toContain("report.json");
  });

  async function interruptedInSecondSetting(words: string[], folder: string): Promise<{ kind: string }[]> {
    const child = startLossgym(["rediscover", ...words], folder);
    const outcome = ended(child);
    await said(child, /noise 1, drift 0.5: training/);
    const began = performance.now();
    child.kill("SIGINT");
    const { code } = await outcome;
    expect(performance.now() - began).toBeLessThan(2000);
    expect(code).toBe(130);
    const events = readEvents(join(folder, "runs/mine"));
    expect(events[0].kind).toBe("started");
    expect(events.at(-1)?.kind).toBe("interrupted");
    return events;
  }
});

test("the files of trainings give back every bit, and only what was kept under the very key", () => {
  const files = trainingFiles(join(temporaryFolder(), "new"));
  const training = {
    plan: { policy: "a" } as unknown as TrainingPlan,
    parameters: Float64Array.of(0.1, -0, 1 / 3, 5e-324),
    costs: [[1, 0.1 + 0.2]] as const,
    seconds: 1 / 7,
  };
  expect(files.read("0/γ = 1")).toBeNull();
  files.write("0/γ = 1", training);
  expect(files.read("0/γ = 1")).toEqual(training);
  expect(files.read("0/γ: 1")).toBeNull();
});
