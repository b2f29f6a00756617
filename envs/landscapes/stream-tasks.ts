import { deriveKey, integerAt, type RandomKey, rootKey } from "../core/random.js";
import type { Landscape } from "./landscape.js";
import { network } from "./network.js";
import { classCount } from "./network-sizes.js";
import { regression } from "./regression.js";
import type { StreamSpec } from "./specs.js";
import { Table, tableOf } from "./table.js";

/** The landscape of each task of a stream. */
export interface StreamTasks {
  readonly count: number;
  readonly landscapeOf: (task: number) => Landscape;
}

interface Examples {
  readonly features: Table;
  readonly labels: readonly number[];
}

export function streamTasks(spec: StreamSpec): StreamTasks {
  const labels = spec.base.labels ?? [];
  const classes = classCount(labels);
  const examples = { features: tableOf(spec.base.features), labels };
  const key = rootKey(spec.seed);
  const made: Landscape[] = [];
  return {
    count: spec.variation === "class-incremental" ? Math.ceil(classes / spec.classesPerTask) : spec.tasks,
    landscapeOf(task) {
      made[task] ??= build(spec, variationOf(spec, examples, classes, key, task), classes);
      return made[task];
    },
  };
}

function build({ base }: StreamSpec, examples: Examples, classes: number): Landscape {
  if (base.kind === "network") return network({ ...base, ...examples }, classes);
  return regression({ ...base, ...examples }, classes);
}

function variationOf(
  { variation, classesPerTask }: StreamSpec,
  { features, labels }: Examples,
  classes: number,
  key: RandomKey,
  task: number,
): Examples {
  switch (variation) {
    case "permuted-features":
      return { features: permuteColumns(features, orderOf(key, task, features.columns)), labels };
    case "permuted-labels": {
      const names = orderOf(key, task, classes);
      return { features, labels: labels.map((label) => names[label]) };
    }
    case "class-incremental": {
      const shown = permutation(key, classes).slice(task * classesPerTask, (task + 1) * classesPerTask);
      return onlyClasses({ features, labels }, new Set(shown));
    }
  }
}

/** Task 0 permutes nothing. */
function orderOf(key: RandomKey, task: number, size: number): number[] {
  return task === 0 ? Array.from({ length: size }, (_, i) => i) : permutation(deriveKey(key, task), size);
}

/** Fisher and Yates. */
function permutation(key: RandomKey, size: number): number[] {
  const order = Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const other = integerAt(key, i, 0, i + 1);
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

function permuteColumns({ columns, values, rows }: Table, order: readonly number[]): Table {
  const permuted = new Float64Array(values.length);
  for (let e = 0; e < rows; e++) {
    for (let j = 0; j < columns; j++) permuted[e * columns + j] = values[e * columns + order[j]];
  }
  return new Table(columns, permuted);
}

function onlyClasses({ features, labels }: Examples, classes: ReadonlySet<number>): Examples {
  const { columns, values } = features;
  const shown = labels.map((_, e) => e).filter((e) => classes.has(labels[e]));
  const table = new Float64Array(shown.length * columns);
  shown.forEach((e, to) => {
    table.set(values.subarray(e * columns, (e + 1) * columns), to * columns);
  });
  return { features: new Table(columns, table), labels: shown.map((e) => labels[e]) };
}
