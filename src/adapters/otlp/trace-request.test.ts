import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spansIn } from "../../../test/support/otlp.ts";
import type { Span } from "../../core/trace/span.ts";
import { traceRequest } from "./trace-request.ts";

const SENDER = { serviceName: "station", serviceVersion: "0.1.0" };

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ minLength: 100, maxLength: 20_000 }),
);
const number = fc.oneof(fc.double(), fc.maxSafeInteger()).map((value) => (value === 0 ? 0 : value));
const attributes = fc.dictionary(text, fc.oneof(text, fc.boolean(), number));
const at = fc.nat({ max: 2 ** 43 });
const spans = fc.array(
  fc.record<Span>({
    traceId: fc.stringMatching(/^[0-9a-f]{32}$/),
    spanId: fc.stringMatching(/^[0-9a-f]{16}$/),
    parentSpanId: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/)),
    name: text,
    startAt: at,
    endAt: at,
    status: fc.constantFrom("ok", "error", "unset"),
    message: fc.option(text),
    attributes,
    events: fc.array(fc.record({ name: text, at, attributes }), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 20 },
);

describe("a trace request", () => {
  it("is byte for byte what OpenTelemetry's serializer makes of the same spans", () => {
    fc.assert(
      fc.property(spans, (given) => {
        expect(hex(traceRequest(given, SENDER))).toBe(hex(byTheLibrary(given)));
      }),
    );
  });

  it("says what the spans say, to whoever reads it by the specification", () => {
    fc.assert(
      fc.property(spans, (given) => {
        const said = given.map((span) => ({ ...span, message: span.message || null }));
        expect(spansIn(traceRequest(said, SENDER))).toEqual(said);
      }),
    );
  });
});

/** A span as OpenTelemetry has it: times as seconds and nanoseconds, the kind one less than on the wire. */
function byTheLibrary(spans: readonly Span[]): Uint8Array {
  type Readable = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];
  const resource = {
    attributes: { "service.name": SENDER.serviceName, "service.version": SENDER.serviceVersion },
  };
  const instrumentationScope = { name: "station", version: SENDER.serviceVersion };
  const readable = spans.map(
    ({ traceId, spanId, parentSpanId, status, message, startAt, endAt, ...span }) => ({
      ...span,
      spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
      ...(parentSpanId !== null && { parentSpanContext: { traceId, spanId: parentSpanId, traceFlags: 1 } }),
      kind: 0,
      startTime: hrTime(startAt),
      endTime: hrTime(endAt),
      status: { code: { unset: 0, ok: 1, error: 2 }[status], message: message ?? undefined },
      links: [],
      events: span.events.map(({ name, at, attributes }) => ({ name, time: hrTime(at), attributes })),
      resource,
      instrumentationScope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }),
  );
  return ProtobufTraceSerializer.serializeRequest(readable as unknown as Readable[]) ?? new Uint8Array();
}

function hrTime(ms: number): [number, number] {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
