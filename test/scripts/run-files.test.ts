import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { memoryless, memorylessFor } from "../../agents/policies/memoryless.js";
import { savePolicy } from "../../agents/policies/saved-policy.js";
import { registeredProblem } from "../../envs/index.js";
import { type Checkpoint, encodeCheckpoint, readCheckpoint } from "../../scripts/run/checkpoint.js";
import { readPolicy, writePolicy } from "../../scripts/run/policy-files.js";
import { openRunFolder, reopenRunFolder } from "../../scripts/run/run-folder.js";
import { startWatch } from "../../scripts/run/watch.js";
import { temporaryFolder } from "./command-line.js";

/** A disk of 64 kB, where this process may mount one. */
const disk = mkdtempSync(join(tmpdir(), "lossgym-disk-"));
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", disk]).status === 0;
afterAll(() => {
  if (mounted) spawnSync("umount", [disk]);
  rmdirSync(disk);
});

describe("a checkpoint", () => {
  const checkpoint: Checkpoint = {
    eventsLength: 12,
    state: {
      iteration: 3,
      parameters: Float64Array.of(1 / 3, Number.NaN, -0),
      optimizer: { count: 3, mean: Float64Array.of(1), square: Float64Array.of(2) },
      particles: [
        {
          episode: 1,
          step: 2,
          perturbation: Float64Array.of(5),
          states: null,
        },
      ],
    },
  };
  const write = (bytes: Uint8Array): string => {
    const file = join(temporaryFolder(), "checkpoint");
    writeFileSync(file, bytes);
    return file;
  };

  test("comes back as it was", () => {
    expect(readCheckpoint(write(encodeCheckpoint(checkpoint)))).toEqual(checkpoint);
    expect(readCheckpoint(join(temporaryFolder(), "checkpoint"))).toBeNull();
  });

  test("that lost a bit, anywhere, is refused", () => {
    const whole = Uint8Array.from(encodeCheckpoint(checkpoint));
    for (let at = 0; at < whole.length; at += 23) {
      const damaged = whole.slice();
      damaged[at] ^= 4;
      expect(() => readCheckpoint(write(damaged)), `byte ${at}`).toThrow(/^.*checkpoint: (is|must)/);
    }
    expect(() => readCheckpoint(write(whole.slice(0, -1)))).toThrow(
      "is damaged; delete it to begin the run again",
    );
  });

  test("of another version, or another kind of file, is refused", () => {
    const text = Buffer.from(encodeCheckpoint(checkpoint)).toString("latin1");
    const later = Buffer.from(text.replace("lossgym-checkpoint 1", "lossgym-checkpoint 2"), "latin1");
    expect(() => readCheckpoint(write(later))).toThrow('must be a checkpoint of version 1, got "2"');
    expect(() => readCheckpoint(write(Buffer.from("{}")))).toThrow("is not a checkpoint of lossgym");
    expect(() => readCheckpoint(write(Buffer.from("")))).toThrow("is not a checkpoint of lossgym");
  });
});

describe("policy files", () => {
  const model = memoryless(memorylessFor(registeredProblem("lossgym/HiddenMinimum-v0"), { hidden: [2] }));
  const parameters = Float64Array.from({ length: model.parameterCount }, (_, i) => 1 / (i + 3));

  test.each(["", "mine.json"])("come back by the path %j", (name) => {
    const path = join(temporaryFolder(), name);
    writePolicy(path, savePolicy(model, parameters));
    const read = readPolicy(path);
    expect(read.parameters).toEqual(parameters);
    expect(read.model.config).toEqual(model.config);
  });

  test("say what is wrong with them", () => {
    const folder = temporaryFolder();
    expect(() => readPolicy(folder)).toThrow(
      "policy.json: cannot be read (there is no such file or folder); give the folder of a run, or its policy.json",
    );
    writePolicy(folder, savePolicy(model, parameters));
    writeFileSync(join(folder, "policy.bin"), new Uint8Array(8));
    expect(() => readPolicy(folder)).toThrow(
      /policy.json: is not a saved policy, weights: must be \d+ bytes/,
    );
  });
});

describe("a run folder", () => {
  const line = { text: "x".repeat(1000) };

  test("that goes on is cut back to where its checkpoint was", () => {
    const out = temporaryFolder();
    const first = openRunFolder({ out, name: "a", overwrite: false, contents: [] });
    first.append({ n: 1 });
    const length = first.syncEvents();
    first.append({ n: 2 });
    first.close();
    const second = reopenRunFolder(join(out, "a"), length);
    second.append({ n: 3 });
    second.close();
    expect(readFileSync(join(out, "a/events.jsonl"), "utf8")).toBe('{"n":1}\n{"n":3}\n');
    expect(() => reopenRunFolder(join(out, "a"), 1000)).toThrow(
      "events.jsonl: has 16 bytes, but the checkpoint was written after 1000",
    );
  });

  test.skipIf(!mounted)("on a full disk keeps what it has (needs the right to mount)", () => {
    const folder = openRunFolder({ out: disk, name: "a", overwrite: false, contents: [] });
    folder.write("checkpoint", "old");
    let lines = 0;
    const fill = () => {
      for (;;) {
        folder.append(line);
        lines++;
      }
    };
    expect(fill).toThrow(/a: cannot be written to \(the disk is full\); choose another --out/);
    expect(lines).toBeGreaterThan(10);
    expect(() => folder.write("checkpoint", "n".repeat(1e5))).toThrow("the disk is full");
    folder.close();
    expect(readFileSync(join(disk, "a/checkpoint"), "utf8")).toBe("old");
    expect(readdirSync(join(disk, "a")).sort()).toEqual(["checkpoint", "events.jsonl"]);
    const text = readFileSync(join(disk, "a/events.jsonl"), "utf8");
    expect(text).toBe(`${JSON.stringify(line)}\n`.repeat(lines));
  });
});

describe("the watch", () => {
  const open = async () => {
    const watch = await startWatch(0);
    onTestFinished(async () => {
      await watch.close();
    });
    return watch;
  };

  test("tells everyone everything, whenever they come, and ends with the run", async () => {
    const watch = await open();
    const early = fetch(`${watch.url}events`);
    watch.send({ kind: "progress", iteration: 1 });
    const response = await early;
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const late = await fetch(`${watch.url}events`);
    watch.send({ kind: "finished" });
    await watch.close();
    const told = 'data: {"kind":"progress","iteration":1}\n\ndata: {"kind":"finished"}\n\n';
    expect(await response.text()).toContain(told);
    expect(await late.text()).toContain(told);
    await expect(fetch(watch.url)).rejects.toThrow();
  });

  test("serves a page that needs nothing else, and nothing besides", async () => {
    const watch = await open();
    expect(new URL(watch.url).hostname).toBe("127.0.0.1");
    const page = await (await fetch(watch.url)).text();
    expect(page).toContain('new EventSource("/events")');
    expect(page).not.toMatch(/https?:|src=|<link|@import/);
    expect((await fetch(`${watch.url}etc/passwd`)).status).toBe(404);
    expect((await fetch(watch.url, { method: "POST" })).status).toBe(404);
  });

  test("says when its port is taken", async () => {
    const { port } = new URL((await open()).url);
    await expect(startWatch(Number(port))).rejects.toThrow(
      `--watch: cannot listen on port ${port} (it is in use); choose another, or 0 for any`,
    );
  });
});
