import type { Definition } from "../definition/types.ts";
import { isoTime } from "../time.ts";
import { whoMay } from "./approvals/rights.ts";
import { tallyOf, tallyText } from "./approvals/tally.ts";
import { blockAt, stateIn } from "./blocks.ts";
import type { BranchPath } from "./ids.ts";
import type { Approval, RunStatus, StepError, Waiting } from "./run.ts";

/** An open step that a run waits for, and how many others there are beside it. Times are ms since 1970. */
export type Blocker = {
  readonly state: string;
  readonly branch: string;
  readonly others: number;
  readonly deadline: number | null;
  readonly on:
    | {
        readonly for: "approval";
        readonly approval: Pick<
          Approval,
          "approvers" | "escalatedTo" | "quorum" | "decisions" | "terms" | "expiresAt"
        >;
      }
    | Exclude<Waiting, { for: "children" | "run" }>
    /** `status`: where the called run stands; `null` while it is not there yet. */
    | {
        readonly for: "run";
        readonly runId: string;
        readonly workflow: string;
        readonly status: RunStatus | null;
      }
    /** A worker has it; `silentSince`: its lease is over and nobody has taken the step over yet. */
    | {
        readonly for: "agent";
        readonly worker: string;
        readonly attempt: number;
        readonly silentSince: number | null;
      }
    | {
        readonly for: "attempt";
        readonly attempt: number;
        readonly dueAt: number;
        /** Why the one before it failed; `null` before the first, and where it is not known. */
        readonly after: StepError["message"] | null;
        /** Attempts in all, the first included; `null` where it is not known. */
        readonly most: number | null;
      };
};

/** What else is known of a run that has not ended. */
export type Standing = {
  readonly status: RunStatus;
  readonly createdAt: number;
  /** Processes that are alive and execute steps. */
  readonly workers: number;
  /** The open step that says most; `null` when there is none but those that wait for their branches. */
  readonly blocker: Blocker | null;
  readonly paused: { readonly by: string; readonly at: number; readonly reason: string | null } | null;
  /** Steps that agents still work on. */
  readonly running: number;
  /** Of a run that needs a slot before it starts: who holds those there are, and how many wait before it. */
  readonly queue: {
    readonly key: string;
    readonly limit: number;
    /** The oldest; `null` without any. */
    readonly holder: string | null;
    readonly held: number;
    readonly ahead: number;
  } | null;
};

/** What an unfinished run waits for, in one sentence; `null` when it is over. */
export function blockedOn(standing: Standing, now: number): string | null {
  const { status, blocker, paused, running, queue, workers } = standing;
  switch (status) {
    case "COMPLETED":
    case "FAILED":
    case "CANCELLED":
    case "TIMED_OUT":
      return null;
    case "PENDING":
      return (
        (queue && turnOf(queue)) ??
        `no worker has taken it, queued since ${isoTime(standing.createdAt)}: ${connected(workers)}`
      );
    case "PAUSED": {
      const who = paused ? `${paused.by} since ${isoTime(paused.at)}` : "someone";
      const left =
        running === 0 ? "" : `; ${running} running step${running === 1 ? " is" : "s are"} finished first`;
      return `paused by ${who}${paused?.reason ? `: ${paused.reason}` : ""}${left}`;
    }
    case "RUNNING":
    case "WAITING_APPROVAL":
    case "WAITING_SIGNAL": {
      if (!blocker) return `waiting for a worker to go on: ${connected(workers)}`;
      return sentence(blocker, workers, now);
    }
  }
}

/** Which attempt follows one that failed, of how many, when (` in 12s`), and why: also where the step itself is shown. */
export function nextAttempt(
  { attempt, most, after }: Pick<Extract<Blocker["on"], { for: "attempt" }>, "attempt" | "most" | "after">,
  when: string,
): string {
  const ofAll = most === null ? "" : ` of ${most}`;
  const why = after === null ? "" : `: ${after.replace(/\s+/g, " ").trim()}`;
  return `attempt ${attempt}${ofAll}${when}${why}`;
}

/** How many attempts a state of a workflow may take, the first included. */
export function mostAttempts(
  definition: Definition,
  { branch, state: name }: Pick<Blocker, "branch" | "state">,
): number | null {
  const path = branch as BranchPath;
  const state = stateIn(blockAt(definition, path), name, path);
  return ("retry" in state ? state.retry?.maxAttempts : undefined) ?? null;
}

/** Whom a run lets go first; `null` when there is room for it. */
function turnOf({ key, limit, holder, held, ahead }: NonNullable<Standing["queue"]>): string | null {
  if (held + ahead < limit) return null;
  const before = ahead === 0 ? "" : `${ahead} run${ahead === 1 ? "" : "s"} before it`;
  if (holder === null) return `waits for ${before} with the concurrency key "${key}"`;
  const which = held === 1 ? `run ${holder}, which holds` : `run ${holder} or ${held - 1} more, which hold`;
  return `waits for ${which} the concurrency key "${key}"${before && `; ${before}`}`;
}

function sentence(blocker: Blocker, workers: number, now: number): string {
  const { state: name, branch, others, on } = blocker;
  const state = branch === "" ? name : `${name} in ${branch}`;
  const more = others > 0 ? ` (and ${others} more)` : "";
  if (on.for === "attempt") return attemptSentence(`${state}${more}`, on, workers, now);
  return `${waitingFor(state, blocker.deadline, on, workers)}${more}`;
}

function attemptSentence(
  state: string,
  on: Extract<Blocker["on"], { for: "attempt" }>,
  workers: number,
  now: number,
): string {
  const at = isoTime(on.dueAt);
  if (on.dueAt > now) return `retrying ${state}, ${nextAttempt(on, ` at ${at}`)}`;
  const attempt = on.attempt > 1 ? `attempt ${on.attempt} of ` : "";
  return `no worker has taken ${attempt}step ${state}, due since ${at}: ${connected(workers)}`;
}

function connected(workers: number): string {
  return `${workers} worker${workers === 1 ? "" : "s"} connected`;
}

function waitingFor(
  state: string,
  deadline: number | null,
  on: Exclude<Blocker["on"], { for: "attempt" }>,
  workers: number,
): string {
  switch (on.for) {
    case "approval": {
      const { approval } = on;
      const tally = tallyOf(approval);
      const soFar = tally.needed > 1 ? `: ${tallyText(tally)}` : "";
      return `waiting for approval of ${state} by ${whoMay(approval)}${soFar}${until(approval.expiresAt)}`;
    }
    case "signal":
      return `waiting for signal ${on.name} at ${state}${until(deadline)}`;
    case "timer":
      return `timer ${state} until ${isoTime(on.dueAt)}`;
    case "run": {
      const { runId, workflow, status } = on;
      const now = status === null ? "not started yet" : status;
      return `${state} waits for run ${runId} of workflow ${workflow} (${now})${until(deadline)}`;
    }
    case "agent":
      return on.silentSince === null
        ? `step ${state} is running on worker ${on.worker}, attempt ${on.attempt}${until(deadline)}`
        : `step ${state} was on worker ${on.worker}, silent since ${isoTime(on.silentSince)}: ${workers === 0 ? "no other is connected to take" : "another takes"} attempt ${on.attempt} over`;
  }
}

function until(at: number | null): string {
  return at === null ? "" : `, until ${isoTime(at)}`;
}
