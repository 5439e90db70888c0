import type { Span } from "../../core/trace/span.ts";
import type { AgentStore } from "./agents.ts";
import type { Cursors } from "./cursors.ts";
import type { Leases } from "./leases.ts";
import type { Queries } from "./queries.ts";

/** Sends finished spans to whoever collects them. */
export type SpanExporter = {
  /** Resolves when the collector has them; the same span may come twice. Rejects when it did not take them. */
  send(spans: readonly Span[]): Promise<void>;
  close(): Promise<void>;
};

/** As much of the store as tracing needs. */
export type TracedStore = {
  readonly queries: Pick<Queries, "eventsSince" | "events" | "lastPosition">;
  readonly agents: Pick<AgentStore, "known" | "run" | "list">;
  readonly cursors: Cursors;
  readonly leases: Pick<Leases, "acquire" | "release">;
};
