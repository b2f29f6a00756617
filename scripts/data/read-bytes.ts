import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { BadInput, systemReason } from "../bad-input.js";

/** The bytes of a file, unpacked if it is gzipped. */
export function readBytes(path: string): Buffer {
  const bytes = read(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new BadInput(`${path}: must be a whole gzip file (${(error as Error).message})`);
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    throw new BadInput(`${path}: cannot be read: ${reason}`);
  }
}
