import { Command } from "commander";
import type { Contestant } from "../../agents/index.js";
import { terminalStyle, wantsColour } from "../report/terminal-style.js";
import { seedOf, wholeNumber } from "./options.js";
import { derive, parsePolicy, policyArgument, readContestant } from "./policy-input.js";
import { complaintsAsBadInput, problemArgument, readProblem } from "./problem-input.js";

interface Options {
  readonly seeds: number;
  readonly episodes: number;
  readonly steps?: number;
  readonly tuning: number;
  readonly seed: number | string;
  readonly optimum: boolean;
  readonly out?: string;
  readonly json?: true;
}

/** `lossgym compare`. */
export function compareCommand(): Command {
  return new Command("compare")
    .description("what policies cost on the same held-out episodes, beside the optimum")
    .argument("<problem>", problemArgument)
    .argument("<policies...>", policyArgument)
    .option("--seeds <n>", "seeds, the strata of the bootstrap", wholeNumber("--seeds"), 8)
    .option("--episodes <n>", "episodes of each seed", wholeNumber("--episodes"), 64)
    .option("--steps <n>", "steps of each episode (default: to the horizon)", wholeNumber("--steps"))
    .option("--tuning <n>", "episodes that each setting of a rule is tried on", wholeNumber("--tuning"), 32)
    .option("--seed <seed>", "number or text; all randomness comes from it", seedOf, 0)
    .option("--no-optimum", "do not solve the problem: regret is then against the best policy given")
    .option("--out <folder>", "write comparison.json, .svg and .png there")
    .option("--json", "print the comparison as JSON")
    .addHelpText("after", examples)
    .action(run);
}

async function run(argument: string, policies: readonly string[], options: Options): Promise<void> {
  const { seeds, episodes, seed, tuning, json } = options;
  const steps = options.steps === undefined ? {} : { steps: options.steps };
  const parsed = await Promise.all(policies.map(parsePolicy));
  const { name, problem } = await readProblem(argument);
  const save = options.out === undefined ? undefined : await openFolder(options.out);
  const derived = await derive(problem, options);
  const contestants: Contestant[] = [];
  for (const policy of parsed)
    contestants.push(await readContestant(policy, problem, derived, { seed, episodes: tuning, ...steps }));
  const { compare } = await import("../../agents/index.js");
  const comparison = complaintsAsBadInput(name, () =>
    compare(problem, contestants, {
      seed,
      seeds,
      episodes,
      ...steps,
      ...(derived.rule?.isOptimal && { reference: derived.rule }),
    }),
  );
  const document = { problem: name, optimum: derived.optimum, ...comparison };
  const files = (await save?.(document)) ?? [];
  if (json) {
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const { comparisonText } = await import("../report/comparison.js");
  const style = terminalStyle(wantsColour(process.stdout, process.env));
  const text = comparisonText(problem, comparison, derived.optimum, style);
  process.stdout.write(`${[text, ...(files.length > 0 ? ["", ...files] : [])].join("\n")}\n`);
}

/** Made before the work, so that what could not be kept is never computed. */
async function openFolder(path: string) {
  const { openFigureFolder } = await import("../figures/figure-folder.js");
  const { pngDrawer } = await import("../figures/png.js");
  const { comparisonSvg } = await import("../report/comparison-figure.js");
  const draw = await pngDrawer();
  const folder = openFigureFolder(path);
  return (document: Parameters<typeof comparisonSvg>[0]): readonly string[] => {
    const svg = comparisonSvg(document);
    return [
      folder.write("comparison.json", `${JSON.stringify(document, null, 2)}\n`),
      folder.write("comparison.svg", svg),
      folder.write("comparison.png", draw(svg)),
    ];
  };
}

const examples = `
A textbook rule is tuned on episodes of other seeds (and the training pool of a landscape that has pools): its learning
rate, and what else it has. name:alpha=… gives all of it, name:beta1=… a part. Rules are gradient-descent, heavy-ball,
nesterov, adagrad, rmsprop, adam, adamw, sign-descent and lion. A policy may be given by the folder that holds its
policy.json. Where the optimum is not known exactly, regret is against the best policy given.

The JSON has { optimum, reference, policies: [{ name, cost, meanCost, regretPercent, diverged, profile }], factors };
intervals are [low, high]; profile has for each factor τ the fraction of episodes with at most τ times the cost of the
reference.

Examples:
  $ lossgym compare problem.json derived adam heavy-ball
  $ lossgym compare problem.json adam:alpha=0.01,beta1=0.9 runs/mine --out comparison
  $ lossgym compare lossgym/HiddenTask-v0 derived adam --json`;
