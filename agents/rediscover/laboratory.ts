import { concat, defer, EMPTY, mergeMap, type Observable, of, range } from "rxjs";
import type { NavigationProblem, Seed } from "../../envs/index.js";
import { solve } from "../../solvers/index.js";
import type { Evaluator } from "../evaluators/evaluator.js";
import { version } from "../trainers/version.js";
import { applyRules, type Table } from "./application.js";
import { type Archive, noArchive } from "./archive.js";
import type { RediscoverEvent } from "./events.js";
import { type Experiment, planOf, type Setting, type Trained, type TrainingPlan } from "./experiment.js";
import type {
  ApplicationReport,
  Phenomenon,
  PhenomenonReport,
  Report,
  SettingReport,
  TrainerName,
} from "./report.js";
import { type Outcome, settingReport, summarise } from "./summary.js";
import { trainPlan, workOf } from "./training.js";

export interface LaboratoryOptions {
  /** Independent training runs of each setting. Default 5, or 1 when quick. */
  readonly seeds?: number;
  /** Root of all randomness. Default 0. */
  readonly seed?: Seed;
  /** One setting of each phenomenon, shorter training, regret limits doubled. Default false. */
  readonly quick?: boolean;
  /** Where the training episodes run. */
  readonly evaluator: Evaluator;
  /** Threads of the evaluator. Where there are several, two trainings go on at once. Default 1. */
  readonly workers?: number;
  /** Milliseconds, such as `() => performance.now()`. */
  readonly clock: () => number;
  /** Real data for the derived and learned rules. Without it there is no application. */
  readonly table?: Table | undefined;
  /** What trains; each trainer gets the same seeds. Default: for each setting its usual one. */
  readonly trainers?: readonly TrainerName[] | undefined;
  /** Where finished trainings are kept, and found when a run goes on. Default: nowhere. */
  readonly archive?: Archive;
}

/** Carries out experiments, one after the other, and reports. Cold; unsubscribing cancels. */
export function investigate(
  experiments: readonly Experiment[],
  options: LaboratoryOptions,
): Observable<RediscoverEvent> {
  return defer(() => new Run(experiments, options).events());
}

type Optional = "table" | "trainers";

/** So that workers have jobs of another training while the one at hand puts its update together. */
const TRAININGS_AT_ONCE = 2;

/** The state of one run, filled in as its events pass. */
class Run {
  private readonly options: Required<Omit<LaboratoryOptions, Optional>> & Pick<LaboratoryOptions, Optional>;
  private readonly experiments: readonly Experiment[];
  private readonly began: number;
  private readonly totalWork: number;
  private readonly reports: PhenomenonReport[] = [];
  private doneWork = 0;
  /** What was trained for the rules that the application takes to real data. */
  private adaptive: { readonly problem: NavigationProblem; readonly trained: readonly Trained[] } | undefined;
  private application: ApplicationReport | undefined;

  constructor(experiments: readonly Experiment[], options: LaboratoryOptions) {
    const quick = options.quick ?? false;
    this.options = {
      seeds: quick ? 1 : 5,
      seed: 0,
      workers: 1,
      archive: noArchive,
      ...options,
      quick,
    };
    this.experiments = experiments;
    this.began = options.clock();
    const plans = this.experiments.flatMap(({ settings }) =>
      settings.flatMap((setting) => this.plansOf(setting)),
    );
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
    const { seeds, seed, quick, trainers, workers, evaluator } = this.options;
    return {
      phenomena: this.experiments.map(({ phenomenon }) => phenomenon),
      seeds,
      seed,
      quick,
      ...(trainers && { trainers }),
      workers,
      backend: evaluator.backend,
    };
  }

  private runExperiment(experiment: Experiment): Observable<RediscoverEvent> {
    const outcomes: Outcome[] = [];
    const settings: SettingReport[] = [];
    return concat(
      ...experiment.settings.map((setting) => this.runSetting(experiment, setting, settings, outcomes)),
      defer(() => {
        const report = summarise(experiment, settings, outcomes);
        this.reports.push(report);
        return of({ kind: "phenomenon", report } as const);
      }),
    );
  }

  private runSetting(
    { phenomenon }: Experiment,
    setting: Setting,
    reports: SettingReport[],
    outcomes: Outcome[],
  ): Observable<RediscoverEvent> {
    let rule = "";
    const trained: Trained[] = [];
    return concat(
      this.phase(phenomenon, setting, "solve"),
      defer(() => {
        rule = solve(setting.problem).rule.text;
        return this.phase(phenomenon, setting, "train");
      }),
      ...this.plansOf(setting).map((plan) => this.train(phenomenon, setting, plan, trained)),
      this.phase(phenomenon, setting, "probe"),
      defer(() => {
        const found = this.trainersOf(setting).map((trainer) =>
          this.probe(
            phenomenon,
            setting,
            trainer,
            trained.filter(({ plan }) => plan.trainer === trainer),
          ),
        );
        reports.push(settingReport(setting, rule, found));
        outcomes.push(...found);
        if (phenomenon === "adaptivity") this.adaptive ??= { problem: setting.problem, trained };
        return EMPTY;
      }),
    );
  }

  private trainersOf({ usual }: Setting): readonly TrainerName[] {
    return this.options.trainers ?? [usual];
  }

  private plansOf(setting: Setting): TrainingPlan[] {
    return this.trainersOf(setting).flatMap((trainer) =>
      setting.recipes.map((recipe) => planOf(recipe, trainer)),
    );
  }

  /** As many independent trainings of one plan as there are seeds. */
  private train(
    phenomenon: Phenomenon,
    setting: Setting,
    plan: TrainingPlan,
    trained: Trained[],
  ): Observable<RediscoverEvent> {
    const { clock, seed, seeds, evaluator, archive, workers } = this.options;
    const results: Trained[] = [];
    const work = workOf(plan);
    const trainOne = (index: number) => {
      let done = 0;
      const advance = (share: number) => {
        this.doneWork += share * work - done;
        done = share * work;
      };
      return trainPlan(plan, setting.problem, {
        seed: trainingSeed(seed, phenomenon, setting, plan.policy, index),
        evaluator,
        clock,
        archive,
        onProgress: (iteration, iterations, cost): RediscoverEvent => {
          advance(iteration / iterations);
          return {
            kind: "progress",
            phenomenon,
            setting: setting.name,
            policy: plan.policy,
            trainer: plan.trainer,
            seed: index,
            iteration,
            iterations,
            cost,
            done: this.doneWork / this.totalWork,
          };
        },
        onTrained: (result) => {
          results[index] = result;
          advance(1);
        },
      });
    };
    // PPO has no jobs for workers.
    const atOnce = workers > 1 && plan.trainer !== "ppo" ? TRAININGS_AT_ONCE : 1;
    return concat(
      range(0, seeds).pipe(mergeMap(trainOne, atOnce)),
      defer(() => {
        trained.push(...results);
        return EMPTY;
      }),
    );
  }

  private probe(
    phenomenon: Phenomenon,
    setting: Setting,
    trainer: TrainerName,
    trained: readonly Trained[],
  ): Outcome {
    const { seed, quick } = this.options;
    const findings = setting.probe({
      setting,
      trained,
      seed: `${seed}/probe/${phenomenon}/${setting.name}`,
      regretAllowance: quick ? 2 : 1,
    });
    return { trainer, trained, findings };
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
