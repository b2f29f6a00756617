import { emaBankFor } from "../../agents/policies/ema-bank.js";
import { fullFor, fullGruFor } from "../../agents/policies/full.js";
import { gruFor } from "../../agents/policies/gru.js";
import { linearEmaBankFor } from "../../agents/policies/linear-ema-bank.js";
import { lstmFor } from "../../agents/policies/lstm.js";
import { memorylessFor } from "../../agents/policies/memoryless.js";
import { minimumBankFor } from "../../agents/policies/minimum-bank.js";
import type { PolicyConfig } from "../../agents/policies/policy-model.js";
import { powerBankFor } from "../../agents/policies/power-bank.js";
import { hidesCurvature, hidesMinimum, type NavigationProblem } from "../../envs/index.js";

/** What a policy is made with, and which sizes it has. */
const policies = {
  memoryless: { make: memorylessFor, sizes: ["hidden"] },
  "linear-ema-bank": { make: (problem: NavigationProblem) => linearEmaBankFor(problem), sizes: [] },
  "ema-bank": { make: emaBankFor, sizes: ["hidden"] },
  "power-bank": { make: (problem: NavigationProblem) => powerBankFor(problem), sizes: [] },
  "minimum-bank": { make: minimumBankFor, sizes: ["hidden"] },
  gru: { make: gruFor, sizes: ["units"] },
  lstm: { make: lstmFor, sizes: ["units"] },
  full: { make: fullFor, sizes: ["hidden"] },
  "full-gru": { make: fullGruFor, sizes: ["units"] },
} as const satisfies Readonly<Record<PolicyConfig["kind"], { make: Maker; sizes: readonly (keyof Sizes)[] }>>;

type Maker = (problem: NavigationProblem, sizes?: Sizes) => PolicyConfig;

interface Sizes {
  /** Units of each hidden layer. */
  readonly hidden?: readonly number[];
  /** Units of memory. */
  readonly units?: number;
}

export interface PolicyOptions extends Sizes {
  /** Default: gru where something is hidden, else memoryless. */
  readonly policy?: PolicyConfig["kind"];
}

/** @throws Error when the policy has no such size, or the problem no observation that it can use */
export function policyFor(
  problem: NavigationProblem,
  { policy, hidden, units }: PolicyOptions,
): PolicyConfig {
  const hides = hidesMinimum(problem) || hidesCurvature(problem);
  const name = policy ?? (hides ? "gru" : "memoryless");
  const { make, sizes }: { make: Maker; sizes: readonly string[] } = policies[name];
  const given: Sizes = { ...(hidden && { hidden }), ...(units !== undefined && { units }) };
  const foreign = Object.keys(given).find((size) => !sizes.includes(size));
  if (foreign !== undefined) throw new Error(`--${foreign}: is not an option of the policy ${name}`);
  return make(problem, given);
}
