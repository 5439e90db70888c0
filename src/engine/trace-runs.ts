import { Lru } from "../core/lru.ts";
import type { RunId } from "../core/run/ids.ts";
import { spansOfAgent } from "../core/trace/agent-trace.ts";
import { RunTrace } from "../core/trace/run-trace.ts";
import type { Span } from "../core/trace/span.ts";
import { pause } from "./pause.ts";
import type { EventView } from "./ports/queries.ts";
import type { SpanExporter, TracedStore } from "./ports/spans.ts";
import type { Clock, Log } from "./ports.ts";
import { createRole } from "./role.ts";

const CURSOR = "traced-events";
/** Runs whose open spans are remembered; another one's are read again when it goes on. */
const REMEMBERED = 10_000;
const PAGE = 1_000;

export type TraceOptions = {
  readonly everyMs: number;
  readonly leaseMs: number;
  readonly batch: number;
  /** How long what is left is sent when it is to end. */
  readonly flushMs: number;
};

type TracePorts = {
  readonly store: TracedStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly exporter: SpanExporter;
};

/**
 * Turns the audit trail into spans, in order, one process at a time, and sends them on. A span that ended before a crash
 * is sent after it; some come twice, under the same ids. Goes on where `beginTracing` or the tracer before stopped. When
 * `signal` aborts, what was committed before is still sent, for `flushMs` at most.
 */
export async function traceRuns(
  ports: TracePorts,
  holder: string,
  options: TraceOptions,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, log } = ports;
  const tracer = createTracer(ports, holder, options);
  while (!signal.aborted) {
    const isBehind = await tracer.traceSome();
    await pause(isBehind ? 0 : options.everyMs, signal);
  }
  try {
    const end = await store.queries.lastPosition();
    const until = clock.now() + options.flushMs;
    do await tracer.traceSome();
    while ((tracer.cursor() ?? end) < end && clock.now() < until);
    await store.leases.release(holder);
  } catch (error) {
    log.warn("tracing not ended in order", { error: String(error) });
  }
}

type Tracer = {
  /** Traces the next events, where this process is the one to do it; true when there are more. Never rejects. */
  traceSome(): Promise<boolean>;
  /** The last event whose spans were sent; `null` when that is to be looked up, or is another process's affair. */
  cursor(): number | null;
};

function createTracer(ports: TracePorts, holder: string, { leaseMs, batch }: TraceOptions): Tracer {
  const { store, exporter, log } = ports;
  const isTracer = createRole(ports, "tracer", holder, leaseMs);
  const traces = new Lru<RunId, RunTrace>(REMEMBERED);
  let cursor: number | null = null;
  const forget = () => {
    cursor = null;
    traces.clear();
  };
  return {
    cursor: () => cursor,
    async traceSome() {
      try {
        if (!(await isTracer())) {
          forget();
          return false;
        }
        cursor ??= await beginTracing(ports);
        const events = await store.queries.eventsSince(cursor, batch);
        const last = events.at(-1);
        if (!last) return false;
        const ended: Ended[] = [];
        for (const event of events) {
          const known = traces.get(event.runId);
          const spans = known?.take(event) ?? (await spansOf(ports, traces, event));
          for (const span of spans) ended.push({ runId: event.runId, span });
        }
        const spans = await withAgents(ports, ended);
        if (spans.length > 0) await exporter.send(spans);
        await store.cursors.advance(CURSOR, last.position);
        cursor = last.position;
        return events.length === batch;
      } catch (error) {
        // What was taken is not sent: begin again where the cursor stands.
        forget();
        log.warn("spans not sent", { error: String(error) });
        return false;
      }
    },
  };
}

/**
 * How far the trail is traced, by global position. The first time that is its end: awaited before this process starts
 * work, so that whatever it does is traced.
 */
export async function beginTracing({ store }: { readonly store: TracedStore }): Promise<number> {
  const known = await store.cursors.read(CURSOR);
  if (known !== null) return known;
  const last = await store.queries.lastPosition();
  await store.cursors.advance(CURSOR, last);
  return last;
}

/** What ends with an event of a run that is not in memory. */
async function spansOf(
  ports: Pick<TracePorts, "store">,
  traces: Lru<RunId, RunTrace>,
  recorded: EventView & { readonly runId: RunId },
): Promise<readonly Span[]> {
  const { event, runId, seq } = recorded;
  if (event.type === "run.created") {
    traces.set(runId, new RunTrace({ ...recorded, event }));
    return [];
  }
  const trace = await traceUpTo(ports, runId, seq);
  if (!trace) return [];
  traces.set(runId, trace);
  return trace.take(recorded);
}

type Ended = { readonly runId: RunId; readonly span: Span };

/** The spans, and before each agent's what it did; it is asked once which agents kept anything. */
async function withAgents(
  ports: Pick<TracePorts, "store">,
  ended: readonly Ended[],
): Promise<readonly Span[]> {
  const roots = ended.flatMap(({ span }) => agentOf(span) ?? []);
  const known = roots.length > 0 ? await ports.store.agents.known(roots) : new Set<string>();
  const spans: Span[] = [];
  for (const { runId, span } of ended) {
    const rootId = agentOf(span);
    // An agent that kept nothing called nobody.
    if (rootId !== null && known.has(rootId)) spans.push(...(await agentsBelow(ports, runId, span, rootId)));
    spans.push(span);
  }
  return spans;
}

/** Whose work an attempt's agent span stands for. */
function agentOf({ name, attributes }: Span): string | null {
  const id = attributes["station.agent_run_id"];
  return name.startsWith("invoke_agent ") && typeof id === "string" ? id : null;
}

/** What the agent of an ended attempt did, with the agents it called. */
async function agentsBelow(
  { store }: Pick<TracePorts, "store">,
  runId: RunId,
  { traceId }: Span,
  rootId: string,
): Promise<readonly Span[]> {
  const root = await store.agents.run(rootId);
  if (!root) return [];
  const spans = [...spansOfAgent(traceId, root)];
  if (root.calls.length === 0) return spans;
  for (const { id, family } of await store.agents.list(runId)) {
    if (family.rootId !== rootId || id === rootId) continue;
    const child = await store.agents.run(id);
    if (child) spans.push(...spansOfAgent(traceId, child));
  }
  return spans;
}

/** The trace of a run as it stood before its event `seq`; `null` for a run that was deleted meanwhile. */
async function traceUpTo(
  { store }: Pick<TracePorts, "store">,
  runId: RunId,
  seq: number,
): Promise<RunTrace | null> {
  let trace: RunTrace | null = null;
  for (let after = 0; after < seq - 1; ) {
    const page = await store.queries.events(runId, after, Math.min(PAGE, seq - 1 - after));
    if (page.length === 0) return null;
    for (const recorded of page) {
      const { event } = recorded;
      if (event.type === "run.created") trace = new RunTrace({ ...recorded, event });
      else trace?.take(recorded);
      after = recorded.seq;
    }
  }
  return trace;
}
