import type { TensorFlow } from "../../agents/backend.js";
import { chooseBackend, version } from "../../agents/index.js";
import type { ImageData } from "./images-data.js";
import { type NetworkName, networks } from "./images-networks.js";
import type { ImageRecord, ImageRun, ImageSettings, TuningResult } from "./images-record.js";
import {
  learnRule,
  type RuleName,
  type TunedRule,
  tunedOptimizer,
  tunedRules,
  type UntunedRule,
  untunedOptimizer,
  untunedRules,
} from "./images-rules.js";
import { createTrainee, disposeTrainee, firstUnits, judge, trainEpoch } from "./images-training.js";

/** What `lossgym figures images` measures. */
export const imageSettings: ImageSettings = {
  data: "Fashion-MNIST",
  train: 10_000,
  validation: 2000,
  test: 10_000,
  batchSize: 128,
  epochs: 4,
  networks: ["MLP", "CNN"],
  seeds: [1, 2, 3, 4, 5],
  tuning: {
    epochs: 2,
    seed: "tuning",
    learningRates: { SGD: [0.03, 0.1, 0.3, 1], Adam: [0.0003, 0.001, 0.003, 0.01, 0.03] },
  },
  learning: { seed: 1, iterations: 1500, tasks: 128, steps: 150 },
};

/** Whether all runs of its settings are there. */
export function isComplete({ runs, settings }: ImageRecord): boolean {
  const rules = tunedRules.length + untunedRules.length;
  return runs.length === settings.networks.length * settings.seeds.length * rules;
}

export interface MeasureOptions {
  readonly settings: ImageSettings;
  readonly data: ImageData;
  /** What an earlier measurement of the same settings has found; only the rest is done. */
  readonly before: ImageRecord | null;
  /** Keeps what is found so far. */
  readonly save: (record: ImageRecord) => void;
  /** Says what is about to be done. */
  readonly tell: (text: string) => void;
}

interface Bench extends MeasureOptions {
  readonly tf: TensorFlow;
}

/** Trains every network by every rule from every seed; the record is saved after each piece. */
export async function measureImages(options: MeasureOptions): Promise<ImageRecord> {
  const { settings, before, save, tell } = options;
  const { tf, description } = await chooseBackend();
  const bench: Bench = { ...options, tf };
  let record: ImageRecord = before ?? {
    lossgym: version,
    settings,
    backend: description,
    learned: null,
    tuning: [],
    runs: [],
  };
  const keep = (more: Partial<ImageRecord>) => {
    record = { ...record, ...more };
    save(record);
  };
  save(record);
  if (!record.learned) {
    tell("a rule learns from random parabolas");
    keep({ learned: await learnRule(settings.learning) });
  }
  for (const [network, rule] of pairs(settings.networks, tunedRules)) {
    if (record.tuning.some((done) => done.network === network && done.rule === rule)) continue;
    tell(`${network}: tuning ${rule}`);
    keep({ tuning: [...record.tuning, tune(bench, network, rule)] });
  }
  for (const seed of settings.seeds) {
    for (const [network, rule] of pairs(settings.networks, [...tunedRules, ...untunedRules])) {
      if (record.runs.some((run) => run.network === network && run.rule === rule && run.seed === seed))
        continue;
      tell(`${network}, seed ${seed}: ${rule}`);
      keep({ runs: [...record.runs, run(bench, record, network, rule, seed)] });
    }
  }
  return record;
}

function pairs<A, B>(first: readonly A[], second: readonly B[]): (readonly [A, B])[] {
  return first.flatMap((a) => second.map((b) => [a, b] as const));
}

/** The rate of the least loss on the validation images. */
function tune({ tf, data, settings }: Bench, network: NetworkName, rule: TunedRule): TuningResult {
  const { epochs, seed, learningRates } = settings.tuning;
  const losses = learningRates[rule].map((learningRate) => {
    const trainee = createTrainee(tf, networks[network], data.train, { ...settings, seed });
    const optimizer = tunedOptimizer(tf, rule, learningRate);
    for (let epoch = 0; epoch < epochs; epoch++) trainEpoch(trainee, optimizer, epoch);
    const { loss } = judge(trainee, data.validation);
    disposeTrainee(trainee, optimizer);
    return Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY;
  });
  const best = losses.indexOf(Math.min(...losses));
  return {
    network,
    rule,
    learningRate: learningRates[rule][best],
    validationLosses: losses.map(finiteOrNull),
  };
}

function run(
  { tf, data, settings }: Bench,
  { tuning, learned }: ImageRecord,
  network: NetworkName,
  rule: RuleName,
  seed: number,
): ImageRun {
  const started = performance.now();
  const trainee = createTrainee(tf, networks[network], data.train, { ...settings, seed });
  const tuned = tuning.find((result) => result.network === network && result.rule === rule);
  const numbers = tuned ? { learningRate: tuned.learningRate } : firstUnits(trainee);
  const optimizer =
    "learningRate" in numbers
      ? tunedOptimizer(tf, rule as TunedRule, numbers.learningRate)
      : untunedOptimizer(tf, rule as UntunedRule, numbers, learned as NonNullable<typeof learned>);
  const trainLoss = [];
  const testAccuracy = [];
  for (let epoch = 0; epoch <= settings.epochs; epoch++) {
    if (epoch > 0) trainEpoch(trainee, optimizer, epoch - 1);
    trainLoss.push(finiteOrNull(judge(trainee, data.train).loss));
    testAccuracy.push(judge(trainee, data.test).accuracy);
  }
  disposeTrainee(trainee, optimizer);
  const seconds = (performance.now() - started) / 1000;
  return { network, rule, seed, numbers: { ...numbers }, trainLoss, testAccuracy, seconds };
}

const finiteOrNull = (value: number) => (Number.isFinite(value) ? value : null);
