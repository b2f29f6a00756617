import { Command } from "commander";
import { oneOf } from "./options.js";

interface Options {
  readonly out: string;
  readonly png?: true;
  readonly json?: true;
  readonly record?: string;
  readonly data?: string;
}

const groups = ["1", "2", "3", "phase", "images", "all"] as const;

/** `lossgym figures`. */
export function figuresCommand(): Command {
  return new Command("figures")
    .description("the paper's figures and ours, drawn from the solvers")
    .argument("[which]", `one of ${groups.join(", ")}`, oneOf("figures", groups), "all")
    .option("--out <folder>", "where the files go; those of the same name are replaced", "figures")
    .option("--png", "PNG as well as SVG")
    .option("--json", "print the files, titles and captions as JSON")
    .option(
      "--record <file>",
      "what figures images measured, for figures 2e and 2f (default: it comes with lossgym)",
    )
    .option("--data <folder>", "where Fashion-MNIST is, for images (default: where Debian puts it)")
    .addHelpText("after", examples)
    .action(async (which: (typeof groups)[number], { out, png, json, record, data }: Options) => {
      const { openFigureFolder } = await import("../figures/figure-folder.js");
      const { pngDrawer } = await import("../figures/png.js");
      const draw = png && (await pngDrawer());
      const folder = openFigureFolder(out);
      const { shippedRecord } = await import("../figures/images-record.js");
      const measured = record ?? shippedRecord();
      if (which === "images") {
        const { recordImages } = await import("../figures/images-run.js");
        await recordImages(measured, data);
      }
      const { picturesOf } = await import("../figures/studies.js");
      const { pictureSvg } = await import("../report/picture.js");
      const figures = [];
      for (const picture of picturesOf(which, measured)) {
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
1: the double well; 2: the valley, and networks on images; 3: drifts and partial control; phase: phase diagrams and schedules.
images trains those networks first (about 25 minutes) and keeps what it finds in the record, piece by piece; interrupted, it goes
on where it was. The record that comes with lossgym is whole: give another --record to measure anew.
The JSON has { figures: [{ name, title, caption, files }] }.

Examples:
  $ lossgym figures
  $ lossgym figures phase --png --out pictures
  $ lossgym figures images --record images.json`;
