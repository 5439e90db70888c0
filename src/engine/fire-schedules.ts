import type { By } from "../core/identity/channel.ts";
import type { RunId } from "../core/run/ids.ts";
import type { Schedule } from "../core/schedule/schedule.ts";
import { type Standing, type Trigger, type Turn, takeTurn } from "../core/schedule/take-turn.ts";
import type { StartingTick } from "../core/schedule/tick.ts";
import { cancelRun } from "./control-run.ts";
import { NewerData, StoreUnavailable } from "./errors.ts";
import type { AdminEvent } from "./ports/admin-events.ts";
import type { Settled, Settlement } from "./ports/schedules.ts";
import type { Ports } from "./ports.ts";
import { scheduledInput } from "./scheduled-input.ts";
import { type StartRequest, type StartResult, startRun } from "./start-run.ts";

export type SchedulePorts = Pick<Ports, "store" | "queue" | "clock" | "expressions" | "schemas" | "log">;

/**
 * Lets schedules do what their time has come for, each in three steps: the decision is kept, what it decided is done,
 * and what came of that is kept. Whoever dies in between is followed by another, who finds the decision and does it
 * again: a run's id follows from its tick, so it is started once. Answers how many schedules nobody else was faster at.
 */
export async function fireSchedules(ports: SchedulePorts, standings: readonly Standing[]): Promise<number> {
  const now = ports.clock.now();
  const turns = standings.map((standing) => ({ schedule: standing.schedule, turn: takeTurn(standing, now) }));
  const changes = turns.map(({ schedule, turn }) => ({
    before: schedule,
    after: after(schedule, turn),
    turn,
  }));
  const kept = await ports.store.schedules.keep(changes);
  await carryOut(
    ports,
    turns.filter(({ schedule }) => kept.has(schedule.id)),
  );
  return kept.size;
}

/** Fires a schedule by hand, beside whatever its time has come for; false when somebody else changed it meanwhile. */
export async function fireByHand(
  ports: SchedulePorts,
  standing: Standing,
  trigger: Trigger,
  event: AdminEvent,
): Promise<boolean> {
  const { schedule } = standing;
  const turn = takeTurn(standing, ports.clock.now(), trigger);
  const kept = await ports.store.schedules.keep([
    { before: schedule, after: after(schedule, turn), turn, event },
  ]);
  if (!kept.has(schedule.id)) return false;
  await carryOut(ports, [{ schedule, turn }]);
  return true;
}

function after(schedule: Schedule, { consideredUntil, lookAt }: Turn): Schedule {
  return { ...schedule, consideredUntil, lookAt };
}

type Kept = { readonly schedule: Schedule; readonly turn: Turn };

async function carryOut(ports: SchedulePorts, kept: readonly Kept[]): Promise<void> {
  const settlements = await Promise.all(kept.map((one) => carryOutOne(ports, one)));
  const done = settlements.filter((one) => one !== null);
  if (done.length > 0) await ports.store.schedules.settle(done, ports.clock.now());
}

/** What came of a turn; `null` where nothing did, or where it has to be done again. */
async function carryOutOne(ports: SchedulePorts, { schedule, turn }: Kept): Promise<Settlement | null> {
  const { starts, cancels, restUntil } = turn;
  if (starts.length + cancels.length === 0) return null;
  const by = byOf(schedule);
  try {
    for (const runId of cancels) await cancelRun(ports, runId, by, "the schedule's next run takes its place");
    const fates = await Promise.all(
      starts.map(async (tick) => ({ key: tick.key, fate: await start(ports, schedule, tick) })),
    );
    return { id: schedule.id, revision: schedule.revision + 1, fates, lookAt: restUntil };
  } catch (error) {
    // The decision is kept: whoever looks next does it again.
    ports.log.warn("schedule could not fire", { ...factsOf(schedule), error: String(error) });
    return null;
  }
}

async function start(ports: SchedulePorts, schedule: Schedule, tick: StartingTick): Promise<Settled> {
  const { environment, workflowId, spec } = schedule;
  const failed = (reason: string): Settled => {
    ports.log.warn("schedule started no run", { ...factsOf(schedule), tick: tick.key, reason });
    return { status: "failed", reason };
  };
  const input = await scheduledInput(ports, spec, tick.at);
  if (!input.ok) return failed(`its input cannot be made: ${input.message}`);
  const result = await tryToStart(ports, {
    runId: tick.runId,
    environment,
    workflowId,
    input: input.value,
    by: { ...byOf(schedule), ...(tick.triggeredBy !== null && { actor: tick.triggeredBy }) },
  });
  switch (result.status) {
    case "started":
      return { status: "started", runId: result.runId };
    case "disabled":
      return { status: "skipped", reason: `workflow "${workflowId}" is disabled` };
    case "unknown-workflow":
      return failed(`workflow "${workflowId}" is not there`);
    case "invalid-input": {
      const [first] = result.errors;
      return failed(`its input does not fit: /input${first?.pointer ?? ""} ${first?.message ?? ""}`);
    }
    case "refused":
      if (result.refusal.code === "concurrency-limit")
        return { status: "skipped", reason: result.refusal.message };
      return failed(result.refusal.message);
    case "key-reused":
      return failed("its run's idempotency key was used for something else");
    case "broken":
      return failed(result.reason);
  }
}

/**
 * What would go wrong again and again is what came of the tick: the next one is not held up by it. What only a newer
 * program knows is left to it.
 */
async function tryToStart(
  ports: SchedulePorts,
  request: StartRequest & { readonly runId: RunId },
): Promise<StartResult | { readonly status: "broken"; readonly reason: string }> {
  try {
    return await startRun(ports, request);
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof NewerData) throw error;
    if (await ports.store.queries.status(request.runId))
      return { status: "started", runId: request.runId, replayed: true };
    return { status: "broken", reason: `no run could be started: ${String(error)}` };
  }
}

/** Who starts the runs whose time has come. */
function byOf({ name }: Pick<Schedule, "name">): By {
  return { actor: `schedule:${name}`, channel: "schedule" };
}

function factsOf({ environment, name, workflowId }: Schedule) {
  return { environment, schedule: name, workflow_id: workflowId };
}
