import { concat, defer, EMPTY, type Observable, of } from "rxjs";
import type { NavigationProblem, Seed } from "../../envs/index.js";
import { solve } from "../../solvers/index.js";
import type { Evaluator } from "../evaluators/evaluator.js";
import { version } from "../trainers/version.js";
import { adaptivityExperiment } from "./adaptivity.js";
import { applyRules, type Table } from "./application.js";
import type { RediscoverEvent } from "./events.js";
import type { Experiment, Findings, Setting, Trained } from "./experiment.js";
import { momentumExperiment } from "./momentum.js";
import type { ApplicationReport, Phenomenon, PhenomenonReport, Report, SettingReport } from "./report.js";
import { resetsExperiment } from "./resets.js";
import { trainPlan, workOf } from "./training.js";

export interface RediscoverOptions {
  /** Default: all. */
  readonly phenomena?: readonly Phenomenon[];
  /** Independent training runs of each setting. Default 5, or 1 when quick. */
  readonly seeds?: number;
  /** Root of all randomness. Default 0. */
  readonly seed?: Seed;
  /** One setting of each phenomenon, shorter training, regret limits doubled. Default false. */
  readonly quick?: boolean;
  /** Where the training episodes run. */
  readonly evaluator: Evaluator;
  /** Recorded in the report. Default 1. */
  readonly workers?: number;
  /** Milliseconds, such as `() => performance.now()`. */
  readonly clock: () => number;
  /** Real data for the derived and learned rules. Without it there is no application. */
  readonly table?: Table | undefined;
}

export const phenomena: readonly Phenomenon[] = ["momentum", "adaptivity", "resets"];

const experiments: Readonly<Record<Phenomenon, (quick: boolean) => Experiment>> = {
  momentum: momentumExperiment,
  adaptivity: adaptivityExperiment,
  resets: resetsExperiment,
};

/**
 * The main job: for each phenomenon states the problem, solves it, trains policies from scratch, probes them
 * beside the exact policy, and judges; then takes the rules to real data. Cold; unsubscribing cancels.
 */
export function rediscover(options: RediscoverOptions): Observable<RediscoverEvent> {
  return defer(() => new Run(options).events());
}

/** The state of one run, filled in as its events pass. */
class Run {
  private readonly options: Required<Omit<RediscoverOptions, "table">> & Pick<RediscoverOptions, "table">;
  private readonly experiments: readonly Experiment[];
  private readonly began: number;
  private readonly totalWork: number;
  private readonly reports: PhenomenonReport[] = [];
  private doneWork = 0;
  /** What was trained for the rules that the application takes to real data. */
  private adaptive: { readonly problem: NavigationProblem; readonly trained: readonly Trained[] } | undefined;
  private application: ApplicationReport | undefined;

  constructor(options: RediscoverOptions) {
    const quick = options.quick ?? false;
    this.options = { phenomena, seeds: quick ? 1 : 5, seed: 0, workers: 1, ...options, quick };
    this.experiments = this.options.phenomena.map((phenomenon) => experiments[phenomenon](quick));
    this.began = options.clock();
    const plans = this.experiments.flatMap(({ settings }) => settings.flatMap((setting) => setting.plans));
    this.totalWork = plans.reduce((total, plan) => total + this.options.seeds * workOf(plan), 0);
  }

  events(): Observable<RediscoverEvent> {
    return concat(
      of({ kind: "started", lossgym: version, configuration: this.configuration() } as const),
      ...this.experiments.map((experiment) => this.runExperiment(experiment)),
      defer(() => this.runApplication()),
      defer(() => of({ kind: "finished", report: this.report() } as const)),
    );
  }

  private configuration(): Report["configuration"] {
    const { phenomena, seeds, seed, quick, workers, evaluator } = this.options;
    return { phenomena, seeds, seed, quick, workers, backend: evaluator.backend };
  }

  private runExperiment(experiment: Experiment): Observable<RediscoverEvent> {
    const findings: Findings[] = [];
    const settings: SettingReport[] = [];
    return concat(
      ...experiment.settings.map((setting) => this.runSetting(experiment, setting, settings, findings)),
      defer(() => {
        const report = summarise(experiment, settings, findings);
        this.reports.push(report);
        return of({ kind: "phenomenon", report } as const);
      }),
    );
  }

  private runSetting(
    { phenomenon }: Experiment,
    setting: Setting,
    reports: SettingReport[],
    findings: Findings[],
  ): Observable<RediscoverEvent> {
    const { clock, seed, seeds, evaluator, quick } = this.options;
    const trained: Trained[] = [];
    let rule = "";
    let trainingBegan = 0;
    const runs = setting.plans.flatMap((plan) =>
      Array.from({ length: seeds }, (_, index) => ({ plan, index })),
    );
    return concat(
      this.phase(phenomenon, setting, "solve"),
      defer(() => {
        rule = solve(setting.problem).rule.text;
        trainingBegan = clock();
        return this.phase(phenomenon, setting, "train");
      }),
      ...runs.map(({ plan, index }) =>
        trainPlan(plan, setting.problem, {
          seed: trainingSeed(seed, phenomenon, setting, plan.policy, index),
          evaluator,
          clock,
          onProgress: (iteration, iterations, cost): RediscoverEvent => ({
            kind: "progress",
            phenomenon,
            setting: setting.name,
            policy: plan.policy,
            seed: index,
            iteration,
            iterations,
            cost,
            done: (this.doneWork + (workOf(plan) * iteration) / iterations) / this.totalWork,
          }),
          onTrained: (result) => {
            trained.push(result);
            this.doneWork += workOf(plan);
          },
        }),
      ),
      defer(() => {
        reports.push(settingReport(setting, rule, (clock() - trainingBegan) / 1000));
        return this.phase(phenomenon, setting, "probe");
      }),
      defer(() => {
        const probeSeed = `${seed}/probe/${phenomenon}/${setting.name}`;
        findings.push(setting.probe({ setting, trained, seed: probeSeed, regretAllowance: quick ? 2 : 1 }));
        if (phenomenon === "adaptivity") this.adaptive ??= { problem: setting.problem, trained };
        return EMPTY;
      }),
    );
  }

  private runApplication(): Observable<RediscoverEvent> {
    const { adaptive } = this;
    const { table, seed } = this.options;
    if (!table || !adaptive) return EMPTY;
    return concat(
      of({ kind: "phase", phenomenon: "application", setting: table.name, phase: "probe", done: 1 } as const),
      defer(() => {
        this.application = applyRules(table, adaptive.trained, adaptive.problem, {
          seed: `${seed}/application`,
        });
        return EMPTY;
      }),
    );
  }

  private phase(
    phenomenon: Phenomenon,
    { name }: Setting,
    phase: "solve" | "train" | "probe",
  ): Observable<RediscoverEvent> {
    return defer(() =>
      of({ kind: "phase", phenomenon, setting: name, phase, done: this.doneWork / this.totalWork } as const),
    );
  }

  private report(): Report {
    const { reports, application } = this;
    return {
      lossgym: version,
      configuration: this.configuration(),
      phenomena: reports,
      ...(application && { application }),
      met: reports.every(({ rows }) => rows.every(({ verdict }) => verdict === "met")),
      seconds: (this.options.clock() - this.began) / 1000,
    };
  }
}

/** Every training run has a seed of its own, that does not depend on which other runs there are. */
function trainingSeed(
  seed: Seed,
  phenomenon: Phenomenon,
  { name }: Setting,
  policy: string,
  index: number,
): string {
  return `${seed}/train/${phenomenon}/${name}/${policy}/${index}`;
}

function settingReport(
  { name, problem, plans }: Setting,
  rule: string,
  trainingSeconds: number,
): SettingReport {
  const [{ trainer, policy, options }] = plans;
  return {
    name,
    problem,
    rule,
    trainer,
    policy,
    steps: options.steps ?? 60,
    iterations: options.iterations ?? 0,
    trainingSeconds,
  };
}

function summarise(
  { phenomenon, title, question, figures }: Experiment,
  settings: readonly SettingReport[],
  findings: readonly Findings[],
): PhenomenonReport {
  return {
    phenomenon,
    title,
    question,
    settings,
    rows: findings.flatMap(({ rows }) => rows),
    figures: figures.map((figure) => ({
      ...figure,
      panels: findings.flatMap(({ panels }) => (figure.name in panels ? [panels[figure.name]] : [])),
    })),
  };
}
