import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Contestant, RuleSettings, TextbookName, TextbookOptions } from "../../agents/index.js";
import type { NavigationProblem } from "../../envs/index.js";
import { BadInput } from "../bad-input.js";
import { complaintsAsBadInput } from "./problem-input.js";

/** What a command that takes policies says of its arguments. */
export const policyArgument =
  "derived, a textbook rule such as adam or adam:alpha=0.01, or the folder of a saved policy";

/** What is known of the optimum, and the policy where one was derived. */
export interface Derived {
  readonly rule: Contestant | null;
  /** In words. */
  readonly optimum: string;
}

/** Solves a problem, if it can be solved and is to be. */
export async function derive(
  problem: NavigationProblem,
  { optimum = true }: { readonly optimum?: boolean } = {},
): Promise<Derived> {
  if (!optimum) return { rule: null, optimum: "not asked for" };
  const { derivedRule } = await import("../../agents/index.js");
  try {
    const rule = derivedRule(problem);
    const said = rule.isOptimal ? "exact" : `not known exactly: the solution is ${rule.status}`;
    return { rule, optimum: said };
  } catch (error) {
    const complains =
      error instanceof Error && (error.constructor === Error || error.name === "ProblemError");
    if (!complains) throw error;
    return { rule: null, optimum: `not known: ${error.message}` };
  }
}

/** What an argument names, before it is read. */
export type PolicyText = { readonly text: string } & (
  | { readonly kind: "derived" }
  | { readonly kind: "textbook"; readonly rule: TextbookName; readonly settings: string }
  | { readonly kind: "saved" }
);

/** @throws BadInput when it names no policy */
export async function parsePolicy(text: string): Promise<PolicyText> {
  const { textbookNames } = await import("../../agents/index.js");
  if (text === "derived") return { text, kind: "derived" };
  const [name, settings] = split(text);
  const rule = textbookNames.find((each) => each === name);
  if (rule) return { text, kind: "textbook", rule, settings };
  if (existsSync(text)) return { text, kind: "saved" };
  throw new BadInput(
    `${text}: is no policy; give derived, one of ${textbookNames.join(", ")}, or the folder of a saved policy`,
  );
}

/** @throws BadInput when the policy cannot be had, or cannot act on the problem */
export async function readContestant(
  policy: PolicyText,
  problem: NavigationProblem,
  { rule, optimum }: Derived,
  options: TextbookOptions,
): Promise<Contestant> {
  const { learnedRule, textbookRule } = await import("../../agents/index.js");
  const { text } = policy;
  if (policy.kind === "derived") {
    if (rule) return rule;
    throw new BadInput(`derived: the optimum is ${optimum}; leave derived out`);
  }
  if (policy.kind === "saved") {
    const { readPolicy } = await import("../run/policy-files.js");
    const saved = readPolicy(text);
    return complaintsAsBadInput(text, () => learnedRule(problem, saved, { name: titleOf(text) }));
  }
  const { settings } = policy;
  const given = readSettings(text, settings);
  const contestant = complaintsAsBadInput(text, () =>
    textbookRule(problem, policy.rule, { ...options, given }),
  );
  return settings ? { ...contestant, name: withSettings(contestant.name, settings) } : contestant;
}

function split(text: string): readonly [name: string, settings: string] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Such as "alpha=0.01,beta1=0.9". */
function readSettings(text: string, settings: string): RuleSettings {
  if (settings === "") return {};
  const entries = settings.split(",").map((part) => {
    const [key, value] = part.split("=");
    if (!key || !value || !Number.isFinite(Number(value)))
      throw new BadInput(`${text}: must list hyperparameters as name=number, got ${JSON.stringify(part)}`);
    return [key, Number(value)] as const;
  });
  return Object.fromEntries(entries);
}

/** "Adam, tuned" with beta1=0.9 is "Adam (beta1=0.9), tuned". */
function withSettings(name: string, settings: string): string {
  const [title, ...rest] = name.split(", ");
  return [`${title} (${settings.replaceAll(",", ", ")})`, ...rest].join(", ");
}

/** The folder's name, for its policy.json too. */
function titleOf(path: string): string {
  const name = basename(path);
  return name === "policy.json" ? basename(dirname(path)) : name.replace(/\.json$/, "");
}
