import type { By } from "../core/identity/channel.ts";
import type { JsonObject } from "../core/json.ts";
import type { NewRun, Refusal } from "../core/run/commands.ts";
import { create } from "../core/run/decide.ts";
import type { RunId } from "../core/run/ids.ts";
import { rerun } from "../core/run/rerun.ts";
import type { CalledBy } from "../core/run/run.ts";
import { goesWithin, slotOf, turnedAway } from "../core/run/slot.ts";
import type { Source } from "../core/run/taken-over.ts";
import { parseTraceparent } from "../core/trace/context.ts";
import { concurrencyKeyOf } from "./concurrency-key.ts";
import { newId } from "./ids.ts";
import type { Once, Replay } from "./ports/runs.ts";
import type { SchemaError } from "./ports/schemas.ts";
import type { Startable } from "./ports/workflows.ts";
import type { Ports } from "./ports.ts";
import { runInput } from "./run-input.ts";

export type StartRequest = {
  /** Makes the start itself repeatable: the run with this id is started once. Without it every start is a new run. */
  readonly runId?: RunId;
  readonly environment: string;
  readonly workflowId: string;
  readonly version?: number;
  readonly input: JsonObject;
  readonly labels?: Readonly<Record<string, string>>;
  readonly by: By;
  /** The caller's trace context (W3C); what is not valid is left out. */
  readonly traceparent?: string | undefined;
  /** The step of another run that starts it. */
  readonly calledBy?: CalledBy;
  /** An earlier run that is run again, and where. */
  readonly rerun?: { readonly source: Source; readonly from: string | null };
  /** The caller's idempotency key, with the hash of what it asked for. */
  readonly once?: {
    readonly principal: string;
    readonly key: string;
    readonly requestHash: string;
    /** How long the key is remembered; a day when nobody says otherwise. */
    readonly forMs?: number;
  };
};

export type StartResult =
  | { readonly status: "started"; readonly runId: RunId; readonly replayed: boolean }
  | { readonly status: "unknown-workflow" }
  | { readonly status: "disabled"; readonly workflow: Startable }
  | { readonly status: "invalid-input"; readonly errors: readonly SchemaError[] }
  /** A run cannot be run again like this. */
  | { readonly status: "refused"; readonly refusal: Refusal }
  /** The key was used for another request. */
  | { readonly status: "key-reused" };

/** How often others may be faster at a slot that is free when it is looked at. */
const MAX_OVERTAKEN = 20;
const DAY_MS = 86_400_000;
const ROUTE = "POST /workflow-runs";

/** Records that a run is to be; a worker starts it. Answers the same run again for a repeated idempotency key. */
export async function startRun(
  ports: Pick<Ports, "store" | "clock" | "schemas" | "expressions">,
  request: StartRequest,
): Promise<StartResult> {
  const result = await tryToStart(ports, request);
  if (request.runId !== undefined && result.status !== "started") {
    // As below: what is refused by now may have been started before.
    const there = await ports.store.queries.status(request.runId);
    return there ? { status: "started", runId: request.runId, replayed: true } : result;
  }
  if (!request.once || result.status === "started" || result.status === "key-reused") return result;
  // What is refused by now may have been started when it was asked for the first time.
  return (await replayOf(ports, request.once)) ?? result;
}

/** What the same request was answered before; `null` when it was not. */
export async function replayOf(
  { store, clock }: Pick<Ports, "store" | "clock">,
  once: NonNullable<StartRequest["once"]>,
): Promise<StartResult | null> {
  const replay = await store.runs.answered({ ...once, route: ROUTE }, clock.now());
  return replay && replayed(replay, once.requestHash);
}

async function tryToStart(
  ports: Pick<Ports, "store" | "clock" | "schemas" | "expressions">,
  request: StartRequest,
): Promise<StartResult> {
  const { environment, workflowId, version } = request;
  const workflow = await ports.store.workflows.startable(environment, workflowId, version);
  if (!workflow) return { status: "unknown-workflow" };
  if (!workflow.enabled) return { status: "disabled", workflow };
  const { definition } = workflow;
  const now = ports.clock.now();
  const isByHand = request.runId === undefined && request.rerun === undefined;
  const given = await runInput(ports, definition, request.input, isByHand ? now : null);
  if (!given.valid) return { status: "invalid-input", errors: given.errors };
  const runId = request.runId ?? (newId("run", ports.clock) as RunId);
  const counted = await concurrencyKeyOf(
    ports,
    definition,
    { version: workflow.version, environment },
    given.input,
  );
  if (!counted.ok)
    return {
      status: "invalid-input",
      errors: [{ pointer: "", message: counted.message, keyword: "concurrency" }],
    };
  const of = { id: workflow.id, version: workflow.version, environment, author: workflow.author };
  const limited = { id: runId, workflow: of, definition, concurrencyKey: counted.key, createdAt: now };
  const wanted: NewRun = {
    runId,
    workflow: of,
    definition,
    input: given.input,
    labels: { ...definition.labels, ...request.labels },
    ...(request.traceparent !== undefined &&
      parseTraceparent(request.traceparent) && { traceparent: request.traceparent }),
    ...(request.calledBy && { calledBy: request.calledBy }),
    ...(counted.key !== null &&
      (await needsSlot(ports, limited, request.calledBy)) && { concurrencyKey: counted.key }),
  };
  const { by } = request;
  const begun = request.rerun
    ? rerun(wanted, request.rerun.source, request.rerun.from, now, by)
    : { ok: true as const, ...create(wanted, now, by) };
  if (!begun.ok) return { status: "refused", refusal: begun.refusal };
  const once = request.once && onceOf(request.once, runId, now);
  const { slot } = begun.transition.expected;
  for (let overtaken = 0; overtaken < MAX_OVERTAKEN; overtaken++) {
    const refusal = slot ? turnedAway(slot, await ports.store.runs.aheadOf(slot, slot.limit)) : null;
    if (refusal) return { status: "refused", refusal };
    const result = await ports.store.runs.commit(begun.transition, once);
    switch (result.status) {
      case "committed":
        return { status: "started", runId, replayed: false };
      case "replayed":
        return replayed(result, request.once?.requestHash);
      case "stale":
        if (request.runId !== undefined && (!slot || (await ports.store.queries.status(runId))))
          return { status: "started", runId, replayed: true };
        if (!slot) throw new Error(`run ${runId} exists already`);
    }
  }
  throw new Error(`run ${runId}: its slot was taken by others ${MAX_OVERTAKEN} times and free again`);
}

/** False when nothing limits the run, or one that waits for its end holds a slot under its key. */
async function needsSlot(
  { store }: Pick<Ports, "store">,
  run: Parameters<typeof slotOf>[0],
  calledBy: CalledBy | undefined,
): Promise<boolean> {
  const slot = slotOf(run);
  if (!slot || !calledBy) return slot !== null;
  return !goesWithin(calledBy, await store.runs.aheadOf(slot, 0));
}

function onceOf(
  { principal, key, requestHash, forMs = DAY_MS }: NonNullable<StartRequest["once"]>,
  runId: RunId,
  now: number,
): Once {
  return { principal, key, requestHash, route: ROUTE, answer: { runId }, expiresAt: now + forMs };
}

function replayed({ requestHash, answer }: Replay, asked: string | undefined): StartResult {
  if (requestHash !== asked) return { status: "key-reused" };
  return { status: "started", runId: (answer as { runId: RunId }).runId, replayed: true };
}
