import type { Span } from "../../core/trace/span.ts";

/** Sends finished spans to whoever collects them. */
export type SpanExporter = {
  /** Resolves when the collector has them; the same span may come twice. Rejects when it did not take them. */
  send(spans: readonly Span[]): Promise<void>;
  close(): Promise<void>;
};
