import { estimate } from "../../agents/rediscover/rows.js";
import { formatNumber, plainNumber } from "../report/numbers.js";
import type { LineStyle } from "../report/palette.js";
import type { Picture, PicturePanel } from "../report/picture.js";
import { type NetworkName, networks } from "./images-networks.js";
import { type ImageRecord, type ImageRun, readRecord } from "./images-record.js";
import type { RuleName } from "./images-rules.js";
import type { Study } from "./study.js";
import { limits } from "./styles.js";

type Role = PicturePanel["series"][number]["role"];

/** In the colours that they have in the other figures. */
const rules: readonly { readonly rule: RuleName; readonly role: Role; readonly style: LineStyle }[] = [
  { rule: "ballistic", role: "predicted", style: limits[0] },
  { rule: "learned", role: "learned", style: { colour: "vermillion", width: 2 } },
  { rule: "Bayesian Adam", role: "exact", style: { colour: "blue", width: 2 } },
  { rule: "Adam", role: "baseline", style: { colour: "orange", width: 2, dash: "9 3" } },
  { rule: "SGD", role: "baseline", style: { colour: "green", width: 2, dash: "8 3 2 3" } },
];

function nameOf(rule: RuleName, { tuning }: ImageRecord, network: NetworkName): string {
  const tuned = tuning.find((result) => result.rule === rule && result.network === network);
  if (tuned) return `${rule}, tuned: α = ${plainNumber(tuned.learningRate)}`;
  return `${rule}, ${rule === "learned" ? "on parabolas" : "derived"}`;
}

/** Training loss and test accuracy of a network by every rule, epoch by epoch. */
export function imagesPicture(
  record: ImageRecord,
  network: NetworkName,
  text: Pick<Picture, "name" | "title">,
): Picture {
  const { settings } = record;
  const shown = rules.filter(({ rule }) => runsOf(record, network, rule).length > 0);
  const panel = (
    title: string,
    y: PicturePanel["y"],
    valuesOf: (run: ImageRun) => ImageRun["trainLoss"],
  ) => ({
    title,
    x: { label: `epoch (passes over ${whole(settings.train)} images)` },
    y,
    series: shown.map(({ rule, role }) => ({
      name: nameOf(rule, record, network),
      role,
      ...curve(runsOf(record, network, rule).map(valuesOf)),
    })),
  });
  return {
    ...text,
    caption: captionOf(record, network),
    styles: Object.fromEntries(shown.map(({ rule, style }) => [nameOf(rule, record, network), style])),
    panels: [
      panel("Training loss", { label: "cross-entropy (nats)", scale: "log" }, (run) => run.trainLoss),
      panel("Test accuracy", { label: "accuracy (share of test images)" }, (run) => run.testAccuracy),
    ],
  };
}

function runsOf({ runs }: ImageRecord, network: NetworkName, rule: RuleName): ImageRun[] {
  return runs.filter((run) => run.network === network && run.rule === rule);
}

/** Means over runs with their 95 % intervals, as long as all are finite. */
function curve(
  runs: readonly ImageRun["trainLoss"][],
): Pick<PicturePanel["series"][number], "points" | "band"> {
  const epochs = runs[0].map((_, epoch) => runs.map((values) => values[epoch] ?? Number.NaN));
  const estimates = epochs.map(estimate);
  return {
    points: estimates.map(({ mean }, epoch) => [epoch, mean] as const),
    band: estimates.map(({ mean, interval = [mean, mean] }) => interval),
  };
}

function captionOf(record: ImageRecord, network: NetworkName): string {
  const { train, validation, test, batchSize, seeds, tuning } = record.settings;
  const grids = Object.entries(tuning.learningRates).map(([rule, rates]) => `${rule} ${rates.length}`);
  return (
    `${network} (${networks[network].words}) on ${whole(train)} images of Fashion-MNIST, batches of ${batchSize}, judged on ${whole(test)} test images; ` +
    `means over ${seeds.length} seeds with 95 % intervals. SGD and Adam: the learning rate of the least loss on ${whole(validation)} other images after ` +
    `${tuning.epochs} epochs (rates tried: ${grids.join(", ")}). The others are not tuned: the first batch sets their units. They were derived for, or ` +
    "learned on, parabolas of unknown curvature with a long horizon, whose minima stand still, and saw no image before."
  );
}

const whole = (value: number) => value.toLocaleString("en");

/** The last values of each rule as text, for a terminal: mean and half the width of the 95 % interval. */
export function imagesTable(record: ImageRecord): string[] {
  return record.settings.networks.flatMap((network) =>
    rules.map(({ rule }) => {
      const runs = runsOf(record, network, rule);
      const last = (valuesOf: (run: ImageRun) => ImageRun["trainLoss"], decimals: number) => {
        const { mean, interval } = estimate(runs.map((run) => valuesOf(run).at(-1) ?? Number.NaN));
        return `${formatNumber(mean, decimals)}${interval ? ` ± ${formatNumber(mean - interval[0], decimals)}` : ""}`;
      };
      const numbers = `loss ${last((run) => run.trainLoss, 3)}, test accuracy ${last((run) => run.testAccuracy, 3)}`;
      return `${network}  ${nameOf(rule, record, network).padEnd(28)}  ${numbers}`;
    }),
  );
}

const figures = [
  ["MLP", "figure-2e", "2e  An MLP on images: rules from parabolas beside tuned ones"],
  ["CNN", "figure-2f", "2f  A convolutional network on images: the same rules"],
] as const;

export const figuresImages: readonly Study[] = figures.map(([network, name, title]) => ({
  group: "2",
  alias: "images",
  draw: (record) => imagesPicture(readRecord(record), network, { name, title }),
}));
