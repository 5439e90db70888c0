import type { Attributes, Span, SpanEvent } from "../../src/core/trace/span.ts";

/** The spans of an OTLP trace request (opentelemetry-proto 1.x: `trace_service.proto`, `trace.proto`, `common.proto`). */
export function spansIn(request: Uint8Array): readonly Span[] {
  return messages(fieldsOf(request), 1)
    .flatMap((resourceSpans) => messages(resourceSpans, 2))
    .flatMap((scopeSpans) => messages(scopeSpans, 2))
    .map(spanOf);
}

const STATUSES = ["unset", "ok", "error"] as const;

function spanOf(span: Fields): Span {
  const [status = new Map()] = messages(span, 15);
  const parent = hex(span, 4);
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: parent === "" ? null : parent,
    name: text(span, 5),
    startAt: milliseconds(span, 7),
    endAt: milliseconds(span, 8),
    status: STATUSES[Number(integer(status, 3))] ?? "unset",
    message: status.has(2) ? text(status, 2) : null,
    attributes: attributesIn(span, 9),
    events: messages(span, 11).map(
      (event): SpanEvent => ({
        name: text(event, 2),
        at: milliseconds(event, 1),
        attributes: attributesIn(event, 3),
      }),
    ),
  };
}

function attributesIn(fields: Fields, number: number): Attributes {
  return Object.fromEntries(
    messages(fields, number).map((pair) => {
      const [value = new Map()] = messages(pair, 2);
      return [text(pair, 1), attributeValue(value)];
    }),
  );
}

function attributeValue(value: Fields): string | number | boolean {
  if (value.has(2)) return integer(value, 2) === 1n;
  if (value.has(3)) return Number(BigInt.asIntN(64, integer(value, 3)));
  const bytes = value.get(4)?.[0];
  return bytes instanceof Uint8Array ? viewOf(bytes).getFloat64(0, true) : text(value, 1);
}

/** What stands under each field number, in order: numbers, or the bytes of whatever is not one. */
type Fields = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("the request ends within a number");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (count: number) => {
    if (at + count > bytes.length) throw new Error("the request ends within a field");
    at += count;
    return bytes.subarray(at - count, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = { 0: varint, 1: () => take(8), 2: () => take(Number(varint())), 5: () => take(4) }[tag & 7];
    if (!value) throw new Error(`a field has wire type ${tag & 7}`);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value()]);
  }
  return fields;
}

function messages(fields: Fields, number: number): readonly Fields[] {
  return (fields.get(number) ?? []).map((value) => fieldsOf(bytesOf(value)));
}

function text(fields: Fields, number: number): string {
  return Buffer.from(first(fields, number)).toString();
}

function hex(fields: Fields, number: number): string {
  return Buffer.from(first(fields, number)).toString("hex");
}

function integer(fields: Fields, number: number): bigint {
  const value = fields.get(number)?.[0] ?? 0n;
  if (typeof value !== "bigint") throw new Error(`field ${number} is no number`);
  return value;
}

function milliseconds(fields: Fields, number: number): number {
  return Number(viewOf(first(fields, number)).getBigUint64(0, true) / 1_000_000n);
}

function first(fields: Fields, number: number): Uint8Array {
  return bytesOf(fields.get(number)?.[0] ?? new Uint8Array());
}

function bytesOf(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === "bigint") throw new Error("a number stands where bytes must be");
  return value;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
