import type { By } from "../../core/identity/channel.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Delivery, DeliveryError } from "../../core/webhook/delivery.ts";
import type { Hook } from "../../core/webhook/hook.ts";
import type { Plan } from "../../core/webhook/plan.ts";
import { contentOf, contextOf, type HookRequest } from "../../core/webhook/request.ts";
import { concurrencyKeyOf } from "../concurrency-key.ts";
import { newId } from "../ids.ts";
import { runInput } from "../run-input.ts";
import { type ActPorts, actOn, planFor } from "./act.ts";
import { eventOf } from "./hooks.ts";
import { KEPT, settled } from "./receive.ts";

export type Redelivered =
  | { readonly status: "settled"; readonly delivery: Delivery }
  | { readonly status: "unknown" }
  /** Its body was too long to be kept, or went when its run was purged. */
  | { readonly status: "not-kept" };

/**
 * Does a delivery again, with the hook as it is by now, in the name of whoever asks for it. What it had started stays
 * the only run of its event.
 */
export async function redeliver(
  ports: ActPorts,
  hook: Hook,
  deliveryId: string,
  by: By,
): Promise<Redelivered> {
  const { deliveries } = ports.store.hooks;
  const first = await deliveries.find(hook.id, deliveryId);
  if (!first) return { status: "unknown" };
  if (first.request.text === null) return { status: "not-kept" };
  const now = ports.clock.now();
  const delivery: Delivery = {
    ...first,
    id: newId("dlv", ports.clock),
    receivedAt: now,
    again: { of: first.id, by: by.actor },
    outcome: { status: "RECEIVED" },
  };
  await ports.store.adminEvents.append(
    eventOf(ports, "hook.redelivered", hook, by, { deliveryId, as: delivery.id }),
  );
  if (!(await deliveries.add(delivery, { most: KEPT.most, since: now - KEPT.ms })))
    return { status: "unknown" };
  return { status: "settled", delivery: await finish(ports, hook, delivery, first.receivedAt) };
}

/** Does what a kept delivery asks for, and keeps what came of it. `at`: when its event came. */
export async function finish(
  ports: ActPorts,
  hook: Hook,
  delivery: Delivery,
  at = delivery.receivedAt,
): Promise<Delivery> {
  const { text, ...request } = delivery.request;
  const content =
    text === null
      ? ({ ok: false, message: "its body was too long to be kept: have it sent again" } as const)
      : contentOf(hook.scheme, { ...request, text });
  if (!content.ok) return settled(ports, delivery, { status: "FAILED", reason: content.message, errors: [] });
  const context = contextOf(hook, request, content.value, { id: delivery.eventId, receivedAt: at });
  const { eventId, outcome } = await actOn(
    ports,
    hook,
    context,
    delivery.eventId,
    delivery.again?.by ?? null,
  );
  return settled(ports, { ...delivery, eventId }, outcome);
}

/** What a hook would make of an event, and whether the workflow would take it. */
export type Tried = {
  readonly plan: Plan;
  /** What speaks against it beside the plan itself. */
  readonly errors: readonly DeliveryError[];
};

/** Says what would come of a request; nothing happens and nothing is kept. */
export async function tryHook(
  ports: ActPorts,
  hook: Hook,
  request: Pick<HookRequest, "headers" | "query">,
  body: JsonValue,
): Promise<Tried> {
  const id = "test";
  const context: JsonObject = contextOf(hook, request, body, { id, receivedAt: ports.clock.now() });
  const plan = await planFor(ports, hook, context, id);
  return { plan, errors: plan.do === "start" ? await faultsOfInput(ports, hook, plan.input) : [] };
}

async function faultsOfInput(
  ports: ActPorts,
  { target, environment }: Hook,
  input: JsonObject,
): Promise<readonly DeliveryError[]> {
  if (target.type !== "start-run") return [];
  const { workflowId, version } = target;
  const workflow = await ports.store.workflows.startable(environment, workflowId, version ?? undefined);
  if (!workflow)
    return [{ pointer: "/target/workflowId", message: `workflow "${workflowId}" is not there any more` }];
  const disabled = workflow.enabled
    ? []
    : [{ pointer: "/target/workflowId", message: `workflow "${workflowId}" is disabled` }];
  const { definition, version: number } = workflow;
  const given = await runInput(ports, definition, input, ports.clock.now());
  if (!given.valid)
    return [
      ...disabled,
      ...given.errors.map(({ pointer, message }) => ({ pointer: `/input${pointer}`, message })),
    ];
  const counted = await concurrencyKeyOf(ports, definition, { version: number, environment }, given.input);
  return counted.ok ? disabled : [...disabled, { pointer: "/input", message: counted.message }];
}
