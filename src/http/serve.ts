import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { App } from "./app.ts";

export type ServeOptions = {
  readonly app: Pick<App, "fetch">;
  /** 0: any free one. */
  readonly port: number;
  /** `*`: every address of this machine, IPv6 and IPv4. */
  readonly host: string;
  /** How long `close` waits for requests in hand, in milliseconds. Default 10 s. */
  readonly graceMs?: number;
};

export type Served = {
  readonly url: string;
  /** Takes nothing new, ends streams with a comment, lets requests in hand finish, and resolves. */
  close(): Promise<void>;
};

/** Load balancers keep idle connections for 60 s: never be the first to close. */
const KEEP_ALIVE_MS = 65_000;
const GRACE_MS = 10_000;
const IDLE_CHECK_MS = 50;

/** The platform makes no request of TRACE. */
const BODILESS = ["GET", "HEAD", "TRACE"];

/**
 * A request that says how long its body is, as it came. Of any other (a bare `curl -X POST`, a chunked body) the body
 * limit makes a new one, which takes a request of the platform's own kind and not the adapter's.
 */
function sizedOf(request: Request): Request {
  const { method, headers, url, signal } = request;
  if (BODILESS.includes(method) || headers.has("content-length")) return request;
  if (!URL.canParse(url)) return request; // the app says what is wrong with it
  const body = headers.has("transfer-encoding") ? { body: request.body, duplex: "half" as const } : {};
  return new Request(url, { method, headers, signal, ...body });
}

/** Puts the app on a port. Rejects when the port is taken. */
export async function serveHttp({ app, port, host, graceMs = GRACE_MS }: ServeOptions): Promise<Served> {
  const closing = new AbortController();
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => {
      const address = incoming.socket.remoteAddress;
      return app.fetch(sizedOf(request), {
        closing: closing.signal,
        ...(address !== undefined && { address }),
      });
    },
    overrideGlobalObjects: false,
    serverOptions: { keepAliveTimeout: KEEP_ALIVE_MS },
  }) as Server;
  // Opened in advance (browsers do) and never used: node does not count them as idle.
  const unused = new Set<Socket>();
  server.on("connection", (socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.on("request", ({ socket }) => unused.delete(socket));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const ready = () => {
      server.off("error", reject);
      resolve();
    };
    // Without a host node takes both families where there are both, and IPv4 where there is no IPv6.
    if (host === "*") server.listen(port, ready);
    else server.listen(port, host, ready);
  });
  const { port: actual } = server.address() as AddressInfo;
  let closed: Promise<void> | null = null;
  const close = async () => {
    const done = new Promise<void>((resolve, reject) =>
      server.close((error) => (error ? reject(error) : resolve())),
    );
    closing.abort();
    // A connection that is kept alive after its last answer would hold the server open.
    const idle = setInterval(() => {
      server.closeIdleConnections();
      for (const socket of unused) socket.destroy();
    }, IDLE_CHECK_MS);
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    try {
      await done;
    } finally {
      clearInterval(idle);
      clearTimeout(cut);
    }
  };
  return {
    url: `http://${urlHost(host)}:${actual}`,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function urlHost(host: string): string {
  if (host === "*") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
