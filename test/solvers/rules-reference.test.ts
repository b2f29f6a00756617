import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Policy } from "../../envs/core/policy.js";
import {
  adagrad,
  adam,
  adamw,
  gradientDescent,
  heavyBall,
  lion,
  nesterov,
  rmsprop,
  signDescent,
} from "../../solvers/rules/recipes.js";
import { muon } from "../../solvers/rules/recipes-geometry.js";
import { expectClose } from "./close.js";
import { follow, plain } from "./rules-follow.js";

describe("optax, on 40 given gradients", () => {
  const reference: {
    learningRate: number;
    start: number[];
    gradients: number[][];
    last: Record<string, number[]>;
  } = JSON.parse(readFileSync(new URL("rules-optax.json", import.meta.url), "utf8"));
  const { learningRate, start, gradients, last } = reference;
  const six = plain(6);
  const moments = { learningRate, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 };
  // optax scales its Muon apart from the orthogonalisation, so √max(1, rows/columns) is divided out.
  const step = { learningRate, momentum: 0.75, nesterov: false };
  const rules: Record<string, Policy> = {
    sgd: gradientDescent(six, { learningRate }),
    momentum: heavyBall(six, { learningRate, momentum: 0.75 }),
    nesterov: nesterov(six, { learningRate, momentum: 0.75 }),
    adagrad: adagrad(six, { learningRate }),
    rmsprop: rmsprop(six, { learningRate, epsilon: 1e-3 }),
    rmspropInRoot: rmsprop(six, { learningRate, epsilon: 1e-3, epsilonInRoot: true }),
    adam: adam(six, moments),
    adamw: adamw(six, { ...moments, weightDecay: 0.05 }),
    sign: signDescent(six, { learningRate }),
    lion: lion(six, { learningRate, beta1: 0.7, beta2: 0.9, weightDecay: 0.05 }),
    muon: muon(six, { ...step, shape: [2, 3] }),
    muonTall: muon(six, { ...step, learningRate: learningRate / Math.sqrt(1.5), shape: [3, 2] }),
  };

  test.each(Object.keys(last))("%s", (name) => {
    const path = follow(six, rules[name], start, gradients.length, (_, t) => gradients[t]);
    // Muon guards its norm with another tiny number than optax does.
    expectClose(path[path.length - 1], last[name], name.startsWith("muon") ? 1e-6 : 1e-12);
  });
});

describe("TensorFlow.js, over 100 steps on a parabola", () => {
  beforeAll(() => tf.setBackend("cpu"));
  const two = plain(2);
  const learningRate = 1 / 16;
  // Large enough that no rule swings about the minimum for ever, which would magnify float32 rounding.
  const epsilon = 1e-3;
  const curvature = [1, 0.25];
  const start = [0.5, -0.25];

  test.each<[string, () => tf.Optimizer, Policy]>([
    ["sgd", () => tf.train.sgd(learningRate), gradientDescent(two, { learningRate })],
    [
      "momentum",
      () => tf.train.momentum(learningRate, 0.75),
      heavyBall(two, { learningRate, momentum: 0.75 }),
    ],
    [
      "Nesterov momentum",
      () => tf.train.momentum(learningRate, 0.75, true),
      nesterov(two, { learningRate, momentum: 0.75 }),
    ],
    ["adagrad", () => tf.train.adagrad(learningRate), adagrad(two, { learningRate })],
    [
      "rmsprop",
      () => tf.train.rmsprop(learningRate, 0.875, 0, epsilon),
      rmsprop(two, { learningRate, decay: 0.875, epsilon, epsilonInRoot: true }),
    ],
    [
      "adam",
      () => tf.train.adam(learningRate, 0.75, 0.9375, epsilon),
      adam(two, { learningRate, beta1: 0.75, beta2: 0.9375, epsilon }),
    ],
  ])("%s", (_, optimizer, policy) => {
    const path = follow(two, policy, start, 100, (at) => at.map((value, i) => curvature[i] * value));
    const theirs = tensorflowPath(optimizer(), start, curvature, 100);
    const worst = Math.max(...path.flatMap((at, t) => Array.from(at, (x, i) => Math.abs(x - theirs[t][i]))));
    expect(worst).toBeLessThan(1e-6);
    // The path is not a trivial one.
    expect(Math.abs(path[5][0] - start[0])).toBeGreaterThan(0.1);
  });
});

function tensorflowPath(optimizer: tf.Optimizer, start: number[], curvature: number[], steps: number) {
  const at = tf.variable(tf.tensor1d(start));
  const h = tf.tensor1d(curvature);
  const path = Array.from({ length: steps }, () => {
    optimizer.minimize(() => at.square().mul(h).sum().mul(0.5), false, [at]);
    return at.dataSync().slice();
  });
  tf.dispose([at, h]);
  optimizer.dispose();
  return path;
}
