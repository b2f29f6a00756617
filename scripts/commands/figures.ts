import { Command } from "commander";
import { oneOf } from "./options.js";

interface Options {
  readonly out: string;
  readonly png?: true;
  readonly json?: true;
}

const groups = ["1", "2", "3", "phase", "all"] as const;

/** `lossgym figures`. */
export function figuresCommand(): Command {
  return new Command("figures")
    .description("the paper's figures and ours, drawn from the solvers")
    .argument("[which]", `one of ${groups.join(", ")}`, oneOf("figures", groups), "all")
    .option("--out <folder>", "where the files go; those of the same name are replaced", "figures")
    .option("--png", "PNG as well as SVG")
    .option("--json", "print the files, titles and captions as JSON")
    .addHelpText("after", examples)
    .action(async (which: (typeof groups)[number], { out, png, json }: Options) => {
      const { openFigureFolder } = await import("../figures/figure-folder.js");
      const { pngDrawer } = await import("../figures/png.js");
      const draw = png && (await pngDrawer());
      const folder = openFigureFolder(out);
      const { picturesOf } = await import("../figures/studies.js");
      const { pictureSvg } = await import("../report/picture.js");
      const figures = [];
      for (const picture of picturesOf(which)) {
        const svg = pictureSvg(picture);
        const files = [
          folder.write(`${picture.name}.svg`, svg),
          ...(draw ? [folder.write(`${picture.name}.png`, draw(svg))] : []),
        ];
        if (!json) process.stdout.write(`${files.join("\n")}\n`);
        figures.push({ name: picture.name, title: picture.title, caption: picture.caption, files });
      }
      if (json) process.stdout.write(`${JSON.stringify({ figures })}\n`);
    });
}

const examples = `
1: the double well; 2: the valley; 3: drifts and partial control; phase: phase diagrams and schedules.
The JSON has { figures: [{ name, title, caption, files }] }.

Examples:
  $ lossgym figures
  $ lossgym figures phase --png --out pictures`;
