import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseBackend } from "../../agents/index.js";
import { deriveKey, rootKey } from "../../envs/index.js";
import { imagesPicture } from "../../scripts/figures/figure-images.js";
import { batchesOf, gatherPixels, type ImageData, loadImages } from "../../scripts/figures/images-data.js";
import { initialVariables, networks, scoresOf } from "../../scripts/figures/images-networks.js";
import {
  type ImageRecord,
  type ImageSettings,
  readRecord,
  shippedRecord,
  writeRecord,
} from "../../scripts/figures/images-record.js";
import { type UntunedRule, unitsOf, untunedOptimizer } from "../../scripts/figures/images-rules.js";
import { recordImages } from "../../scripts/figures/images-run.js";
import { imageSettings, isComplete, measureImages } from "../../scripts/figures/images-study.js";
import { createTrainee, firstUnits, judge, trainEpoch } from "../../scripts/figures/images-training.js";
import { lossgym, temporaryFolder } from "./command-line.js";

const settings: ImageSettings = {
  ...imageSettings,
  train: 96,
  validation: 16,
  test: 32,
  batchSize: 16,
  epochs: 2,
  networks: ["CNN"],
  seeds: [1, 2],
  tuning: { epochs: 1, seed: "tuning", learningRates: { SGD: [1e6, 0.1], Adam: [0.01] } },
  learning: { seed: 1, iterations: 40, tasks: 64, steps: 20 },
};

/** Images of class c have a bright square at a place of their own, on a ground that differs from image to image. */
function writeImages(folder: string, prefix: string, count: number): void {
  const pixels = new Uint8Array(count * 784);
  for (let n = 0; n < count; n++) {
    const [top, left] = [7 * Math.floor((n % 10) / 4), 7 * ((n % 10) % 4)];
    for (let i = 0; i < 784; i++) {
      const inside = Math.floor(i / 28) - top >= 0 && Math.floor(i / 28) - top < 6;
      pixels[n * 784 + i] =
        inside && (i % 28) - left >= 0 && (i % 28) - left < 6 ? 250 : (n * 7 + i * 3) % 40;
    }
  }
  const header = (...shape: number[]) => {
    const bytes = Buffer.alloc(4 + 4 * shape.length);
    bytes.writeUInt32BE(0x0800 + shape.length);
    for (const [i, length] of shape.entries()) bytes.writeUInt32BE(length, 4 + 4 * i);
    return bytes;
  };
  const labels = Uint8Array.from({ length: count }, (_, n) => n % 10);
  const file = (what: string) => join(folder, `${prefix}-${what}-ubyte`);
  writeFileSync(file("images-idx3"), Buffer.concat([header(count, 28, 28), pixels]));
  writeFileSync(file("labels-idx1"), Buffer.concat([header(count), labels]));
}

const folder = mkdtempSync(join(tmpdir(), "images-"));
writeImages(folder, "train", 112);
writeImages(folder, "t10k", 32);
afterAll(() => rmSync(folder, { recursive: true }));

const data: ImageData = loadImages(settings, folder);
const { tf } = await chooseBackend();

describe("the data", () => {
  test("validation images lie behind the training images, and keep their labels", () => {
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([96, 16, 32]);
    expect(data.validation.labels.slice(0, 3)).toEqual([6, 7, 8]);
    expect(data.validation.pixels[0]).toBeCloseTo(((96 * 7) % 40) / 255, 12);
  });

  test("an epoch shows each image at most once, and another epoch shows them in another order", () => {
    const key = rootKey(1);
    const [first, again, second] = [0, 0, 1].map((epoch) => batchesOf(70, 16, key, epoch));
    expect(first.map(({ length }) => length)).toEqual([16, 16, 16, 16]);
    expect(new Set(first.flatMap((batch) => [...batch])).size).toBe(64);
    expect(again).toEqual(first);
    expect(second).not.toEqual(first);
    expect(batchesOf(70, 16, deriveKey(key, 9), 0)).not.toEqual(first);
  });
});

describe("the networks", () => {
  test("the CNN's products with matrices are the convolutions of TensorFlow.js", () => {
    const network = networks.CNN;
    const variables = initialVariables(tf, network, 3);
    for (const bias of variables.filter(({ rank }) => rank === 1))
      bias.assign(tf.range(0, bias.size).mul(0.01).sub(0.02));
    const images = [0, 5, 9];
    const [filters, bias, filters2, bias2, dense, bias3, last, bias4] = variables;
    const pixels = gatherPixels(data.train, images, networks.MLP.order);
    const convolved = tf
      .conv2d(tf.tensor4d(pixels, [3, 28, 28, 1]), filters.reshape([5, 5, 1, 16]) as Tensor4D, 2, "valid")
      .add(bias)
      .relu()
      .conv2d(filters2.reshape([3, 3, 16, 32]) as Tensor4D, 3, "valid")
      .add(bias2)
      .relu();
    const hidden = tf
      .matMul(convolved.reshape([3, 512]) as Tensor2D, dense as Tensor2D)
      .add(bias3)
      .relu();
    const expected = tf
      .matMul(hidden as Tensor2D, last as Tensor2D)
      .add(bias4)
      .dataSync();
    const input = tf.tensor(gatherPixels(data.train, images, network.order), [3, network.order.length]);
    const scores = scoresOf(tf, network, variables, input).dataSync();
    expect(scores).toHaveLength(30);
    for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(expected[i], 4);
  });

  test.each(["MLP", "CNN"] as const)(
    "the %s starts as He et al. say, and the sizes are those it is told by",
    (name) => {
      const variables = initialVariables(tf, networks[name], 1);
      const sizes = { MLP: 784 * 512 + 512 + 512 * 256 + 256 + 2570, CNN: 416 + 4640 + 512 * 64 + 64 + 650 };
      expect(variables.reduce((total, { size }) => total + size, 0)).toBe(sizes[name]);
      const weights = Float32Array.from(variables[name === "MLP" ? 2 : 4].dataSync());
      const rows = 512;
      const variance = weights.reduce((sum, value) => sum + value * value, 0) / weights.length;
      expect((variance * rows) / 2).toBeCloseTo(1, 1);
    },
  );

  test("the gradient along each variable is the slope of the loss", () => {
    const trainee = createTrainee(tf, networks.CNN, data.train, { batchSize: 96, seed: 5 });
    const before = trainee.variables.map((variable) => variable.clone());
    const rate = 1e-3;
    // One step of gradient descent on all images shows the gradient.
    trainEpoch(trainee, tf.train.sgd(rate), 0);
    const slopes = trainee.variables.map((variable, i) => before[i].sub(variable).div(rate));
    const lossAt = (moved: number, along: number) => {
      trainee.variables.forEach((variable: Variable, i) => {
        variable.assign(i === moved ? before[i].add(slopes[i].mul(along)) : before[i].clone());
      });
      return judge(trainee, data.train).loss;
    };
    for (const [i, slope] of slopes.entries()) {
      const square = slope.square().sum().dataSync()[0];
      const step = 0.01 / Math.sqrt(square);
      expect((lossAt(i, step) - lossAt(i, -step)) / (2 * step * square)).toBeCloseTo(1, 1);
    }
  });
});

describe("the rules", () => {
  test("their units: a step of s uses up the loss, and the gradient is as large as on the parabolas", () => {
    const { parameterScale, lossScale } = unitsOf(2, [Float32Array.of(1, -1), [2]]);
    expect(parameterScale).toBeCloseTo(0.5, 12);
    // E[h² + h] by the midpoint rule over log h from 10⁻² to 10².
    const cells = 20_000;
    let square = 0;
    for (let i = 0; i < cells; i++) {
      const h = 10 ** (-2 + (4 * (i + 0.5)) / cells);
      square += (h * h + h) / cells;
    }
    expect((lossScale * parameterScale * Math.sqrt(2)) / Math.sqrt(square)).toBeCloseTo(1, 6);
  });

  const learned = readRecord(shippedRecord()).learned as NonNullable<ImageRecord["learned"]>;
  const firstStep = (rule: UntunedRule, slopes: readonly number[]) => {
    const weights = tf.variable(tf.tensor1d([...slopes.map(() => 1)]));
    const optimizer = untunedOptimizer(tf, rule, { parameterScale: 0.01, lossScale: 1 }, learned);
    optimizer.minimize(
      () =>
        weights
          .mul(tf.tensor1d([...slopes]))
          .sum()
          .asScalar(),
      false,
      [weights],
    );
    return [...weights.sub(1).dataSync()];
  };

  test("the ballistic rule moves every weight by s·Δt·√(ηk/B) against its gradient at first, whatever its size", () => {
    for (const [i, move] of firstStep("ballistic", [3, -0.02, 500]).entries())
      expect(move / (0.01 * 0.1)).toBeCloseTo([-1, 1, -1][i], 3);
  });

  test.each(["Bayesian Adam", "learned"] as const)(
    "%s goes down, further where the gradient is larger, but not in proportion",
    (rule) => {
      const [small, large, other] = firstStep(rule, [100, 1000, -1000]).map((move) => -move);
      expect(small).toBeGreaterThan(0);
      expect(large).toBeGreaterThan(small);
      expect(large).toBeLessThan(10 * small);
      expect(other).toBeLessThan(0);
    },
  );
});

describe("the study", () => {
  let record: ImageRecord;
  const told: string[] = [];
  const saved: ImageRecord[] = [];
  const measure = (before: ImageRecord | null) =>
    measureImages({
      settings,
      data,
      before,
      save: (each) => saved.push(each),
      tell: (text) => told.push(text),
    });
  beforeAll(async () => {
    record = await measure(null);
  });

  test("trains by every rule from every seed, from the same weights, and all learn", () => {
    expect(isComplete(record)).toBe(true);
    expect(record.runs).toHaveLength(10);
    for (const seed of settings.seeds) {
      const runs = record.runs.filter((run) => run.seed === seed);
      expect(new Set(runs.map(({ rule }) => rule)).size).toBe(5);
      expect(new Set(runs.map(({ trainLoss }) => trainLoss[0])).size).toBe(1);
    }
    expect(record.runs[0].trainLoss[0]).not.toBe(record.runs[5].trainLoss[0]);
    for (const { trainLoss, testAccuracy } of record.runs) {
      expect([trainLoss.length, testAccuracy.length]).toEqual([3, 3]);
      expect(trainLoss[2]).toBeLessThan((trainLoss[0] as number) - 0.1);
    }
  });

  test("tunes on validation images, where a rate that diverges loses", () => {
    const [{ rule, learningRate, validationLosses }] = record.tuning;
    expect([rule, learningRate, validationLosses.length]).toEqual(["SGD", 0.1, 2]);
    expect(validationLosses[0] ?? 100).toBeGreaterThan(validationLosses[1] as number);
    for (const run of record.runs.filter(({ rule: name }) => name === "SGD"))
      expect(run.numbers).toEqual({ learningRate: 0.1 });
  });

  test("saves after every piece, and goes on from a saved record to the same results", async () => {
    expect(saved.map(({ runs, tuning }) => runs.length + tuning.length)).toEqual([
      ...[0, 0, 1, 2],
      ...Array.from({ length: 10 }, (_, i) => 3 + i),
    ]);
    told.length = 0;
    const resumed = await measure({ ...record, runs: record.runs.slice(0, 8) });
    expect(told).toEqual(["CNN, seed 2: Bayesian Adam", "CNN, seed 2: learned"]);
    const results = ({ runs }: ImageRecord) => runs.map(({ seconds: _, ...rest }) => rest);
    expect(results(resumed)).toEqual(results(record));
  });

  test("its record reads back as it was, and a whole one is left alone", async () => {
    const file = join(temporaryFolder(), "images.json");
    writeRecord(file, record);
    expect(readRecord(file)).toEqual(record);
    await recordImages(file, "/nowhere", settings);
    expect(readRecord(file)).toEqual(record);
    await expect(recordImages(file, folder, { ...settings, epochs: 3 })).rejects.toThrow(
      `${file}: was measured with other settings; choose another --record`,
    );
  });

  test("draws the mean of the runs with its interval, and leaves a gap where a run is not finite", () => {
    const text = { name: "figure", title: "Figure" };
    const { panels } = imagesPicture(record, "CNN", text);
    const adam = panels[0].series.find(({ name }) => name.startsWith("Adam, tuned: α = 0.01"));
    const losses = record.runs
      .filter(({ rule }) => rule === "Adam")
      .map(({ trainLoss }) => trainLoss[2] as number);
    const [low, high] = adam?.band?.[2] ?? [];
    expect(adam?.points[2]).toEqual([2, (losses[0] + losses[1]) / 2]);
    // Student's t with one degree of freedom: 12.706.
    expect((high as number) - (low as number)).toBeCloseTo(12.7062 * Math.abs(losses[0] - losses[1]), 9);
    const runs = record.runs.map((run) => (run.rule === "SGD" ? { ...run, trainLoss: [2, 1, null] } : run));
    const broken = imagesPicture({ ...record, runs }, "CNN", text).panels[0].series;
    expect(broken.find(({ name }) => name.startsWith("SGD"))?.points).toEqual([
      [0, 2],
      [1, 1],
      [2, Number.NaN],
    ]);
  });

  test("the units of a run are those of its first batch", () => {
    const trainee = createTrainee(tf, networks.CNN, data.train, { batchSize: 16, seed: 2 });
    const { numbers } = record.runs.find(({ rule, seed }) => rule === "learned" && seed === 2)!;
    expect(numbers).toEqual(firstUnits(trainee));
  });
});

describe("the command", () => {
  test("without the data set it says how to get it, in one line, and writes no record", () => {
    const [out, empty] = [temporaryFolder(), temporaryFolder()];
    const file = join(out, "record.json");
    const args = ["figures", "images", "--data", empty, "--record", file, "--out", out];
    const { code, stdout, stderr } = lossgym(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^lossgym: .+: has no train-images.*apt-get install dataset-fashion-mnist\n$/);
    expect(existsSync(file)).toBe(false);
  });

  test("draws 2e and 2f from a whole record without the data set", () => {
    const out = temporaryFolder();
    const { code, stdout, stderr } = lossgym(["figures", "images", "--data", "/nowhere", "--out", out]);
    expect([code, stdout]).toEqual([0, `${join(out, "figure-2e.svg")}\n${join(out, "figure-2f.svg")}\n`]);
    expect(stderr).toMatch(/has every run already/);
  });

  test.each([
    [
      "no such file",
      () => join(temporaryFolder(), "none.json"),
      /there is no such file; to measure it: lossgym figures images/,
    ],
    ["a broken file", () => written("{"), /cannot be read \(.+\); choose another --record/],
    ["another file", () => written("[]"), /must be a record of figures images; choose another --record/],
  ])("refuses %s as a record in one line", (_, file, message) => {
    const { code, stderr } = lossgym(["figures", "2", "--record", file(), "--out", temporaryFolder()]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

function written(text: string): string {
  const file = join(temporaryFolder(), "record.json");
  writeFileSync(file, text);
  return file;
}
