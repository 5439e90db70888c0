import type { Channel } from "../../core/identity/channel.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { RunEvent } from "../../core/run/events.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "../../core/run/ids.ts";
import type { Approval, CalledBy, RerunOf, RunStatus, StepError } from "../../core/run/run.ts";
import type { FailedRun } from "../../core/view/failures.ts";

/** Reading for people; never part of a decision. Lists are newest first, keyset by `before`. */
export type Queries = {
  run(runId: RunId, now: number): Promise<RunView | null>;
  /** Only where it stands: cheap. */
  status(runId: RunId): Promise<RunStatus | null>;
  runs(filter: RunFilter, page: Page): Promise<readonly RunSummary[]>;
  /** Why each of these runs stands as it does, in one sentence; of some there is nothing to say. */
  whys(runs: readonly RunSummary[], now: number): Promise<ReadonlyMap<RunId, string>>;
  counts(filter: RunFilter): Promise<Readonly<Record<RunStatus, number>>>;
  activity(filter: ActivityFilter): Promise<Activity>;
  /** How a workflow's states did in its newest runs, `limit` at most, created from `since` on. */
  stepFigures(
    workflow: { readonly environment: string; readonly id: string },
    since: number,
    limit: number,
  ): Promise<WorkflowFigures>;
  /** How the agents of an environment did in its newest agent runs, `limit` at most, begun from `since` on. */
  agentFigures(environment: string, since: number, limit: number): Promise<readonly AgentFigures[]>;
  /** The newest runs in which an agent was asked, `limit` at most. */
  agentUses(asked: AgentAsked, limit: number): Promise<readonly AgentUse[]>;
  steps(runId: RunId): Promise<readonly StepView[]>;
  /** Oldest first, gap-free. */
  events(runId: RunId, after: number, limit: number): Promise<readonly EventView[]>;
  /** Every event behind the global position `after`, oldest first: for the sealer and the event stream. */
  eventsSince(after: number, limit: number): Promise<readonly PlacedEvent[]>;
  /** The traces that runs belong to; those that are not there any more are left out. */
  traceIds(runIds: readonly RunId[]): Promise<ReadonlyMap<RunId, string>>;
  /** The global position of the newest event; 0 without any. */
  lastPosition(): Promise<number>;
  approvals(filter: ApprovalFilter, page: Page): Promise<readonly ApprovalView[]>;
  approval(id: ApprovalId): Promise<ApprovalView | null>;
  /**
   * Which environment a run, an archived one too, an approval or a hook belongs to; `null` when there is no such thing.
   * Never changes.
   */
  environmentOf(
    what: "run" | "approval" | "agentRun" | "hook" | "notification",
    id: string,
  ): Promise<string | null>;
  /** A full id for a unique prefix; several candidates when it is not unique. */
  runIdsByPrefix(prefix: string, limit: number): Promise<readonly RunId[]>;
  doctor(now: number): Promise<readonly Finding[]>;
  figures(now: number): Promise<StoreFigures>;
};

/** How many runs were looked at, how each state did in them, and how many went which way out of a switch. */
export type WorkflowFigures = {
  readonly runs: number;
  readonly states: readonly StepFigures[];
  readonly ways: readonly { readonly state: string; readonly next: string; readonly runs: number }[];
};

/** What became of the visits to a state, of the same name anywhere in the workflow; cancelled ones do not count. */
export type StepFigures = {
  readonly state: string;
  /** Runs that came there, also those that are there still. */
  readonly runs: number;
  /** Those that ended. */
  readonly visits: number;
  readonly failed: number;
  /** Visits that took more than one attempt. */
  readonly retried: number;
  /** `null` while none has ended. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
};

/** What became of the runs of an agent, and what they used up: a child that it called counts as a run of the child. */
export type AgentFigures = {
  readonly agent: string;
  /** Also those that go on still. */
  readonly runs: number;
  readonly completed: number;
  readonly failed: number;
  /** From begin to end, waiting for people included, of those that completed or failed; `null` while none has. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly lastAt: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** As far as the price table knows the models. */
  readonly costUsd: number;
};

/** An agent of an environment, with the states of its workflows that name it. */
export type AgentAsked = {
  readonly environment: string;
  readonly agent: string;
  readonly states: readonly { readonly workflowId: string; readonly names: readonly string[] }[];
};

/** A run that asked an agent: the state and step that did so last, how many steps did, and how many of them failed. */
export type AgentUse = {
  readonly run: RunSummary;
  readonly state: string;
  readonly stepId: StepId;
  readonly steps: number;
  readonly failed: number;
};

/** Runs that were created from `since` on and before `until`, in stretches of `bucketMs`. */
export type ActivityFilter = {
  readonly since: number;
  readonly until: number;
  readonly bucketMs: number;
  readonly environments?: readonly string[];
};

export type Activity = {
  /** Every stretch from `at` on, in order, with its runs by how they are by now. */
  readonly buckets: readonly {
    readonly at: number;
    readonly counts: Readonly<Partial<Record<RunStatus, number>>>;
  }[];
  /** The newest that failed or timed out, a thousand at most. */
  readonly failures: readonly FailedRun[];
};

/** The figures of the moment, for whoever watches over an installation. */
export type StoreFigures = {
  readonly openRuns: Readonly<Partial<Record<RunStatus, number>>>;
  readonly openApprovals: number;
  /** Rows of the outbox, due or not. */
  readonly alarms: number;
  /** Of these, work that no worker has begun: each piece once, however often it was handed to the queue. */
  readonly waiting: number;
  /** How long the most overdue alarm has been due, in milliseconds; 0 when none is. */
  readonly oldestDueMs: number;
  /** How long the most overdue schedule has waited to be looked at, in milliseconds; 0 when none does. */
  readonly schedulesOverdueMs: number;
  /** Events that the hash chain has not reached yet. */
  readonly unsealedEvents: number;
  /** Processes that report to be alive, and those of them that execute steps. */
  readonly processes: number;
  readonly workers: number;
  /** Size of the database without its write-ahead log. */
  readonly bytes: number;
  readonly notifications: {
    /** On their way, to subscriptions that are enabled. */
    readonly pending: number;
    /** How long the oldest of them has been, in milliseconds; 0 without any. */
    readonly oldestMs: number;
    /** Given up and not sent again since. */
    readonly dead: number;
  };
};

export type Finding = { readonly check: string; readonly ok: boolean; readonly detail: string };

export type Page = { readonly limit: number; readonly before?: { readonly at: number; readonly id: string } };

export type RunFilter = {
  readonly workflowId?: string;
  /** In one of these; without it in any. */
  readonly environments?: readonly string[];
  readonly status?: readonly RunStatus[];
  readonly startedAfter?: number;
  readonly startedBefore?: number;
  /** Whoever started it, or how their name begins: `schedule:`. */
  readonly startedBy?: string;
  /** Whose steps started them. */
  readonly calledBy?: string;
  /** Part of the id, workflow, starter or labels; among the newest also of the error or of a value of the input. */
  readonly q?: string;
};

export type RunSummary = {
  readonly runId: RunId;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly environment: string;
  readonly status: RunStatus;
  readonly startedBy: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly simulated: boolean;
  readonly labels: Readonly<Record<string, string>>;
};

export type RunView = RunSummary & {
  readonly rerunOf: RerunOf | null;
  readonly calledBy: CalledBy | null;
  readonly input: JsonObject;
  /** The root branch's context. */
  readonly context: JsonObject;
  readonly output: JsonValue | undefined;
  /** What its output has against it: none while it is not completed. */
  readonly warnings: readonly JsonValue[];
  readonly error: StepError | null;
  readonly reason: string | null;
  /** What an unfinished run waits for, in one sentence. */
  readonly blockedOn: string | null;
  /** Of the run's spans: 32 hex digits. */
  readonly traceId: string;
  readonly currentStates: readonly { readonly branch: BranchPath; readonly state: string }[];
  readonly seq: number;
  /** When its values were taken out of the database: those that are here are empty. */
  readonly purgedAt: number | null;
};

export type StepView = {
  readonly stepId: StepId;
  readonly state: string;
  readonly type: string;
  readonly action: string | null;
  readonly branch: BranchPath;
  readonly index: number | null;
  readonly status: string;
  readonly attempt: number;
  readonly input: JsonValue | undefined;
  readonly output: JsonValue | undefined;
  readonly error: StepError | null;
  readonly validation: JsonValue | undefined;
  readonly agentRunId: string | null;
  readonly reusedFrom: StepId | null;
  readonly calledRunId: RunId | null;
  readonly startedAt: number;
  readonly finishedAt: number | null;
};

export type EventView = {
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly channel: Channel;
  readonly event: RunEvent;
  /** SHA-256 over the previous event's hash and this event; `null` until the sealer has come by (≤ 1 s). */
  readonly hash: string | null;
};

/** An event among those of all runs. */
export type PlacedEvent = EventView & { readonly position: number; readonly runId: RunId };

export type ApprovalFilter = {
  readonly runId?: RunId;
  /** Of runs in one of these; without it in any. */
  readonly environments?: readonly string[];
  readonly status?: readonly Approval["status"][];
};

export type ApprovalView = Approval & {
  readonly runId: RunId;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly environment: string;
  readonly startedBy: string;
};
