import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { Span } from "../../src/core/trace/span.ts";
import { spansIn } from "./otlp.ts";

/** An OpenTelemetry collector on the wire (OTLP over HTTP, protobuf). It keeps what it is sent, each span once. */
export type Collector = {
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  readonly url: string;
  readonly spans: ReadonlyMap<string, Span>;
  /** How many spans came again. */
  readonly repeated: number;
  /** Nobody answers for so long; what was sent before stays. */
  away(ms: number): Promise<void>;
  close(): Promise<void>;
};

/** Listens on `port`, or any free one. */
export async function startCollector(port = 0): Promise<Collector> {
  const spans = new Map<string, Span>();
  let repeated = 0;
  const take = async (request: IncomingMessage) => {
    if (request.method !== "POST" || request.url !== "/v1/traces") return 404;
    for (const span of spansIn(await buffer(request))) {
      const known = spans.get(span.spanId);
      if (known) repeated++;
      spans.set(span.spanId, span);
    }
    return 200;
  };
  const server = createServer((request, response) => {
    take(request).then(
      (status) => response.writeHead(status, { "content-type": "application/x-protobuf" }).end(),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  const listen = async (on: number) => {
    server.listen(on, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  const own = await listen(port);
  return {
    url: `http://127.0.0.1:${own}`,
    spans,
    get repeated() {
      return repeated;
    },
    async away(ms) {
      await close();
      await delay(ms);
      await listen(own);
    },
    close,
  };
}
