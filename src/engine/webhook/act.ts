import { didYouMean } from "../../core/definition/suggest.ts";
import type { By } from "../../core/identity/channel.ts";
import type { JsonObject } from "../../core/json.ts";
import { child } from "../../core/path.ts";
import type { DeliveryError, DeliveryOutcome } from "../../core/webhook/delivery.ts";
import { actorOf, type Hook } from "../../core/webhook/hook.ts";
import { type Plan, planOf, questionsOf } from "../../core/webhook/plan.ts";
import { signalRun } from "../control-run.ts";
import type { Ports } from "../ports.ts";
import { type StartResult, startRun } from "../start-run.ts";

export type ActPorts = Pick<Ports, "store" | "queue" | "clock" | "expressions" | "schemas" | "log">;

/** How long an event is known when it comes again: longer than its sender tries. */
const KNOWN_FOR_MS = 7 * 86_400_000;

/** Any event of an id is that event, whatever came with it. */
const ANY_REQUEST = "event";

/** GitHub's way of asking whether anybody is there. */
const PING = "ping";

/** What an event comes to: nothing is done. */
export async function planFor(
  { expressions }: Pick<Ports, "expressions">,
  hook: Hook,
  context: JsonObject,
  eventId: string | null,
): Promise<Plan> {
  if (hook.scheme.type === "github" && child(context["event"], "type") === PING)
    return { do: "ignore", reason: PING };
  const { programs, scope } = questionsOf(hook, context);
  const answers = programs.length === 0 ? [] : await expressions.evaluate(programs, scope);
  const evaluations = new Map(answers.map((answer, index) => [programs[index]?.text ?? "", answer]));
  return planOf(hook, context, evaluations, eventId);
}

/**
 * Does what an event asks for, once for each event id. `again`: whoever had it done again; without it the hook's own doing.
 * An outcome `FAILED` has had no effect.
 */
export async function actOn(
  ports: ActPorts,
  hook: Hook,
  context: JsonObject,
  eventId: string | null,
  again: string | null,
): Promise<{ readonly eventId: string | null; readonly outcome: DeliveryOutcome }> {
  const plan = await planFor(ports, hook, context, eventId);
  const by: By = { actor: again ?? actorOf(hook), channel: "webhook" };
  switch (plan.do) {
    case "ignore":
      return { eventId, outcome: { status: "IGNORED", reason: plan.reason } };
    case "refuse":
      return { eventId, outcome: failed("the event does not fit the hook", plan.errors) };
    case "start":
      return { eventId: plan.eventId, outcome: await start(ports, hook, plan, by) };
    case "signal":
      return { eventId: plan.eventId, outcome: await signal(ports, hook, plan, by) };
  }
}

async function start(
  ports: ActPorts,
  hook: Hook,
  { eventId, input }: Extract<Plan, { do: "start" }>,
  by: By,
): Promise<DeliveryOutcome> {
  const { target, environment } = hook;
  if (target.type !== "start-run") throw new Error("a signal is no run to start");
  const { workflowId, version } = target;
  const result = await startRun(ports, {
    environment,
    workflowId,
    input,
    by,
    ...(version !== null && { version }),
    once: { principal: hook.id, key: eventId, requestHash: ANY_REQUEST, forMs: KNOWN_FOR_MS },
  });
  if (result.status === "started")
    return { status: "STARTED", runId: result.runId, isRepeated: result.replayed };
  return failed(...(await reasonOf(ports, hook, workflowId, result)));
}

async function reasonOf(
  { store }: ActPorts,
  { environment }: Hook,
  workflowId: string,
  result: Exclude<StartResult, { status: "started" }>,
): Promise<[string, readonly DeliveryError[]]> {
  switch (result.status) {
    case "unknown-workflow": {
      const known = (await store.workflows.list(environment)).map(({ id }) => id);
      const hint = didYouMean(workflowId, known);
      return [
        `workflow "${workflowId}" not found in environment "${environment}"${hint ? ` (${hint})` : ""}`,
        [],
      ];
    }
    case "disabled":
      return [`workflow "${workflowId}" is disabled in environment "${environment}"`, []];
    case "invalid-input":
      return [
        `the input does not match the schema of workflow "${workflowId}"`,
        result.errors.map(({ pointer, message, hint }) => ({
          pointer: `/input${pointer}`,
          message,
          ...(hint !== undefined && { hint }),
        })),
      ];
    case "refused":
      return [result.refusal.message, []];
    case "key-reused":
      throw new Error("an event's id is taken by something that is no event");
  }
}

async function signal(
  ports: ActPorts,
  hook: Hook,
  { eventId, runId, signal: name, payload }: Extract<Plan, { do: "signal" }>,
  by: By,
): Promise<DeliveryOutcome> {
  // Whoever may write to one environment's hook must not reach the runs of another.
  const there = await ports.store.queries.environmentOf("run", runId);
  if (there !== hook.environment)
    return failed(`run "${runId}" not found in environment "${hook.environment}"`, []);
  const result = await signalRun(ports, runId, by, {
    name,
    payload,
    id: `${hook.id}/${eventId}`,
    asked: ANY_REQUEST,
  });
  switch (result.status) {
    case "done":
      return { status: "SIGNALLED", runId, isRepeated: !result.changed };
    case "refused":
      return failed(result.refusal.message, []);
    case "unknown":
      return failed(`run "${runId}" not found in environment "${hook.environment}"`, []);
  }
}

function failed(reason: string, errors: readonly DeliveryError[]): DeliveryOutcome {
  return { status: "FAILED", reason, errors };
}
