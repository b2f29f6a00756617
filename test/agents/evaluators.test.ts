import { expect, test } from "vitest";
import { kernelsOf } from "../../agents/evaluators/backend.js";
import type { Job, Workload } from "../../agents/evaluators/evaluator.js";
import { inlineEvaluator } from "../../agents/evaluators/inline.js";
import { jobRunner } from "../../agents/evaluators/run-job.js";
import { emaBankFor, policyModel } from "../../agents/policies/index.js";
import { defineProblem, rootKey } from "../../envs/index.js";

const problem = defineProblem({
  landscape: { kind: "quadratic", curvature: [1, 3] },
  start: {
    kind: "gaussian",
    mean: [0, 0],
    covariance: [
      [1, 0],
      [0, 1],
    ],
  },
});
const model = policyModel(emaBankFor(problem, { hidden: [4] }));
const parameters = model.initialParameters(rootKey(1));
const workload: Workload = { problem, model, steps: 4, episodes: 4, terminal: "none", want: "gradient" };
const job = (firstIndex: number): Job => ({ workload, parameters, seed: 2, firstIndex });

test.each(["wasm", "reference"] as const)(
  "inline evaluation on %s kernels is what runJob gives",
  async (backend) => {
    const run = jobRunner(kernelsOf(backend));
    const evaluator = inlineEvaluator({ kernels: kernelsOf(backend) });
    expect(evaluator.backend).toBe(backend);
    const results = await Promise.all([0, 4, 8].map((first) => evaluator.evaluate(job(first))));
    expect(results).toEqual([0, 4, 8].map((first) => run(job(first))));
    expect(results[0]).not.toEqual(results[1]);
  },
);

test("a job does not depend on those before it, and its gradient is its own", () => {
  const run = jobRunner(kernelsOf("wasm"));
  const first = run(job(0));
  const kept = first.gradient?.slice();
  run({ ...job(4), parameters: parameters.map((value) => 3 * value) });
  expect(first.gradient).toEqual(kept);
  expect(run(job(0))).toEqual(first);
});

test("a job that wants the cost has the cost of the one that wants the gradient", () => {
  const run = jobRunner(kernelsOf("reference"));
  const { cost, gradient } = run({ ...job(0), workload: { ...workload, want: "cost" } });
  expect(gradient).toBeNull();
  expect(cost).toBeCloseTo(run(job(0)).cost, 12);
});

test("timers and messages get through between jobs", async () => {
  const evaluator = inlineEvaluator();
  const order: string[] = [];
  setImmediate(() => order.push("event"));
  await Promise.all([0, 1, 2].map((first) => evaluator.evaluate(job(first)).then(() => order.push("job"))));
  expect(order.indexOf("event")).toBeLessThan(2);
});

test("aborting rejects what has not run; a failed job does not stop the next", async () => {
  const evaluator = inlineEvaluator();
  const controller = new AbortController();
  const broken: Workload = { ...workload, steps: -1 };
  const jobs = [
    evaluator.evaluate(job(0)),
    evaluator.evaluate(job(1), controller.signal),
    evaluator.evaluate({ ...job(2), workload: broken }),
    evaluator.evaluate(job(3)),
  ];
  controller.abort(new Error("enough"));
  const statuses = (await Promise.allSettled(jobs)).map(({ status }) => status);
  expect(statuses).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  await expect(jobs[1]).rejects.toThrow("enough");
});

test("a closed evaluator runs nothing", async () => {
  const evaluator = inlineEvaluator();
  const waiting = evaluator.evaluate(job(0));
  await evaluator.close();
  await expect(waiting).rejects.toThrow("evaluator: it is closed");
});
