import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from "@opentelemetry/otlp-exporter-base/node-http";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { Span } from "../../core/trace/span.ts";
import type { SpanExporter } from "../../engine/ports/spans.ts";
import type { Log } from "../../engine/ports.ts";
import { type Sender, traceRequest } from "./trace-request.ts";

export type OtlpOptions = Sender & {
  /** Where spans are posted: `http://collector:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Log;
};

/** An answer that takes longer counts as none: the spans are sent again. */
const TIMEOUT_MS = 3_000;

/**
 * Posts spans to an OpenTelemetry collector (OTLP over HTTP, protobuf). Its library repeats what a collector refused for
 * now; what it will never take is said in the log.
 */
export function createOtlpExporter({ url, headers, log, ...sender }: OtlpOptions): SpanExporter {
  const options = convertLegacyHttpOptions(
    { url, headers: { ...headers }, timeoutMillis: TIMEOUT_MS },
    "TRACES",
    "v1/traces",
    { "Content-Type": "application/x-protobuf" },
  );
  const serializer = {
    serializeRequest: (spans: readonly Span[]) => traceRequest(spans, sender),
    deserializeResponse(body: Uint8Array) {
      const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(body);
      const spans = partialSuccess?.rejectedSpans ?? 0;
      const error = partialSuccess?.errorMessage ?? "";
      if (spans > 0 || error !== "") log.warn("spans refused by the collector", { spans, error });
    },
  };
  const counting = { name: "span" as const, countItems: (spans: readonly Span[]) => spans.length };
  const delegate = createOtlpHttpExportDelegate(
    options,
    serializer,
    "otlp_http_span_exporter",
    counting,
    undefined,
  );
  const post = (spans: readonly Span[]) =>
    new Promise<void>((resolve, reject) => {
      delegate.export(spans, ({ code, error }) => {
        if (code === 0) resolve();
        else reject(new Error(`the collector at ${url} did not take the spans`, { cause: error }));
      });
    });
  const send = async (spans: readonly Span[]): Promise<void> => {
    try {
      await post(spans);
    } catch (error) {
      if (!isTooMuch(error)) throw error;
      if (spans.length === 1) {
        log.warn("spans refused by the collector", { spans: 1, error: "one is larger than it takes" });
        return;
      }
      const half = Math.ceil(spans.length / 2);
      await send(spans.slice(0, half));
      await send(spans.slice(half));
    }
  };
  return { send, close: () => delegate.shutdown() };
}

/** The collector takes no request of that length, however often it is sent. */
function isTooMuch(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && "code" in cause && cause.code === 413;
}
