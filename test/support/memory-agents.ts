import { type AgentChange, type AgentRun, evolveAgent, isFinished } from "../../src/core/agent/agent-run.ts";
import type { AgentStore } from "../../src/engine/ports/agents.ts";

/** For tests of the loop: keeps agent runs as the database does; `holder` is who has the step. */
export function memoryAgents(holder = { worker: "w1", token: 1 }) {
  const runs = new Map<string, AgentRun>();
  const isHeld = (hold: typeof holder) => hold.worker === holder.worker && hold.token === holder.token;
  const store: AgentStore = {
    async open(fresh, hold, earlier) {
      if (!isHeld(hold)) return { status: "lost" };
      const known = runs.get(fresh.id);
      const before = earlier.map((id) => runs.get(id)).find((run) => run !== undefined);
      const status = before?.status;
      const goesOn =
        status && (status.status !== "failed" || status.error.retryable || before.family.parentId !== null);
      const begun: AgentRun = {
        ...fresh,
        status: { status: "running" },
        turns: goesOn ? before.turns : [],
        calls: goesOn ? before.calls : [],
        resumedFrom: goesOn ? before.id : null,
      };
      const run = known
        ? isFinished(known)
          ? known
          : { ...known, status: { status: "running" } as const }
        : begun;
      runs.set(run.id, run);
      return { status: "open", run };
    },
    async commit(id, hold, changes) {
      const run = runs.get(id);
      if (!run || !isHeld(hold)) return false;
      if (isFinished(run)) return changes.some((change) => isSame(change, run));
      const fresh = changes.filter((change) => !isKept(change, run));
      runs.set(id, fresh.reduce(evolveAgent, run));
      return true;
    },
    async abandon(rootId, _hold, reason, at) {
      for (const run of runs.values())
        if (run.family.rootId === rootId && !isFinished(run))
          runs.set(run.id, { ...run, status: { status: "cancelled", reason, at } });
    },
    sweep: async () => 0,
    run: async (id) => runs.get(id) ?? null,
    known: async (ids) => new Set(ids.filter((id) => runs.has(id))),
    list: async () => [],
  };
  return { store, runs, holder };
}

/** A status that was kept before, and nobody heard. */
function isSame(change: AgentChange, { status }: AgentRun): boolean {
  return change.type === "status" && JSON.stringify(change.status) === JSON.stringify(status);
}

/** What is kept twice is kept once, and of a finished call the first word counts. */
function isKept(change: AgentChange, { turns, calls }: AgentRun): boolean {
  switch (change.type) {
    case "turn":
      return turns.some(({ seq }) => seq === change.turn.seq);
    case "call":
      return calls.some(({ id, progress }) => id === change.call.id && progress.status === "done");
    case "status":
      return false;
  }
}
