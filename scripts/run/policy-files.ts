import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadPolicy, type SavedPolicy } from "../../agents/policies/saved-policy.js";
import { BadInput, systemReason } from "../bad-input.js";
import { guardWrites, writeWhole } from "./whole-files.js";

/** Writes `policy.json` and, first, the weights beside it. `path` is a folder, or the .json file itself. */
export function writePolicy(path: string, { header, weights }: SavedPolicy): void {
  const { json, binary } = policyFiles(path);
  guardWrites(json, () => {
    writeWhole(binary, new Uint8Array(weights));
    writeWhole(json, `${JSON.stringify(header, null, 2)}\n`);
  });
}

/** @throws BadInput when the files cannot be read, or do not hold a policy */
export function readPolicy(path: string): ReturnType<typeof loadPolicy> {
  const { json, binary } = policyFiles(path);
  const text = readOrRefuse(json).toString("utf8");
  const weights = Uint8Array.from(readOrRefuse(binary)).buffer;
  try {
    return loadPolicy({ header: JSON.parse(text), weights });
  } catch (error) {
    throw new BadInput(
      `${json}: is not a saved policy, ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function policyFiles(path: string): { readonly json: string; readonly binary: string } {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? !path.endsWith(".json");
  const json = isFolder ? join(path, "policy.json") : path;
  return { json, binary: `${json.replace(/\.json$/, "")}.bin` };
}

function readOrRefuse(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    throw new BadInput(`${file}: cannot be read (${reason}); give the folder of a run, or its policy.json`);
  }
}
