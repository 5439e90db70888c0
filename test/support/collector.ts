import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { Span } from "../../src/core/trace/span.ts";

/** An OpenTelemetry collector on the wire (OTLP over HTTP, JSON). It keeps what it is sent, each span once. */
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
    for (const span of spansIn(JSON.parse(await text(request)) as OtlpRequest)) {
      const known = spans.get(span.spanId);
      if (known) repeated++;
      spans.set(span.spanId, span);
    }
    return 200;
  };
  const server = createServer((request, response) => {
    take(request).then(
      (status) => response.writeHead(status, { "content-type": "application/json" }).end("{}"),
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

type OtlpValue = {
  stringValue?: string;
  intValue?: number | string;
  doubleValue?: number;
  boolValue?: boolean;
};
type OtlpAttributes = readonly { readonly key: string; readonly value: OtlpValue }[];
type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: OtlpAttributes;
  readonly events?: readonly { name: string; timeUnixNano: string; attributes?: OtlpAttributes }[];
  readonly status?: { readonly code?: number; readonly message?: string };
};
type OtlpRequest = {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
};

const STATUSES = ["unset", "ok", "error"] as const;

function spansIn({ resourceSpans }: OtlpRequest): readonly Span[] {
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map((span) => ({
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId ?? null,
      name: span.name,
      startAt: milliseconds(span.startTimeUnixNano),
      endAt: milliseconds(span.endTimeUnixNano),
      status: STATUSES[span.status?.code ?? 0] ?? "unset",
      message: span.status?.message ?? null,
      attributes: attributesIn(span.attributes),
      events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
        name,
        at: milliseconds(timeUnixNano),
        attributes: attributesIn(attributes),
      })),
    }));
}

function attributesIn(attributes: OtlpAttributes = []): Span["attributes"] {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const { stringValue, intValue, doubleValue, boolValue } = value;
      const number = intValue === undefined ? doubleValue : Number(intValue);
      return [key, stringValue ?? number ?? boolValue ?? ""];
    }),
  );
}

function milliseconds(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1_000_000n);
}
