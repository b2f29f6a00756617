import type { Experiment, Findings, Setting, Trained } from "./experiment.js";
import type {
  FigureData,
  PhenomenonReport,
  Row,
  Series,
  SettingReport,
  TrainerName,
  TrainingReport,
} from "./report.js";

type Panel = FigureData["panels"][number];

/** What one trainer made of a setting, probed. */
export interface Outcome {
  readonly trainer: TrainerName;
  readonly trained: readonly Trained[];
  readonly findings: Findings;
}

/** How a setting was solved and trained. */
export function settingReport(
  { name, problem }: Setting,
  rule: string,
  outcomes: readonly Outcome[],
): SettingReport {
  const [first, ...further] = outcomes.map(trainingReport);
  return { name, problem, rule, ...first, ...(further.length > 0 && { further }) };
}

function trainingReport({ trainer, trained }: Outcome): TrainingReport {
  const [{ plan }] = trained;
  const { iterations } = plan.options;
  const steps = plan.trainer === "ppo" ? plan.options.episodeSteps : plan.options.steps;
  const trainingSeconds = trained.reduce((total, { seconds }) => total + seconds, 0);
  return { trainer, policy: plan.policy, steps, iterations, trainingSeconds };
}

/** A phenomenon over all its settings and trainers. */
export function summarise(
  { phenomenon, title, question, figures }: Experiment,
  settings: readonly SettingReport[],
  outcomes: readonly Outcome[],
): PhenomenonReport {
  const several = settings.some(({ further }) => further);
  return {
    phenomenon,
    title,
    question,
    settings,
    rows: outcomes.flatMap(({ trainer, findings }) => findings.rows.map((row): Row => ({ ...row, trainer }))),
    figures: figures.flatMap((figure) => {
      const panels = outcomes.flatMap(({ trainer, findings: { panels } }) =>
        figure.name in panels ? [several ? signed(panels[figure.name], trainer) : panels[figure.name]] : [],
      );
      return panels.length > 0 ? [{ ...figure, panels: merge(panels) }] : [];
    }),
  };
}

/** Names the trainer of what was trained. */
function signed(panel: Panel, trainer: TrainerName): Panel {
  const series = panel.series.map((each) =>
    each.role === "learned" || each.role === "control" ? { ...each, name: `${each.name}, ${trainer}` } : each,
  );
  return { ...panel, series };
}

/** Panels of one title become one, and so do series of one name: the points of all, by x. */
function merge(panels: readonly Panel[]): Panel[] {
  const titles = [...new Set(panels.map(({ title }) => title))];
  return titles.map((title) => {
    const alike = panels.filter((panel) => panel.title === title);
    const series = alike.flatMap((panel) => panel.series);
    const names = [...new Set(series.map(({ name }) => name))];
    return {
      ...alike[0],
      series: names.map((name) => joined(series.filter((each) => each.name === name))),
    };
  });
}

function joined(parts: readonly Series[]): Series {
  if (parts.length === 1) return parts[0];
  const places = new Map(
    parts.flatMap(({ points, band }) => points.map((point, i) => [point[0], { point, interval: band?.[i] }])),
  );
  const sorted = [...places.values()].sort((a, b) => a.point[0] - b.point[0]);
  const intervals = sorted.flatMap(({ interval }) => (interval ? [interval] : []));
  const { band: _, ...first } = parts[0];
  return {
    ...first,
    points: sorted.map(({ point }) => point),
    ...(intervals.length === sorted.length && { band: intervals }),
  };
}
