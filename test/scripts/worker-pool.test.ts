import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastValueFrom, type Observable } from "rxjs";
import { expect, test, vi } from "vitest";
import type { Evaluator, Job, Workload } from "../../agents/evaluators/evaluator.js";
import { inlineEvaluator } from "../../agents/evaluators/inline.js";
import { emaBankFor, gruFor, policyModel } from "../../agents/policies/index.js";
import { bptt } from "../../agents/trainers/bptt.js";
import { es } from "../../agents/trainers/es.js";
import type { TrainingEvent } from "../../agents/trainers/events.js";
import { pes } from "../../agents/trainers/pes.js";
import { defineProblem, rootKey } from "../../envs/index.js";
import { type WorkerPoolOptions, workerPool } from "../../scripts/worker-pool.js";

const dist = new URL("../../dist/scripts/", import.meta.url);
const script = new URL("worker.js", dist);

const problem = defineProblem({
  landscape: { kind: "quadratic", dimension: 2, curvature: { logUniform: [0.1, 10] } },
  task: {
    kind: "static",
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
  observation: { kind: "gradient", noise: { fisher: { batchSize: 1 } } },
});
const model = policyModel(emaBankFor(problem, { hidden: [8] }));
const parameters = model.initialParameters(rootKey(1));
const workload: Workload = {
  problem,
  model,
  steps: 5,
  episodes: 8,
  terminal: "informed-value",
  want: "gradient",
};
const job = (firstIndex: number): Job => ({ workload, parameters, seed: 2, firstIndex });

async function withPool<T>(
  use: (pool: Evaluator) => Promise<T>,
  options: WorkerPoolOptions = {},
): Promise<T> {
  const pool = workerPool({ workers: 1, script, ...options });
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}

function dataUrl(program: string): string {
  return `data:text/javascript,${encodeURIComponent(program)}`;
}

async function trained(run: Observable<TrainingEvent>): Promise<Float64Array> {
  const last = await lastValueFrom(run);
  if (last.kind !== "finished") throw new Error(`ended with ${last.kind}`);
  return last.parameters;
}

/** Pairs in all phases of their episodes, on states that threads share. */
const persistent = (evaluator: Evaluator) =>
  pes(problem, model, { seed: 4, steps: 8, unroll: 2, tasks: 8, members: 10, iterations: 5, evaluator });

test.each<[string, (evaluator: Evaluator) => Observable<TrainingEvent>]>([
  [
    "bptt",
    (evaluator) => bptt(problem, model, { seed: 4, steps: 8, tasks: 40, chunk: 8, iterations: 5, evaluator }),
  ],
  [
    "bptt of a recurrent network",
    (evaluator) => {
      const gru = policyModel(gruFor(problem, { units: 8 }));
      return bptt(problem, gru, { seed: 4, steps: 8, tasks: 40, chunk: 8, iterations: 5, evaluator });
    },
  ],
  [
    "es",
    (evaluator) => es(problem, model, { seed: 4, steps: 8, tasks: 8, members: 10, iterations: 5, evaluator }),
  ],
  ["pes", persistent],
])("%s learns the same bits here and on 1, 2 and 3 workers", async (_name, run) => {
  const here = await trained(run(inlineEvaluator()));
  expect(here).not.toEqual(model.initialParameters(rootKey(4)));
  for (const workers of [1, 2, 3]) {
    expect(await withPool((pool) => trained(run(pool)), { workers })).toEqual(here);
  }
});

test("the reference backend runs in workers too", async () => {
  const backend = "reference";
  await withPool(
    async (pool) => {
      const { kernelsOf } = await import("../../agents/evaluators/backend.js");
      const here = await inlineEvaluator({ kernels: kernelsOf(backend) }).evaluate(job(0));
      expect(pool.backend).toBe(backend);
      expect(await pool.evaluate(job(0))).toEqual(here);
      expect(here).not.toEqual(await inlineEvaluator().evaluate(job(0)));
    },
    { backend },
  );
});

test("a worker remembers only some workloads, and is told the others again", async () => {
  const workloads = [3, 4, 5, 6, 7, 8].map((steps): Workload => ({ ...workload, steps }));
  await withPool(async (pool) => {
    const evaluateAll = () =>
      Promise.all(workloads.map((each) => pool.evaluate({ ...job(0), workload: each })));
    const first = await evaluateAll();
    expect(new Set(first.map(({ cost }) => cost)).size).toBe(6);
    expect(await evaluateAll()).toEqual(first);
  });
});

test("landscapes with functions run on this thread", async () => {
  const custom = defineProblem({
    landscape: { kind: "custom", dimension: 1, loss: ([x]) => x ** 4 },
    start: { kind: "point", parameters: [1] },
  });
  const here: Workload = {
    ...workload,
    problem: custom,
    model: policyModel(emaBankFor(custom, { gain: 1 })),
    terminal: "none",
  };
  const at = here.model.initialParameters(rootKey(1));
  const { cost } = await withPool((pool) => pool.evaluate({ ...job(0), workload: here, parameters: at }), {
    script: new URL("data:text/javascript,process.exit(1)"),
  });
  expect(cost).toBeGreaterThan(0);
});

test("a job that fails says why, and the worker goes on", async () => {
  const bad: Workload = { ...workload, model: { ...model, config: { kind: "nonsense" } as never } };
  await withPool(async (pool) => {
    await expect(pool.evaluate({ ...job(0), workload: bad })).rejects.toThrow(
      'policy.kind: must be one of "memoryless"',
    );
    expect((await pool.evaluate(job(0))).diverged).toBe(0);
  });
});

/** The worker, which exits over a job: before it does any of that message, or once it has done it all. */
function crashing(isIt: string, when: string, moment: "before" | "after" = "before"): URL {
  const crash = `import { parentPort } from "node:worker_threads";
    import { existsSync, writeFileSync } from "node:fs";
    const isIt = ({ firstIndex, part }) => ${isIt};
    const post = parentPort.postMessage.bind(parentPort);
    let isNext = false;
    parentPort.postMessage = (...reply) => { if (isNext) process.exit(9); post(...reply); };
    parentPort.on("message", ({ jobs }) => {
      if (!(jobs?.some(isIt) && ${when})) return;
      if (${moment === "before"}) process.exit(9);
      isNext = true;
    });`;
  // Evaluated in this order, so that the crash comes before the job is done.
  const imports = [dataUrl(crash), script.href].map((from) => `import ${JSON.stringify(from)};`);
  return new URL(dataUrl(imports.join("")));
}

test("the job of a worker that crashes is done again by another", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lossgym-pool-"));
  const mark = JSON.stringify(join(folder, "crashed"));
  const once = `!existsSync(${mark}) && (writeFileSync(${mark}, ""), true)`;
  await withPool(
    async (pool) => {
      const here = inlineEvaluator();
      const results = await Promise.all([0, 7, 8].map((first) => pool.evaluate(job(first))));
      expect(existsSync(join(folder, "crashed"))).toBe(true);
      for (const [i, first] of [0, 7, 8].entries())
        expect(results[i]).toEqual(await here.evaluate(job(first)));
    },
    { script: crashing("firstIndex === 7", once) },
  );
  rmSync(folder, { recursive: true });
});

test("a training is the same though a worker crashes on the way", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lossgym-pool-"));
  const mark = join(folder, "crashed");
  const text = JSON.stringify(mark);
  // In the middle of an episode, when the states have been written that the job would start from were they not kept.
  const once = `!existsSync(${text}) && (writeFileSync(${text}, ""), true)`;
  const here = await trained(persistent(inlineEvaluator()));
  await withPool(async (pool) => expect(await trained(persistent(pool))).toEqual(here), {
    script: crashing("firstIndex === 0 && part.from === 4", once, "after"),
  });
  expect(existsSync(mark)).toBe(true);
  rmSync(folder, { recursive: true });
});

test("a job that crashes every worker is rejected, and the others are done", async () => {
  await withPool(
    async (pool) => {
      // Enough that workers take several at once.
      const indices = Array.from({ length: 16 }, (_, i) => i);
      const results = await Promise.allSettled(indices.map((first) => pool.evaluate(job(first))));
      for (const [i, { status }] of results.entries())
        expect(status).toBe(i === 7 ? "rejected" : "fulfilled");
      expect(String((results[7] as PromiseRejectedResult).reason)).toBe(
        "Error: worker pool: 3 workers crashed over one job: it exited with code 9",
      );
    },
    { script: crashing("firstIndex === 7", "true") },
  );
});

test("a worker that cannot start says why", async () => {
  await withPool(
    (pool) =>
      expect(pool.evaluate(job(0))).rejects.toThrow(
        "worker pool: 3 workers crashed over one job: Cannot find module",
      ),
    { script: new URL("no-such-worker.js", dist) },
  );
});

test("closing rejects what is under way and what comes after", async () => {
  const pool = workerPool({ workers: 1, script });
  const jobs = Promise.allSettled([pool.evaluate(job(0)), pool.evaluate(job(8))]);
  await pool.close();
  for (const result of await jobs) expect(result.status).toBe("rejected");
  await expect(pool.evaluate(job(0))).rejects.toThrow("worker pool: it is closed");
});

test("unsubscribing drops the jobs that wait, and leaves the pool to others", async () => {
  await withPool(async (pool) => {
    const here = await inlineEvaluator().evaluate(job(0));
    const iterations: number[] = [];
    const options = { seed: 4, tasks: 64, chunk: 8, iterations: 10_000, evaluator: pool };
    await new Promise<void>((resolve) => {
      const subscription = bptt(problem, model, options).subscribe((event) => {
        if (event.kind === "progress") iterations.push(event.iteration);
        if (event.kind === "progress" && event.iteration === 2) {
          subscription.unsubscribe();
          resolve();
        }
      });
    });
    expect(await pool.evaluate(job(0))).toEqual(here);
    expect(iterations).toEqual([1, 2]);
  });
});

test("a signal that aborts rejects jobs that wait and jobs under way", async () => {
  await withPool(async (pool) => {
    const controller = new AbortController();
    const listen = vi.spyOn(controller.signal, "addEventListener");
    const jobs = [0, 8, 16].map((first) => pool.evaluate(job(first), controller.signal));
    expect(listen).toHaveBeenCalledTimes(1);
    controller.abort(new Error("enough"));
    for (const result of await Promise.allSettled(jobs))
      expect(String((result as PromiseRejectedResult).reason)).toBe("Error: enough");
    await expect(pool.evaluate(job(0), controller.signal)).rejects.toThrow("enough");
  });
});

test("an idle pool does not keep the process alive", () => {
  const program = `
    import { workerPool } from ${JSON.stringify(new URL("worker-pool.js", dist).href)};
    import { emaBankFor, policyModel } from ${JSON.stringify(new URL("../agents/policies/index.js", dist).href)};
    import { defineProblem, rootKey } from ${JSON.stringify(new URL("../envs/index.js", dist).href)};
    const problem = defineProblem({ landscape: { kind: "quadratic", curvature: [1] } });
    const model = policyModel(emaBankFor(problem));
    const workload = { problem, model, steps: 3, episodes: 4, terminal: "none", want: "cost" };
    const parameters = model.initialParameters(rootKey(1));
    const { cost } = await workerPool({ workers: 2 }).evaluate({ workload, parameters, seed: 1, firstIndex: 0 });
    console.log(cost >= 0);`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program], { timeout: 30_000 });
  expect(printed.toString()).toBe("true\n");
});

test("the number of workers must be whole and positive", () => {
  expect(() => workerPool({ workers: 0 })).toThrow("workers: must be a whole number >= 1, got 0");
});
