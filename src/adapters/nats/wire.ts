import { headers, type MsgHdrs } from "@nats-io/transport-node";
import { isObject, type JsonValue } from "../../core/json.ts";
import type { RunId, StepId } from "../../core/run/ids.ts";
import type { AlarmTarget } from "../../core/run/transition.ts";
import { runSpanId, stateSpanId, traceparent } from "../../core/trace/context.ts";
import type { PublishedEvent, TaskMessage } from "../../engine/ports/queue.ts";
import type { Names } from "./names.ts";

/** A message as JetStream gets it; `id` is what it is deduplicated by. */
export type Outgoing = {
  readonly subject: string;
  readonly id: string;
  readonly headers: MsgHdrs;
  readonly body: string;
};

/** A task; its id makes a repeated publish one message, and a later send of the same alarm a new one. */
export function encodeTask(message: TaskMessage, names: Names): Outgoing {
  const { idempotencyKey, traceparent, ...body } = message;
  const facts = headers();
  facts.set("idempotency-key", idempotencyKey);
  if (traceparent !== null) facts.set("traceparent", traceparent);
  return {
    subject: names.task(message),
    id: `${message.runId}:${message.target}:${message.revision}:${message.sends}`,
    headers: facts,
    body: JSON.stringify(body),
  };
}

/** The task in a message's body and headers; `null` when it is none. */
export function decodeTask(body: Uint8Array, facts: MsgHdrs | undefined): TaskMessage | null {
  const value = parse(body);
  if (!isObject(value)) return null;
  const { runId, target, kind, stepId, revision, sends } = value;
  if (typeof runId !== "string" || typeof target !== "string") return null;
  if (kind !== "run" && kind !== "resume" && kind !== "step") return null;
  if (stepId !== null && typeof stepId !== "string") return null;
  if (typeof revision !== "number" || typeof sends !== "number") return null;
  return {
    runId: runId as RunId,
    target: target as AlarmTarget,
    kind,
    stepId: stepId as StepId | null,
    revision,
    sends,
    idempotencyKey: facts?.get("idempotency-key") ?? "",
    traceparent: facts?.get("traceparent") || null,
  };
}

/**
 * Events, one message per subject with a JSON array in order; more where an array would pass `maxBytes`. An
 * event that is too large alone travels without its payload, marked `truncated`.
 */
export function encodeEvents(
  events: readonly PublishedEvent[],
  names: Names,
  maxBytes: number,
): readonly Outgoing[] {
  const bySubject = Map.groupBy(events, ({ runId, event }) =>
    names.event(runId, "stepId" in event ? event.stepId : null),
  );
  const outgoing: Outgoing[] = [];
  for (const [subject, ofSubject] of bySubject) {
    let texts: string[] = [];
    let from = 0;
    let bytes = 2;
    const close = (until: number) => {
      const first = ofSubject[from];
      const last = ofSubject[until - 1];
      if (texts.length === 0 || first === undefined || last === undefined) return;
      const id = `${first.runId}:${first.seq}-${last.seq}`;
      outgoing.push({ subject, id, headers: factsOf(first, id), body: `[${texts.join(",")}]` });
      texts = [];
      from = until;
      bytes = 2;
    };
    for (const [index, event] of ofSubject.entries()) {
      const { traceId: _, ...told } = event;
      let text = JSON.stringify(told);
      if (Buffer.byteLength(text) + 2 > maxBytes) text = JSON.stringify(withoutPayload(told));
      const size = Buffer.byteLength(text) + 1;
      if (bytes + size > maxBytes) close(index);
      texts.push(text);
      bytes += size;
    }
    close(ofSubject.length);
  }
  return outgoing;
}

/** All events of a message are of one run, and of one step or none. */
function factsOf({ runId, traceId, event }: PublishedEvent, id: string): MsgHdrs {
  const facts = headers();
  facts.set("idempotency-key", id);
  facts.set(
    "traceparent",
    traceparent(traceId, "stepId" in event ? stateSpanId(event.stepId) : runSpanId(runId)),
  );
  return facts;
}

function withoutPayload({ event, ...fact }: Omit<PublishedEvent, "traceId">) {
  const { branch, state, stepId } = event as { branch?: string; state?: string; stepId?: string };
  return { ...fact, event: { type: event.type, branch, state, stepId, truncated: true } };
}

function parse(body: Uint8Array): JsonValue | undefined {
  try {
    return JSON.parse(Buffer.from(body).toString()) as JsonValue;
  } catch {
    // Not JSON: the caller says so.
    return undefined;
  }
}
