import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import type { TrainingState } from "../../agents/trainers/events.js";
import { BadInput, systemReason } from "../bad-input.js";

const FORMAT = "lossgym-checkpoint";
const VERSION = 1;

/** Where a training run was, and how long its events.jsonl then was, in bytes. */
export interface Checkpoint {
  readonly state: TrainingState;
  readonly eventsLength: number;
}

/** One line that says what it is and what its hash is, then the checkpoint as Node serialises it. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const body = serialize(checkpoint);
  return Buffer.concat([Buffer.from(`${FORMAT} ${VERSION} ${hashOf(body)}\n`), body]);
}

/** Null where there is no such file. @throws BadInput when it cannot be read, or is damaged or of another version */
export function readCheckpoint(file: string): Checkpoint | null {
  if (!existsSync(file)) return null;
  const bytes = readBytes(file);
  const end = bytes.indexOf("\n");
  const [format, version, hash] = bytes.subarray(0, Math.max(end, 0)).toString("latin1").split(" ");
  if (format !== FORMAT) throw new BadInput(`${file}: is not a checkpoint of lossgym`);
  if (version !== String(VERSION))
    throw new BadInput(`${file}: must be a checkpoint of version ${VERSION}, got ${JSON.stringify(version)}`);
  const body = bytes.subarray(end + 1);
  if (hashOf(body) !== hash)
    throw new BadInput(`${file}: is damaged; delete it to begin the run again from its configuration`);
  return deserialize(body);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = systemReason(error);
    throw reason === undefined ? error : new BadInput(`${file}: cannot be read (${reason})`);
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
