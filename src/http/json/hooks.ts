import { isoTime } from "../../core/time.ts";
import type { Delivery } from "../../core/webhook/delivery.ts";
import { actorOf, type Hook, secretsAt } from "../../core/webhook/hook.ts";
import type { Plan } from "../../core/webhook/plan.ts";
import type { Tried } from "../../engine/webhook/again.ts";
import type { HookDeliveryRow, HookTrialResult, Hook as Json } from "../schemas/hooks.ts";

/** Longer than any delivery takes: its process has died. */
const LONGEST_DELIVERY_MS = 60_000;

/** A hook without its secrets. */
export function hookJson(hook: Hook, now: number): Json {
  const { id, environment, name, scheme, target, when, identity, headers, enabled } = hook;
  const [, previous] = secretsAt(hook, now);
  return {
    hookId: id,
    environment,
    name,
    principal: actorOf(hook),
    path: `/api/v1/hooks/${id}`,
    scheme,
    target,
    when,
    identity,
    headers: [...headers],
    status: enabled ? "enabled" : "disabled",
    previousSecretUntil: previous?.until == null ? null : isoTime(previous.until),
    createdAt: isoTime(hook.createdAt),
    createdBy: hook.createdBy,
    updatedAt: isoTime(hook.updatedAt),
  };
}

/** A delivery without the request. */
export function deliveryRow(delivery: Delivery, now: number): HookDeliveryRow {
  const { id, receivedAt, eventId, eventType, again, outcome, request } = delivery;
  const isDead = outcome.status === "RECEIVED" && now - receivedAt > LONGEST_DELIVERY_MS;
  return {
    deliveryId: id,
    receivedAt: isoTime(receivedAt),
    eventId,
    eventType,
    status: isDead ? "INTERRUPTED" : outcome.status,
    runId: "runId" in outcome ? outcome.runId : null,
    repeated: "isRepeated" in outcome && outcome.isRepeated,
    reason: "reason" in outcome ? outcome.reason : null,
    errors: "errors" in outcome ? [...outcome.errors] : [],
    redeliveryOf: again?.of ?? null,
    redeliveredBy: again?.by ?? null,
    bytes: request.bytes,
  };
}

/** A delivery as it came. */
export function deliveryJson(delivery: Delivery, now: number) {
  const { headers, query, contentType, text } = delivery.request;
  return { ...deliveryRow(delivery, now), contentType, headers, query, body: text };
}

/** What would come of an event. */
export function trialJson({ target }: Pick<Hook, "target">, { plan, errors }: Tried): HookTrialResult {
  return {
    outcome: errors.length > 0 ? "failed" : outcomeOf(plan),
    ignored: plan.do === "ignore" ? plan.reason : null,
    workflowId: target.type === "start-run" ? target.workflowId : null,
    input: plan.do === "start" ? plan.input : null,
    runId: plan.do === "signal" ? plan.runId : null,
    signal: plan.do === "signal" ? plan.signal : null,
    payload: plan.do === "signal" ? plan.payload : null,
    errors: plan.do === "refuse" ? [...plan.errors] : [...errors],
  };
}

function outcomeOf(plan: Plan): HookTrialResult["outcome"] {
  switch (plan.do) {
    case "ignore":
      return "ignored";
    case "start":
      return "start-run";
    case "signal":
      return "signal";
    case "refuse":
      return "failed";
  }
}
