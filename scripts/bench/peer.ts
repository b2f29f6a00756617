import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Contender } from "./contender.js";

/** A process that answers one line for each line it is asked, and ends with its input or with this process. */
export interface Peer {
  ask(question: string): Promise<readonly number[]>;
  close(): void;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export function startPeer(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Peer {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const { stdin, stdout } = child;
  const lines: Interface = createInterface({ input: stdout });
  const ended = new Promise<never>((_resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => reject(new Error(`${command}: ended with ${signal ?? code}`)));
  });
  ended.catch(() => running.delete(child));
  // A question to one that has ended fails by `ended`.
  stdin.on("error", () => {});
  running.add(child);
  return {
    async ask(question) {
      const answer = new Promise<string>((resolve) => lines.once("line", resolve));
      stdin.write(`${question}\n`);
      return (await Promise.race([answer, ended])).trim().split(" ").map(Number);
    },
    close() {
      stdin.end();
      child.kill("SIGKILL");
      lines.close();
    },
  };
}

/** A row of a peer's; the question lacks the number of iterations, the answer is nanoseconds and iterations. */
export function peerContender(peer: Peer, question: string): Contender {
  return {
    async run(wanted) {
      const [nanoseconds, iterations] = await peer.ask(`${question} ${wanted}`);
      return { nanoseconds, iterations };
    },
  };
}
