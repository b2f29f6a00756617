/** Bad input: the message is one line that says what is wrong, where, and how to mend it. */
export class BadInput extends Error {
  override readonly name = "BadInput";
}

/** Why the system refused, such as "permission denied"; undefined when the error is not the system's. */
export function systemReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return reasons[error.code] ?? error.code;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "it is in use",
  EDQUOT: "the quota is used up",
  EEXIST: "a file is in the way",
  EFBIG: "the file would be too large",
  EISDIR: "it is a directory",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a file is in the way",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
};
