import type { Optimizer, Scalar, Variable } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../agents/backend.js";
import { deriveKey, type RandomKey, rootKey, type Seed, streams } from "../../envs/index.js";
import { batchesOf, classes, gatherLabels, gatherPixels, type ImageSet } from "./images-data.js";
import { initialVariables, type Network, scoresOf } from "./images-networks.js";
import { unitsOf } from "./images-rules.js";

/** A network in training: its weights, and the order in which it sees images, both from the seed. */
export interface Trainee {
  readonly tf: TensorFlow;
  readonly network: Network;
  readonly variables: readonly Variable[];
  readonly images: ImageSet;
  readonly batchSize: number;
  readonly key: RandomKey;
}

export function createTrainee(
  tf: TensorFlow,
  network: Network,
  images: ImageSet,
  { batchSize, seed }: { readonly batchSize: number; readonly seed: Seed },
): Trainee {
  const key = deriveKey(rootKey(seed), streams.minibatch);
  return { tf, network, variables: initialVariables(tf, network, seed), images, batchSize, key };
}

/** One pass over the images. */
export function trainEpoch(trainee: Trainee, optimizer: Optimizer, epoch: number): void {
  const { images, batchSize, key, variables } = trainee;
  for (const batch of batchesOf(images.count, batchSize, key, epoch))
    optimizer.minimize(() => batchLoss(trainee, batch), false, [...variables]);
}

/** Mean cross-entropy of some images, nats. */
function batchLoss({ tf, network, variables, images }: Trainee, batch: ArrayLike<number>): Scalar {
  const input = tf.tensor(gatherPixels(images, batch, network.order), [batch.length, network.order.length]);
  const labels = tf.tensor2d(gatherLabels(images, batch), [batch.length, classes]);
  return tf.losses.softmaxCrossEntropy(labels, scoresOf(tf, network, variables, input)) as Scalar;
}

/** The units of the rules that are not tuned, from the loss and gradient of the first batch. */
export function firstUnits(trainee: Trainee): ReturnType<typeof unitsOf> {
  const { tf, images, batchSize, key, variables } = trainee;
  const [first] = batchesOf(images.count, batchSize, key, 0);
  const { value, grads } = tf.variableGrads(() => batchLoss(trainee, first), [...variables]);
  const units = unitsOf(
    value.dataSync()[0],
    Object.values(grads).map((gradient) => gradient.dataSync()),
  );
  tf.dispose([value, grads]);
  return units;
}

/** Images that are judged at a time. */
const chunk = 1000;

export interface Judgement {
  /** Mean cross-entropy, nats. */
  readonly loss: number;
  /** Share of images whose highest score is that of their class. */
  readonly accuracy: number;
}

/** A network on all images of a set. */
export function judge({ tf, network, variables }: Trainee, images: ImageSet): Judgement {
  let [loss, hits] = [0, 0];
  for (let from = 0; from < images.count; from += chunk) {
    const batch = Int32Array.from({ length: Math.min(chunk, images.count - from) }, (_, i) => from + i);
    const input = tf.tensor(gatherPixels(images, batch, network.order), [batch.length, network.order.length]);
    const output = tf.tidy(() => scoresOf(tf, network, variables, input));
    const scores = output.dataSync() as Float32Array;
    tf.dispose([input, output]);
    batch.forEach((image, n) => {
      const own = scores.subarray(n * classes, (n + 1) * classes);
      const highest = Math.max(...own);
      const label = images.labels[image];
      loss += highest - own[label] + Math.log(own.reduce((sum, score) => sum + Math.exp(score - highest), 0));
      if (own.indexOf(highest) === label) hits++;
    });
  }
  return { loss: loss / images.count, accuracy: hits / images.count };
}

export function disposeTrainee({ tf, variables }: Trainee, optimizer: Optimizer): void {
  tf.dispose([...variables]);
  optimizer.dispose();
}
