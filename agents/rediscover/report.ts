import type { NavigationProblem } from "../../envs/index.js";

/** What a rediscovery run finds, as plain JSON: tables, figures and web page are drawn from this alone. */
export interface Report {
  readonly lossgym: string;
  readonly configuration: RunConfiguration;
  readonly phenomena: readonly PhenomenonReport[];
  readonly application?: ApplicationReport;
  /** Whether every row that has a tolerance met it. */
  readonly met: boolean;
  readonly seconds: number;
}

export interface RunConfiguration {
  readonly phenomena: readonly Phenomenon[];
  /** Independent training runs of each setting. */
  readonly seeds: number;
  /** Root of all randomness of the run. */
  readonly seed: number | string;
  readonly quick: boolean;
  /** Which trainers were asked for; absent: for each setting its usual one. */
  readonly trainers?: readonly TrainerName[];
  readonly workers: number;
  /** What computes the networks, such as "wasm-simd" or "reference". */
  readonly backend: string;
}

/** "phase-curve" is adaptivity at many horizons and steps; it is not among all. */
export type Phenomenon =
  | "momentum"
  | "adaptivity"
  | "resets"
  | "geometry"
  | "control"
  | "horizon"
  | "phase-curve";

export interface PhenomenonReport {
  readonly phenomenon: Phenomenon;
  readonly title: string;
  /** What is asked, and what the theory answers: a paragraph for a person. */
  readonly question: string;
  readonly settings: readonly SettingReport[];
  readonly rows: readonly Row[];
  readonly figures: readonly FigureData[];
}

/** A way to train: by gradients through the simulator, from costs alone, or from rewards. */
export type TrainerName = "bptt" | "es" | "pes" | "ppo";

export interface SettingReport extends TrainingReport {
  /** Such as "noise 1, drift 0.5". */
  readonly name: string;
  readonly problem: NavigationProblem;
  /** What `solve` says of it, in words and numbers. */
  readonly rule: string;
  /** What else it was trained by, where there were several trainers. */
  readonly further?: readonly TrainingReport[];
}

/** How the policies of a setting were trained by one trainer. */
export interface TrainingReport {
  readonly trainer: TrainerName;
  readonly policy: string;
  readonly steps: number;
  readonly iterations: number;
  /** Added up over the trainings, of which two may have gone on at once. */
  readonly trainingSeconds: number;
}

/** One line of the table. */
export interface Row {
  readonly setting: string;
  /** What trained the learned policies. */
  readonly trainer?: TrainerName;
  /** Such as "momentum decay β". */
  readonly quantity: string;
  /** Value of the theory's formula; absent where there is none. */
  readonly predicted?: number;
  /** The same probe on the exact policy. */
  readonly exact?: number;
  readonly learned: Estimate;
  readonly criterion: Criterion;
  readonly verdict: "met" | "missed";
  readonly note?: string;
}

/** A mean over training seeds with its 95 % t-interval; the interval is absent for one seed. */
export interface Estimate {
  readonly mean: number;
  readonly interval?: readonly [low: number, high: number];
  readonly values: readonly number[];
}

/** What the learned mean is held against. `outside` is for negative controls: they must miss. */
export type Criterion =
  | { readonly kind: "within"; readonly of: "predicted" | "exact"; readonly tolerance: number }
  | { readonly kind: "outside"; readonly of: "predicted" | "exact"; readonly tolerance: number }
  | { readonly kind: "at most"; readonly limit: number; readonly unit: "%" | "" }
  | { readonly kind: "at least"; readonly limit: number; readonly unit: "%" | "" };

/** A line figure. Every figure of the report has this form, so that all look alike. */
export interface FigureData {
  /** File name without extension, such as "momentum-kernel". */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  /** Panels side by side, such as one per setting. */
  readonly panels: readonly {
    readonly title: string;
    readonly series: readonly Series[];
    readonly marks?: readonly Mark[];
  }[];
}

export interface Axis {
  /** With its unit. */
  readonly label: string;
  readonly scale?: "linear" | "log";
}

export interface Series {
  readonly name: string;
  readonly role: "predicted" | "exact" | "learned" | "control" | "baseline" | "bound";
  readonly points: readonly (readonly [x: number, y: number])[];
  /** 95 % interval about each point. */
  readonly band?: readonly (readonly [low: number, high: number])[];
}

/** A labelled reference line. */
export interface Mark {
  readonly axis: "x" | "y";
  readonly value: number;
  readonly label: string;
}

/** Derived, learned and textbook rules on real data. */
export interface ApplicationReport {
  readonly title: string;
  readonly description: string;
  /** How the textbook rules were tuned: grid, seeds, budget. */
  readonly tuning: string;
  readonly steps: number;
  /** Loss that counts as reached. */
  readonly target: number;
  readonly optimum: number;
  readonly rules: readonly {
    readonly name: string;
    readonly role: Series["role"];
    readonly hyperparameters: Readonly<Record<string, number>>;
    readonly finalLoss: Estimate;
    /** Steps until the full loss is at or below the target; a run that never gets there counts as `steps`. */
    readonly stepsToTarget: Estimate;
    /** Share of runs that reached the target. */
    readonly reached: number;
  }[];
  readonly figures: readonly FigureData[];
}
