import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Peer, startPeer } from "./peer.js";

/** What else this machine can run beside Node: made when first asked for, and null where a tool is missing. */
export interface Tools {
  /** C at the full width of the vectors, or at 128 bits. */
  c(width: "native" | "c128"): Peer | null;
  /** JAX on one core or on two. */
  jax(cores: 1 | 2): Peer | null;
  close(): void;
}

/** Flags of both builds; errno and traps stand in the way of vectors, and nothing else of -ffast-math is needed. */
const COMMON = ["-O3", "-std=c11", "-fno-math-errno", "-fno-trapping-math"];

export const cFlags = {
  native: [...COMMON, "-march=native", ...(arch() === "x64" ? ["-mprefer-vector-width=512"] : [])],
  c128: [...COMMON, "-msse4.2", "-mno-avx"],
} as const;

/** @param say Told what is missing, once each. */
export function findTools(say: (line: string) => void): Tools {
  const folder = mkdtempSync(join(tmpdir(), "lossgym-bench-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.on("exit", removeFolder);
  const peers = new Map<string, Peer | null>();
  const once = (name: string, start: () => Peer) => {
    if (!peers.has(name)) peers.set(name, attempt(name, start, say));
    return peers.get(name) as Peer | null;
  };
  return {
    c: (width) => once(width, () => startC(width, folder)),
    jax: (cores) => once(cores === 1 ? "jax on one core" : "jax on two cores", () => startJax(cores)),
    close() {
      for (const peer of peers.values()) peer?.close();
      process.off("exit", removeFolder);
      removeFolder();
    },
  };
}

function attempt(name: string, start: () => Peer, say: (line: string) => void): Peer | null {
  try {
    return start();
  } catch (error) {
    say(`${name} is left out: ${String(error instanceof Error ? error.message : error).split("\n")[0]}`);
    return null;
  }
}

function startC(width: "native" | "c128", folder: string): Peer {
  if (width === "c128" && arch() !== "x64") throw new Error(`it is for x64, and this is ${arch()}`);
  const program = join(folder, width);
  const compiler = process.env.LOSSGYM_CC ?? "cc";
  execFileSync(compiler, [...cFlags[width], "-o", program, sourceOf("native/peer.c"), "-lm"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return startPeer(program, []);
}

function startJax(cores: 1 | 2): Peer {
  const python = process.env.LOSSGYM_PYTHON ?? "python3";
  execFileSync(python, ["-c", "import jax"], { stdio: ["ignore", "ignore", "pipe"] });
  const threads = cores === 1 ? "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" : "";
  return startPeer(python, [sourceOf("jax_peer.py"), String(cores)], {
    JAX_PLATFORMS: "cpu",
    XLA_FLAGS: threads,
  });
}

/** A file that is not compiled: beside this one's source, not beside the build. */
function sourceOf(name: string): string {
  const here = new URL(`./${name}`, import.meta.url);
  const source = existsSync(here) ? here : new URL(`../../../scripts/bench/${name}`, import.meta.url);
  return fileURLToPath(source);
}
