import type { Recorded } from "../../src/core/run/events.ts";
import { runSpanId, traceOf } from "../../src/core/trace/context.ts";
import { RunTrace } from "../../src/core/trace/run-trace.ts";
import type { Span } from "../../src/core/trace/span.ts";

/** The spans of a run whose events these are, from its first. */
export function spansOf([first, ...rest]: readonly Recorded[]): readonly Span[] {
  if (first?.event.type !== "run.created") throw new Error("a trail starts with run.created");
  const trace = new RunTrace({ ...first, event: first.event });
  return rest.flatMap((recorded) => trace.take(recorded));
}

/** What is wrong with the spans of a run that has ended: nothing may be missing, doubled or without its parent. */
export function problemsOfTrace(events: readonly Recorded[], spans: readonly Span[]): readonly string[] {
  const [first] = events;
  if (first?.event.type !== "run.created") return ["the trail does not start with run.created"];
  const { runId, traceparent = null } = first.event;
  const { traceId, callerSpanId } = traceOf({ id: runId, traceparent });
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const problems: string[] = [];
  if (byId.size !== spans.length) problems.push(`${spans.length - byId.size} spans have another one's id`);
  const counted = (...types: readonly string[]) =>
    events.filter(({ event }) => types.includes(event.type)).length;
  const named = (name: string) => spans.filter((span) => span.name.startsWith(name)).length;
  for (const [name, ...types] of [
    ["StateTransition ", "state.entered"],
    ["StepExecute ", "step.started", "step.called"],
    ["invoke_agent ", "step.started"],
    ["WorkflowRun ", "run.created"],
  ] as const)
    if (counted(...types) !== named(name))
      problems.push(`${counted(...types)} × ${types.join(" or ")} are ${named(name)} spans "${name}"`);
  for (const span of spans) {
    if (span.traceId !== traceId) problems.push(`"${span.name}" is in another trace`);
    if (span.endAt < span.startAt) problems.push(`"${span.name}" ends before it starts`);
    const parent = span.parentSpanId === null ? undefined : byId.get(span.parentSpanId);
    if (span.spanId === runSpanId(runId)) {
      if (span.parentSpanId !== callerSpanId) problems.push("the run's span is not below the caller's");
    } else if (!parent) problems.push(`"${span.name}" has no parent`);
    else if (span.startAt < parent.startAt || span.endAt > parent.endAt)
      problems.push(`"${span.name}" reaches beyond "${parent.name}"`);
  }
  return problems;
}
