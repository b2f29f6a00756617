import { existsSync } from "node:fs";
import { BadInput } from "../bad-input.js";
import { imagesTable } from "./figure-images.js";
import { loadImages } from "./images-data.js";
import { type ImageRecord, type ImageSettings, readRecord, writeRecord } from "./images-record.js";
import { imageSettings, isComplete, measureImages } from "./images-study.js";

/**
 * Measures what is missing in a record, and says so on stderr.
 *
 * @throws BadInput without the data set, or when the record is of something else or cannot be written
 */
export async function recordImages(
  file: string,
  folder?: string,
  settings: ImageSettings = imageSettings,
): Promise<void> {
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  const before = earlier(file, settings);
  if (before && isComplete(before)) {
    tell(`${file}: has every run already; to measure anew, choose another --record`);
    return;
  }
  const data = loadImages(settings, folder);
  const save = (record: ImageRecord) => writeRecord(file, record);
  const record = await measureImages({ settings, data, before, save, tell });
  for (const line of imagesTable(record)) tell(line);
}

function earlier(file: string, settings: ImageSettings): ImageRecord | null {
  if (!existsSync(file)) return null;
  const record = readRecord(file);
  if (JSON.stringify(record.settings) === JSON.stringify(settings)) return record;
  throw new BadInput(`${file}: was measured with other settings; choose another --record`);
}
