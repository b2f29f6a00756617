import { Command } from "commander";
import { table } from "../report/table.js";

/** `lossgym list`. */
export function listCommand(): Command {
  return new Command("list")
    .description("the registered environments")
    .option("--json", "print them as JSON, with their arguments")
    .addHelpText("after", examples)
    .action(async ({ json }: { json?: true }) => {
      const { list, spec, registeredProblem } = await import("../../envs/index.js");
      const { problemInBrief } = await import("../report/problem-words.js");
      const environments = list().map((id) => ({
        ...spec(id),
        description: problemInBrief(registeredProblem(id)),
      }));
      const rows = environments.map(({ id, description }) => [id, description]);
      const lines = table([{ heading: "id" }, { heading: "what is navigated" }], rows);
      process.stdout.write(`${json ? JSON.stringify(environments) : lines.join("\n")}\n`);
    });
}

const examples = `
Examples:
  $ lossgym list
  $ lossgym list --json`;
