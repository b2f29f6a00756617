import { Command } from "commander";
import type { CheckReport, CheckResult } from "../../envs/index.js";
import { BadInput } from "../bad-input.js";
import { complaintsAsBadInput, problemArgument, readProblem } from "./problem-input.js";

/** Exit code when a rule was broken. */
const broken = 1;

/** What was checked, and what became of each rule. */
interface Checked extends CheckReport {
  readonly name: string;
}

/** `lossgym check`. */
export function checkCommand(): Command {
  return new Command("check")
    .description("whether environments keep their contract, and landscapes are what they say")
    .argument("[environment]", problemArgument)
    .option("--all", "check every registered environment")
    .option("--json", "print the results as JSON")
    .addHelpText("after", examples)
    .action(async (argument: string | undefined, { all, json }: { all?: true; json?: true }) => {
      const checked = await checkAll(await namesOf(argument, all === true));
      process.stdout.write(`${json ? JSON.stringify(checked) : checked.flatMap(linesOf).join("\n")}\n`);
      if (checked.some(({ passed }) => !passed)) process.exitCode = broken;
    });
}

async function namesOf(argument: string | undefined, all: boolean): Promise<readonly string[]> {
  if (all && argument !== undefined)
    throw new BadInput(`check: --all checks every environment, leave out ${JSON.stringify(argument)}`);
  if (argument !== undefined) return [argument];
  if (all) return (await import("../../envs/index.js")).list();
  throw new BadInput("check: give an id, a JSON file, or --all (see lossgym check --help)");
}

async function checkAll(names: readonly string[]): Promise<readonly Checked[]> {
  const checked: Checked[] = [];
  for (const name of names) checked.push(await check(name));
  return checked;
}

async function check(argument: string): Promise<Checked> {
  const { checkEnv, checkLandscape, checkNavigation, createLandscape, make, makeVec, navigationVectorEnv } =
    await import("../../envs/index.js");
  const { name, registered, problem } = await readProblem(argument);
  type Options = Parameters<Parameters<typeof checkEnv>[0]>[0];
  const batch = (options: Options) =>
    registered ? makeVec(name, options) : navigationVectorEnv(problem, options);
  // A landscape that is not finite at the start is bad input, and no broken rule.
  complaintsAsBadInput(name, () =>
    batch({ numEnvs: 1, autoresetMode: "disabled", seed: 0, maxEpisodeSteps: 1 }),
  );
  const reports = [
    registered ? checkEnv(batch, (options) => make(name, options)) : checkEnv(batch),
    checkNavigation(problem, batch),
    checkLandscape(createLandscape(problem.landscape)),
  ];
  return {
    name,
    passed: reports.every(({ passed }) => passed),
    checks: reports.flatMap(({ checks }) => checks),
  };
}

/** One line that sums up, and one for each rule that is broken. */
function linesOf({ name, checks }: Checked): string[] {
  const of = (status: CheckResult["status"]) => checks.filter((result) => result.status === status);
  const [passed, failed, skipped] = [of("passed"), of("failed"), of("skipped")];
  const counts = `${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`;
  return [`${name}: ${counts}`, ...failed.map(({ rule, message }) => `  ${rule}: ${message}`)];
}

const examples = `
The JSON is a list of { name, passed, checks: [{ rule, status, message }] }; status is passed, failed or
skipped. A message names what was found and the fix. Exit code 0: all passed; 1: a rule is broken; 2: bad input.

Examples:
  $ lossgym check lossgym/Quadratic-v0
  $ lossgym check problem.json
  $ lossgym check --all --json`;
