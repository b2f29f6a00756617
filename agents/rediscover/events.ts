import type { Phenomenon, PhenomenonReport, Report, RunConfiguration, TrainerName } from "./report.js";

/** What a rediscovery run tells as it goes; written one per line to events.jsonl. */
export type RediscoverEvent =
  | { readonly kind: "started"; readonly lossgym: string; readonly configuration: RunConfiguration }
  | {
      readonly kind: "phase";
      readonly phenomenon: Phenomenon | "application";
      readonly setting: string;
      readonly phase: "solve" | "train" | "probe";
      /** Share of the whole run that is done, 0 … 1. */
      readonly done: number;
    }
  | {
      readonly kind: "progress";
      readonly phenomenon: Phenomenon;
      readonly setting: string;
      readonly policy: string;
      readonly trainer?: TrainerName;
      readonly seed: number;
      readonly iteration: number;
      readonly iterations: number;
      /** Mean cost of the last training batch. */
      readonly cost: number;
      readonly done: number;
    }
  | { readonly kind: "phenomenon"; readonly report: PhenomenonReport }
  | { readonly kind: "finished"; readonly report: Report };
