import { SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Span } from "../../core/trace/span.ts";
import type { SpanExporter } from "../../engine/ports/spans.ts";

export type OtlpOptions = {
  /** Where spans are posted: `http://collector:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly serviceVersion: string;
};

/** An answer that takes longer counts as none: the spans are sent again. */
const TIMEOUT_MS = 3_000;

const STATUS = { ok: SpanStatusCode.OK, error: SpanStatusCode.ERROR, unset: SpanStatusCode.UNSET } as const;

/** Posts spans to an OpenTelemetry collector (OTLP over HTTP, JSON). Its library repeats what a collector refused for now. */
export function createOtlpExporter({ url, headers, serviceName, serviceVersion }: OtlpOptions): SpanExporter {
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: TIMEOUT_MS });
  const common = {
    resource: resourceFromAttributes({ "service.name": serviceName, "service.version": serviceVersion }),
    instrumentationScope: { name: "station", version: serviceVersion },
  };
  return {
    send: (spans) =>
      new Promise((resolve, reject) => {
        exporter.export(
          spans.map((span) => readable(span, common)),
          ({ code, error }) => {
            if (code === 0) resolve();
            else reject(new Error(`the collector at ${url} did not take the spans`, { cause: error }));
          },
        );
      }),
    close: () => exporter.shutdown(),
  };
}

/** One literal: there are thousands a second of these. */
function readable(
  span: Span,
  { resource, instrumentationScope }: Pick<ReadableSpan, "resource" | "instrumentationScope">,
): ReadableSpan {
  const { traceId, spanId, parentSpanId, name, startAt, endAt, status, message, attributes, events } = span;
  const context = (id: string) => ({ traceId, spanId: id, traceFlags: TraceFlags.SAMPLED });
  const common = {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => context(spanId),
    startTime: hrTime(startAt),
    endTime: hrTime(endAt),
    duration: hrTime(endAt - startAt),
    status: message === null ? { code: STATUS[status] } : { code: STATUS[status], message },
    attributes,
    links: NONE,
    events:
      events.length === 0
        ? NONE
        : events.map((event) => ({
            name: event.name,
            time: hrTime(event.at),
            attributes: event.attributes,
          })),
    ended: true,
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
  return parentSpanId === null ? common : Object.assign(common, { parentSpanContext: context(parentSpanId) });
}

const NONE: [] = [];

/** Seconds and nanoseconds. */
function hrTime(ms: number): [number, number] {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}
