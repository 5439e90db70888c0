import { isDeepStrictEqual } from "node:util";
import type { Definition } from "../../src/core/definition/types.ts";
import { blockAt, stateIn } from "../../src/core/run/blocks.ts";
import { contextOf } from "../../src/core/run/context.ts";
import { isTerminalEvent } from "../../src/core/run/events.ts";
import { begin } from "../../src/core/run/evolve.ts";
import { ROOT, type RunId } from "../../src/core/run/ids.ts";
import { isTerminal, type Run, statusOf } from "../../src/core/run/run.ts";
import type { EventView } from "../../src/engine/ports/queries.ts";
import { problemsOfTrace, spansOf } from "../support/trace.ts";
import type { Coverage } from "./coverage.ts";
import { AGENT_FAILURE, type World } from "./world.ts";

/** Everything that must hold of a finished run; answers its events. */
export async function checkRun(
  world: World,
  runId: RunId,
  definition: Definition,
  coverage: Coverage,
): Promise<readonly EventView[]> {
  const events = await world.store.queries.events(runId, 0, 100_000);
  events.forEach((event, index) => {
    if (event.seq !== index + 1) throw new Error(`${runId}: event ${index + 1} has seq ${event.seq}`);
  });
  const [first, ...rest] = events;
  if (first?.event.type !== "run.created") throw new Error(`${runId}: starts with ${first?.event.type}`);
  const succeeded = new Set<string>();
  for (const { event, seq } of rest) {
    if (isTerminalEvent(event) && seq !== events.length)
      throw new Error(`${runId}: events after ${event.type}`);
    if (event.type === "state.reused") succeeded.add(event.stepId);
    if (event.type === "approval.reminded" || event.type === "approval.escalated") {
      const told = `${event.approvalId} ${event.type} ${"level" in event ? event.level : ""}`;
      if (succeeded.has(told)) throw new Error(`${runId}: ${told} twice`);
      succeeded.add(told);
    }
    if (event.type !== "step.succeeded") continue;
    if (succeeded.has(event.stepId)) throw new Error(`${runId}: ${event.state} succeeded twice`);
    succeeded.add(event.stepId);
  }
  checkPauses(runId, events);
  checkHolders(runId, events);
  const begun = begin(definition, { ...first, event: first.event });
  const run = coverage.follow(begun, rest);
  if (!isTerminal(run)) throw new Error(`${runId}: ends as ${run.lifecycle.status}`);
  checkAttempts(run);
  await compare(world, run);
  const [problem] = problemsOfTrace(events, spansOf(events));
  if (problem) throw new Error(`${runId}: its trace: ${problem}`);
  return events;
}

/** While a run is paused, what runs is finished and nothing begins. */
function checkPauses(runId: RunId, events: readonly EventView[]): void {
  let isPaused = false;
  for (const { event } of events) {
    if (event.type === "run.paused") isPaused = true;
    if (event.type === "run.resumed") isPaused = false;
    if (
      isPaused &&
      (event.type === "state.entered" || event.type === "step.started" || event.type === "step.called")
    )
      throw new Error(`${runId}: ${event.type} of ${event.state} while it was paused`);
  }
}

/** What an attempt of an agent came to is told by the worker that holds the step, and by no earlier one. */
function checkHolders(runId: RunId, events: readonly EventView[]): void {
  const holders = new Map<string, string>();
  for (const { event, actor } of events) {
    if (event.type === "step.started" || event.type === "step.resumed" || event.type === "step.reclaimed")
      holders.set(event.stepId, `worker:${event.lease.worker}`);
    const isFailure = event.type === "step.failed" && event.error.code === AGENT_FAILURE;
    if (event.type !== "step.succeeded" && !isFailure) continue;
    const holder = holders.get(event.stepId);
    if (holder !== undefined && holder !== actor)
      throw new Error(`${runId}: ${event.type} of ${event.state} by ${actor}, held by ${holder}`);
  }
}

/** No step was tried more often than its state allows. */
function checkAttempts({ id, definition, steps }: Run): void {
  for (const { branch, state: name, attempt, reusedFrom } of Object.values(steps)) {
    const state = stateIn(blockAt(definition, branch), name, branch);
    const most = "retry" in state ? (state.retry?.maxAttempts ?? 1) : 1;
    if (reusedFrom === null && attempt > most)
      throw new Error(`${id}: ${name} was tried ${attempt} times of ${most}`);
  }
}

/** fold(events) == rows. */
export async function compare(world: Pick<World, "store" | "now">, run: Run): Promise<void> {
  const view = await world.store.queries.run(run.id, world.now);
  same(run.id, "status", view?.status, statusOf(run));
  same(run.id, "context", view?.context, contextOf(run, ROOT));
  const steps = await world.store.queries.steps(run.id);
  const stored = new Map(steps.map((step) => [step.stepId, step]));
  same(run.id, "number of steps", stored.size, Object.keys(run.steps).length);
  for (const step of Object.values(run.steps)) {
    const row = stored.get(step.id);
    const { progress } = step;
    const output = progress.status === "SUCCEEDED" ? progress.output : undefined;
    const error = "error" in progress ? (progress.error ?? null) : null;
    same(run.id, `step ${step.state}`, row && { ...pick(row), output: row.output, error: row.error }, {
      state: step.state,
      branch: step.branch,
      attempt: step.attempt,
      status: progress.status,
      output,
      error,
    });
  }
  const approvals = await world.store.queries.approvals({ runId: run.id }, { limit: 1000 });
  for (const approval of approvals) {
    const { runId, workflowId, workflowVersion, environment, startedBy, ...row } = approval;
    same(run.id, `approval ${approval.id}`, row, run.approvals[approval.id]);
  }
}

function pick({
  state,
  branch,
  attempt,
  status,
}: {
  state: string;
  branch: string;
  attempt: number;
  status: string;
}) {
  return { state, branch, attempt, status };
}

function same(runId: string, what: string, stored: unknown, folded: unknown): void {
  if (isDeepStrictEqual(stored, folded)) return;
  throw new Error(
    `${runId}: ${what} differs: rows ${JSON.stringify(stored)}, events ${JSON.stringify(folded)}`,
  );
}
