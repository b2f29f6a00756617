import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { BadInput, systemReason } from "../bad-input.js";
import { watchPage } from "./watch-page.js";

/** Shows a run to browsers on this machine, and never keeps the process alive. */
export interface Watch {
  readonly url: string;
  /** Sends an event to everyone who listens, and to those who come later. */
  send(event: object): void;
  /** Ends every stream; resolves when what was sent has left. */
  close(): Promise<unknown>;
}

/**
 * Serves a page on / and the events, as server-sent events, on /events; on 127.0.0.1 only. Port 0 takes any.
 *
 * @throws BadInput when the port cannot be had
 */
export async function startWatch(port: number): Promise<Watch> {
  const told: string[] = [];
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0];
    if (request.method !== "GET" || (path !== "/" && path !== "/events")) {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
    } else if (path === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(watchPage);
    } else {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(`retry: 1000\n\n${told.join("")}`);
      listeners.add(response);
      response.on("close", () => listeners.delete(response));
    }
  });
  server.on("connection", (socket: Socket) => socket.unref());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(refusal(port, error)));
    server.listen(port, "127.0.0.1", resolve);
  });
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    send(event) {
      const message = `data: ${JSON.stringify(event)}\n\n`;
      told.push(message);
      for (const listener of listeners) listener.write(message);
    },
    async close() {
      server.close();
      await Promise.all([...listeners].map((listener) => new Promise<void>((sent) => listener.end(sent))));
      server.closeAllConnections();
    },
  };
}

function refusal(port: number, error: Error): unknown {
  const reason = systemReason(error);
  return reason === undefined
    ? error
    : new BadInput(`--watch: cannot listen on port ${port} (${reason}); choose another, or 0 for any`);
}
