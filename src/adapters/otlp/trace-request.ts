import type { Attributes, Span, SpanEvent } from "../../core/trace/span.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

/** Who sends the spans. */
export type Sender = { readonly serviceName: string; readonly serviceVersion: string };

const SCOPE = "station";
const INTERNAL_KIND = 1;
const STATUS_CODES = { unset: 0, ok: 1, error: 2 } as const;
/** Sampled, and it is known that the parent is of this service. */
const FLAGS = 0x101;
/** Behind the last 64-bit integer. */
const LARGEST = 2 ** 63;
/** About as much as a span takes. */
const SPAN_BYTES = 512;

/**
 * The body of an OTLP trace request (`ExportTraceServiceRequest` of opentelemetry-proto 1.x). Written from our spans
 * directly, byte for byte what OpenTelemetry's own serializer makes of its objects: there are thousands of spans a
 * second, and these objects cost more than everything else about tracing.
 */
export function traceRequest(spans: readonly Span[], { serviceName, serviceVersion }: Sender): Uint8Array {
  const out = new ProtobufWriter((spans.length + 1) * SPAN_BYTES);
  const resourceSpans = out.begin(1);
  const resource = out.begin(1);
  writeAttributes(out, 1, { "service.name": serviceName, "service.version": serviceVersion });
  out.integer(2, 0);
  out.end(resource);
  const scopeSpans = out.begin(2);
  const scope = out.begin(1);
  out.text(1, SCOPE);
  out.text(2, serviceVersion);
  out.end(scope);
  for (const span of spans) writeSpan(out, span);
  out.end(scopeSpans);
  out.end(resourceSpans);
  return out.finish();
}

/** Fields 10, 12 and 14 say how much was dropped: nothing. */
function writeSpan(out: ProtobufWriter, span: Span): void {
  const start = out.begin(2);
  out.hex(1, span.traceId);
  out.hex(2, span.spanId);
  if (span.parentSpanId !== null) out.hex(4, span.parentSpanId);
  out.text(5, span.name);
  out.integer(6, INTERNAL_KIND);
  out.fixed64OfMillions(7, span.startAt);
  out.fixed64OfMillions(8, span.endAt);
  writeAttributes(out, 9, span.attributes);
  out.integer(10, 0);
  for (const event of span.events) writeEvent(out, event);
  out.integer(12, 0);
  out.integer(14, 0);
  const status = out.begin(15);
  if (span.message) out.text(2, span.message);
  out.integer(3, STATUS_CODES[span.status]);
  out.end(status);
  out.fixed32(16, FLAGS);
  out.end(start);
}

function writeEvent(out: ProtobufWriter, { name, at, attributes }: SpanEvent): void {
  const start = out.begin(11);
  out.fixed64OfMillions(1, at);
  out.text(2, name);
  writeAttributes(out, 3, attributes);
  out.integer(4, 0);
  out.end(start);
}

function writeAttributes(out: ProtobufWriter, field: number, attributes: Attributes): void {
  for (const key in attributes) {
    const given = attributes[key];
    if (given === undefined) continue;
    const start = out.begin(field);
    out.text(1, key);
    const value = out.begin(2);
    writeValue(out, given);
    out.end(value);
    out.end(start);
  }
}

function writeValue(out: ProtobufWriter, value: string | number | boolean): void {
  if (typeof value === "string") out.text(1, value);
  else if (typeof value === "boolean") out.integer(2, value ? 1 : 0);
  else if (Number.isInteger(value) && value >= -LARGEST && value < LARGEST) out.integer(3, value);
  else out.double(4, value);
}
