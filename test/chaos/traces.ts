import { setTimeout as delay } from "node:timers/promises";
import type { RunId } from "../../src/core/run/ids.ts";
import { runSpanId } from "../../src/core/trace/context.ts";
import type { Span } from "../../src/core/trace/span.ts";
import { recordedOf } from "../../src/core/view/fact.ts";
import type { Collector } from "../support/collector.ts";
import { problemsOfTrace } from "../support/trace.ts";
import type { Violation } from "./check-run.ts";
import type { History } from "./history.ts";

/** A run's own span is the last of its trace. */
export async function untilTraced(
  collector: Collector,
  runIds: readonly string[],
  ms: number,
): Promise<void> {
  const isMissing = (runId: string) => !collector.spans.has(runSpanId(runId as RunId));
  for (const end = Date.now() + ms; runIds.some(isMissing) && Date.now() < end; ) await delay(100);
}

/**
 * Every run has one trace, every attempt its span, every span its parent, and there are no others. Where clocks jumped,
 * a span may end before what it holds.
 */
export function checkTraces(
  collector: Collector,
  histories: readonly History[],
  haveClocksJumped: boolean,
): readonly Violation[] {
  const traces = Map.groupBy(collector.spans.values(), ({ traceId }): string => traceId);
  const violations = histories.flatMap(({ run, events }) => {
    const spans: readonly Span[] = traces.get(run.traceId) ?? [];
    traces.delete(run.traceId);
    return problemsOfTrace(events.map(recordedOf), spans)
      .filter((problem) => !(haveClocksJumped && problem.includes(" reaches beyond ")))
      .map((problem): Violation => ({ kind: "trace", runId: run.runId, what: `trace: ${problem}` }));
  });
  for (const [traceId, spans] of traces)
    violations.push({
      ...{ kind: "trace", runId: null, what: `trace ${traceId} belongs to no run` },
      found: spans.map(({ name }) => name),
    });
  return violations;
}
