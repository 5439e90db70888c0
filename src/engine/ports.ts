import type { Question } from "../core/agent/agent-run.ts";
import type { AdminText } from "../core/audit/admin-chain.ts";
import type { SealedText } from "../core/audit/chain.ts";
import type { AgentsInReach } from "../core/definition/agent-reference.ts";
import type { Diagnostic } from "../core/definition/diagnostic.ts";
import type { Definition } from "../core/definition/types.ts";
import type { Channel } from "../core/identity/channel.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { RunEvent } from "../core/run/events.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "../core/run/ids.ts";
import type { Evaluation, Program, Scope } from "../core/run/questions.ts";
import type { Approval, Lease, Outcome, RerunOf, Run, RunStatus, Step, StepError } from "../core/run/run.ts";
import type { Slot } from "../core/run/slot.ts";
import type { AlarmTarget, TaskKind, Transition } from "../core/run/transition.ts";
import type { Span } from "../core/trace/span.ts";
import type { FailedRun } from "../core/view/failures.ts";

import type { AdminEvent, AdminEvents } from "./ports/admin-events.ts";
import type { AgentProgress, AgentStore } from "./ports/agents.ts";
import type { ApiKeys } from "./ports/api-keys.ts";
import type { Archives } from "./ports/archives.ts";
import type { Checkpoints, EvidenceSource } from "./ports/audit.ts";
import type { Backups } from "./ports/backups.ts";
import type { Hooks } from "./ports/hooks.ts";
import type { EndedSessions } from "./ports/identity-provider.ts";
import type { InstalledBundles } from "./ports/installed.ts";
import type { Notifications } from "./ports/notifications.ts";
import type { VouchedIdentities } from "./ports/people.ts";
import type { Reach } from "./ports/reach.ts";
import type { Schedules } from "./ports/schedules.ts";
import type { Vault } from "./ports/vault.ts";

/** The whole outside world on one page: everything the engine asks of it. Times are milliseconds since 1970. */
export type Ports = {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly agents: AgentRunner;
  readonly expressions: Expressions;
  readonly schemas: Schemas;
  readonly definitions: DefinitionReader;
  readonly clock: Clock;
  readonly log: Log;
  /** Where spans go; without it nobody traces. */
  readonly spans?: SpanExporter;
  /** Encrypts secrets that are kept; without it none can be. */
  readonly vault?: Vault;
  /** How people and other programs are reached; without it nobody is told anything. */
  readonly reach?: Reach;
};

/** Sends finished spans to whoever collects them. */
export type SpanExporter = {
  /** Resolves when the collector has them; the same span may come twice. Rejects when it did not take them. */
  send(spans: readonly Span[]): Promise<void>;
  close(): Promise<void>;
};

/** JSON Schema (draft 2020-12 and 07). */
export type Schemas = {
  /** `value` carries the schema's defaults; a schema that cannot be compiled is one error at "". */
  validate(schema: JsonObject, value: JsonValue): SchemaCheck;
};

export type SchemaCheck =
  | { readonly valid: true; readonly value: JsonValue; readonly errors?: never }
  | { readonly valid: false; readonly value: JsonValue; readonly errors: readonly SchemaError[] };

export type SchemaError = {
  readonly pointer: string;
  readonly message: string;
  readonly keyword: string;
  readonly hint?: string;
};

export type Clock = { now(): number; random(): number };

/** JSON lines; the message is a constant phrase, facts are snake_case fields (PRD §5.2). */
export type Log = {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
};

// ── the store ────────────────────────────────────────────────────────────────────────────────────────────────

export type Store = {
  readonly runs: RunStore;
  readonly outbox: Outbox;
  readonly leases: Leases;
  readonly workflows: WorkflowStore;
  readonly queries: Queries;
  readonly seals: Seals;
  readonly cursors: Cursors;
  readonly agents: AgentStore;
  readonly keys: ApiKeys;
  readonly adminEvents: AdminEvents;
  readonly checkpoints: Checkpoints;
  readonly evidence: EvidenceSource;
  readonly hooks: Hooks;
  readonly endedSessions: EndedSessions;
  readonly vouched: VouchedIdentities;
  readonly backups: Backups;
  readonly notifications: Notifications;
  readonly schedules: Schedules;
  readonly archives: Archives;
  readonly bundles: InstalledBundles;
  /** Rejects with `StoreUnavailable` when the database cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

export type RunStore = {
  /** What a decision about one branch needs; `null` when there is no such run or branch. */
  load(runId: RunId, branch: BranchPath): Promise<Loaded | null>;
  /** Outcomes of the closed branches directly below `<branch>/<segment>/`, by last path segment. */
  outcomes(runId: RunId, branch: BranchPath, segment: string): Promise<ReadonlyMap<string, Outcome>>;
  /** Whoever is ahead for a slot: its holders, then at most `most` of those that wait; the oldest of each first. */
  aheadOf(slot: Slot, most: number): Promise<readonly RunId[]>;
  /** The steps of a run's root branch: those it has left in that order, then the others. */
  rootSteps(runId: RunId): Promise<readonly Step[]>;
  /**
   * Keeps a transition, all or nothing. Transitions that are ready together share one transaction; a stale one
   * drops out alone. Rejects with `StoreUnavailable` when nobody knows what became of it: load and decide again.
   */
  commit(transition: Transition, once?: Once): Promise<CommitResult>;
  /** The answer kept under an idempotency key, for a request that would be refused by now. */
  answered(once: Pick<Once, "principal" | "route" | "key">, now: number): Promise<Replay | null>;
};

/** A request that came before: what it was and what it was answered. */
export type Replay = {
  readonly status: "replayed";
  readonly requestHash: string;
  readonly answer: JsonValue;
};

export type CommitResult =
  | { readonly status: "committed"; readonly lastSeq: number }
  | { readonly status: "stale" }
  /** `once` was used before. */
  | Replay;

/** An idempotency key, kept in the transition's own transaction. */
export type Once = {
  readonly principal: string;
  readonly route: string;
  readonly key: string;
  readonly requestHash: string;
  /** What to answer when the request comes again. */
  readonly answer: JsonValue;
  readonly expiresAt: number;
};

/**
 * A partial run: the branch, its ancestors, their left steps (as `own`, `results`, `previous`, `visits`), and of
 * `steps` only the one each of these branches stands on; the approval of the branch's own step; the mailbox, always
 * (any state may be followed by a signal state in the same decision; it costs nothing while `mailboxVersion` is 0).
 */
export type Loaded = {
  readonly run: Run;
  /** The branch's alarm as it was read; 0 when it has none. */
  readonly alarm: number;
  /** Of the step the branch stands on: until when the worker that holds it has reported to be alive. */
  readonly leaseUntil: number | null;
};

export type Outbox = {
  /**
   * Takes up to `limit` alarms that are due at `now` and hides each until `now + hideMs × 2^sends` (at most five
   * minutes): whoever handles one replaces it; if nobody does it comes again.
   */
  takeDue(now: number, limit: number, hideMs: number): Promise<readonly TaskMessage[]>;
  /** When the earliest alarm is due; `null` without any. */
  nextDueAt(): Promise<number | null>;
  /** The queue lost what it held: every alarm that was handed over is due again at `now`. */
  resend(now: number): Promise<number>;
  /** Called after each commit with the messages of its alarms that are due at once; they count as taken. */
  onDispatch(listener: (messages: readonly TaskMessage[]) => void): void;
};

/** A process that stops renewing its lease is dead: its steps go to others. */
export type Leases = {
  /**
   * Extends `holder`'s lease; also answers which steps are in its hands as far as the store knows. Who gives
   * `silentAt` and is not heard of by then may be asked for.
   */
  renew(
    holder: string,
    until: number,
    silentAt?: number,
  ): Promise<ReadonlyMap<StepId, { runId: RunId; branch: BranchPath }>>;
  /** Whose lease goes on though they should have been heard of again before `now`. */
  silent(now: number): Promise<readonly Silent[]>;
  /** Ends the lease of somebody who is gone; false when they were heard of meanwhile. */
  end(silent: Silent): Promise<boolean>;
  /** Drops `holder`'s lease at once: an orderly end. */
  release(holder: string): Promise<void>;
  /** Takes or keeps a role that only one process may have (`sealer`, `reconciler`). */
  acquire(role: string, holder: string, now: number, until: number): Promise<boolean>;
  /** Wakes the branch of every running step whose holder's lease ended before `now`; how many. */
  wakeOrphans(now: number): Promise<number>;
  /** Wakes runnable branches that nothing would ever wake (an invariant was broken); how many. */
  wakeStranded(now: number): Promise<number>;
  /** Embedded mode, at start: the file has one owner, so every earlier lease is over. */
  forgetOthers(holder: string): Promise<void>;
};

/** A process that was to be heard of by `since`. */
export type Silent = { readonly holder: string; readonly since: number };

export type WorkflowStore = {
  /** A definition that is not there yet, or a new version; an unchanged one makes none. */
  publish(publication: Publication): Promise<PublishResult>;
  /** The version asked for, else the current one. */
  get(environment: string, id: string, version?: number): Promise<StoredWorkflow | null>;
  /** The same without the source: what a start needs, and cheap to ask for. */
  startable(environment: string, id: string, version?: number): Promise<Startable | null>;
  list(environment?: string): Promise<readonly WorkflowSummary[]>;
  /** The environments that have workflows, with how many. */
  environments(): Promise<ReadonlyMap<string, number>>;
  /** Another text once a workflow was published, enabled, disabled or removed: cheap to look at. */
  mark(): Promise<string>;
  /** Every workflow of an environment at its current version, in one question. */
  current(environment: string): Promise<readonly StoredWorkflow[]>;
  versions(environment: string, id: string): Promise<readonly WorkflowVersion[]>;
  /**
   * Lets new runs begin, or not; false when there is no such workflow. A person's word is not taken back by a sync. The
   * event is kept when something changed.
   */
  setEnabled(environment: string, id: string, change: Switch, event: AdminEvent): Promise<boolean>;
  /** Keeps the event when it was removed. */
  remove(environment: string, id: string, event: AdminEvent): Promise<"removed" | "has-runs" | "unknown">;
};

export type Publication = {
  readonly environment: string;
  readonly definition: Definition;
  /** The author's own bytes. */
  readonly source: string;
  readonly sourceFormat: "yaml" | "json";
  /** Where they came from: a file's path in its environment, or `api`, which leaves a workflow its file's. */
  readonly origin: string;
  /** The version whose text this is. */
  readonly restores?: number;
  readonly at: number;
  readonly by: string;
  readonly channel: Channel;
  /** The id of the administrative event that is kept when something changed. */
  readonly eventId: string;
  /** Refuse when the workflow exists (POST) or does not (PUT), or is not at this version (If-Match). */
  readonly expect?: "absent" | "present" | { readonly version: number };
  /** Kept when the workflow is created. */
  readonly once?: Once;
};

export type Switch = { readonly at: number } & (
  | { readonly enabled: true }
  | ({ readonly enabled: false } & Disabled)
);

/** Who disabled a workflow, and why. What the absence of its file did, the file undoes; the rest is for people. */
export type Disabled = { readonly by: string; readonly because: "operator" | "file-missing" };

export type Startable = Pick<StoredWorkflow, "id" | "version" | "enabled" | "definition"> & {
  /** Who published the version. */
  readonly author: string;
};

export type PublishResult =
  | { readonly status: "created" | "updated" | "unchanged" | "enabled"; readonly workflow: StoredWorkflow }
  | { readonly status: "exists" | "absent" }
  | { readonly status: "version-mismatch"; readonly current: number };

export type WorkflowVersion = {
  readonly version: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly authorVersion: string;
  /** The earlier version it was made from by a rollback. */
  readonly restoredFrom: number | null;
};

export type StoredWorkflow = {
  readonly id: string;
  readonly environment: string;
  readonly version: number;
  readonly enabled: boolean;
  /** `null` for an enabled one, and where nobody remembers. */
  readonly disabled: Disabled | null;
  readonly definition: Definition;
  readonly source: string;
  readonly sourceFormat: "yaml" | "json";
  readonly origin: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export type WorkflowSummary = Omit<StoredWorkflow, "definition" | "source"> & {
  readonly name: string;
  readonly description: string | null;
  /** Newest first. */
  readonly lastRuns: readonly Pick<RunSummary, "runId" | "status" | "createdAt" | "finishedAt">[];
  /** Completed over finished, of the runs of the last 30 days; `null` without any. */
  readonly successRate30d: number | null;
  readonly p50Ms: number | null;
};

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
  steps(runId: RunId): Promise<readonly StepView[]>;
  /** Oldest first, gap-free. */
  events(runId: RunId, after: number, limit: number): Promise<readonly EventView[]>;
  /** Every event behind the global position `after`, oldest first: for the sealer and the event stream. */
  eventsSince(
    after: number,
    limit: number,
  ): Promise<readonly (EventView & { position: number; runId: RunId })[]>;
  /** The global position of the newest event; 0 without any. */
  lastPosition(): Promise<number>;
  approvals(filter: ApprovalFilter, page: Page): Promise<readonly ApprovalView[]>;
  approval(id: ApprovalId): Promise<ApprovalView | null>;
  /** Which environment a run, an approval or a hook belongs to; `null` when there is no such thing. Never changes. */
  environmentOf(
    what: "run" | "approval" | "agentRun" | "hook" | "notification",
    id: string,
  ): Promise<string | null>;
  /** A full id for a unique prefix; several candidates when it is not unique. */
  runIdsByPrefix(prefix: string, limit: number): Promise<readonly RunId[]>;
  doctor(now: number): Promise<readonly Finding[]>;
  figures(now: number): Promise<StoreFigures>;
};

/** How many runs were looked at, and how each state did in them. */
export type WorkflowFigures = { readonly runs: number; readonly states: readonly StepFigures[] };

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
  /** How long the most overdue alarm has been due, in milliseconds; 0 when none is. */
  readonly oldestDueMs: number;
  /** How long the most overdue schedule has waited to be looked at, in milliseconds; 0 when none does. */
  readonly schedulesOverdueMs: number;
  /** Events that the hash chain has not reached yet. */
  readonly unsealedEvents: number;
  /** Processes that report to be alive. */
  readonly processes: number;
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
  readonly input: JsonObject;
  /** The root branch's context. */
  readonly context: JsonObject;
  readonly output: JsonValue | undefined;
  readonly error: StepError | null;
  readonly reason: string | null;
  /** What an unfinished run waits for, in one sentence. */
  readonly blockedOn: string | null;
  /** Of the run's spans: 32 hex digits. */
  readonly traceId: string;
  readonly currentStates: readonly { readonly branch: BranchPath; readonly state: string }[];
  readonly seq: number;
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

/** The audit trail's hash chains, for the one process that has the role `sealer`. */
export type Seals = {
  /** The oldest events that are not sealed yet, at most `limit`; `from` and `to` are global positions. */
  pending(limit: number): Promise<Unsealed>;
  /** Keeps each run's new last seal and moves on to `to`; false when another sealer was faster: nothing is kept. */
  append(progress: Pick<Unsealed, "from" | "to">, seals: readonly RunSeal[]): Promise<boolean>;
  /** The oldest administrative events that are not sealed yet, at most `limit`. */
  pendingAdmin(limit: number): Promise<UnsealedAdmin>;
  /** Keeps the hashes of events behind `after`; false when another sealer was faster: nothing is kept. */
  appendAdmin(
    after: number,
    seals: readonly { readonly position: number; readonly hash: string }[],
  ): Promise<boolean>;
};

/** The chain of a run at its event `seq`. */
export type RunSeal = {
  readonly runId: RunId;
  readonly seq: number;
  readonly hash: string;
  /** The marks of the events since the seal before. */
  readonly marks: string;
};

/** `hash` is the chain's value at the administrative event at `after`, behind which `events` follow. */
export type UnsealedAdmin = {
  readonly after: number;
  readonly hash: string;
  readonly events: readonly AdminText[];
};

/** How far somebody has worked through the events of all runs, by global position. */
export type Cursors = {
  /** `null` for a name that was never advanced. */
  read(name: string): Promise<number | null>;
  /** Never moves back. */
  advance(name: string, to: number): Promise<void>;
};

export type Unsealed = { readonly from: number; readonly to: number; readonly runs: readonly UnsealedRun[] };

/** A run's events since its last seal, oldest first; `hash` is the chain's value before them. */
export type UnsealedRun = {
  readonly runId: RunId;
  readonly hash: string;
  readonly events: readonly SealedText[];
};

// ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────

/** Carries tasks at least once. May lose, repeat, delay and reorder them: the outbox asks again. */
export type TaskQueue = {
  /** Resolves when the queue has the messages; rejects with `QueueUnavailable`. */
  publish(messages: readonly TaskMessage[]): Promise<void>;
  /**
   * Hands out messages, at most `concurrency` at once, until `signal` aborts; then waits for the ones in hand.
   * `handle` resolving acknowledges; rejecting gives the message back. Survives a queue that goes away.
   */
  consume(
    handle: (message: TaskMessage) => Promise<void>,
    options: { readonly concurrency: number; readonly signal: AbortSignal },
  ): Promise<void>;
  /** The queue was found empty or recreated: what it held is lost. */
  onLost(listener: () => void): void;
  /** Tells others that runs have new events, the last ones when they are `ended`. Best effort: who misses it polls. */
  announce(runIds: readonly RunId[], ended?: boolean): void;
  /** Calls back with runs that have new events, from any process, and which of them have ended. */
  onAnnounced(listener: AnnouncementListener): () => void;
  /** Says what an agent is doing. Best effort and kept nowhere: its transcript is what counts. */
  tell(progress: AgentProgress): void;
  /** Calls back with what agents are doing, in any process. */
  onTold(listener: (progress: AgentProgress) => void): () => void;
  /** Publishes facts to the event stream, oldest first; a repeated one is dropped by its id (`runId:seq`). */
  publishEvents(events: readonly PublishedEvent[]): Promise<void>;
  /** From now on others can tell that this process is connected, as long as it is, by the name of `holder`. */
  appear(holder: string): void;
  /** True while others can tell. */
  isVisible(): boolean;
  /** True when nobody of that name is connected any more; false as well when it cannot be told. Never rejects. */
  isGone(holder: string): Promise<boolean>;
  /** How much waits in it. Rejects with `QueueUnavailable` when it cannot be reached. */
  backlog(): Promise<Backlog>;
  /** Rejects with `QueueUnavailable` when the queue cannot be reached. */
  ping(): Promise<void>;
  /** Whether what it stands on is there and as it must be; only looks. Rejects like `ping`. */
  examine(): Promise<readonly Finding[]>;
  close(): Promise<void>;
};

export type AnnouncementListener = (runIds: readonly RunId[], ended: readonly RunId[]) => void;

/** Tasks that no worker has taken, tasks in workers' hands, and how many of those are there for another time. */
export type Backlog = { readonly pending: number; readonly inHand: number; readonly redelivered: number };

export type TaskMessage = {
  readonly runId: RunId;
  readonly target: AlarmTarget;
  readonly kind: TaskKind;
  /** For the subject of a `step` task and for tracing; the branch decides what is done. */
  readonly stepId: StepId | null;
  /** The outbox row's revision and how often it was sent: together with run and target the message id. */
  readonly revision: number;
  readonly sends: number;
  readonly idempotencyKey: string;
  /** The run's span (W3C Trace Context); `null` in a message that does not say. */
  readonly traceparent: string | null;
};

export type PublishedEvent = EventView & { readonly runId: RunId };

// ── what does the work ───────────────────────────────────────────────────────────────────────────────────────

export type AgentRunner = {
  /**
   * Runs an agent once per idempotency key: a repeated key answers what is known of it. Resolves for whatever
   * the agent made of it; rejects only when the world is away.
   */
  run(request: AgentRequest, signal: AbortSignal): Promise<AgentResult>;
  /** The agents of an environment, with whatever makes one of their files unusable. */
  list(environment: string): Promise<readonly AgentInfo[]>;
  /**
   * Those, and the agents of other environments that its workflows may name. `fresh`: as the files are, not as they were
   * a moment ago.
   */
  inReach(environment: string, options?: { readonly fresh?: boolean }): Promise<AgentsInReach<AgentInfo>>;
};

export type AgentInfo = {
  readonly name: string;
  /** Every spelling a workflow may use: name, file name, and both as slugs. */
  readonly aliases: readonly string[];
  readonly file: string;
  readonly description: string | null;
  readonly model: string;
  /** True when no model is called: `station/script`. */
  readonly simulated: boolean;
  readonly inputSchema: JsonObject | null;
  readonly outputSchema: JsonObject | null;
  /** Tools and agents that it may call, as written. */
  readonly tools: readonly string[];
  readonly agents: readonly string[];
  /** The template below the frontmatter; null where the file cannot be read. */
  readonly prompt: string | null;
  readonly problems: readonly Diagnostic[];
};

/** Reads a workflow file: parsed, brought into canonical form and checked as far as the text alone allows. */
export type DefinitionReader = {
  read(source: DefinitionSource): {
    /** `null` when the text is too broken to be understood. */
    readonly definition: Definition | null;
    readonly diagnostics: readonly Diagnostic[];
    /** Line and column (from 1) of a JSON pointer into the author's text. */
    readonly locate: (pointer: string) => { readonly line: number; readonly column: number };
  };
};

/** The files of `environments/<name>/`. */
export type EnvironmentFiles = {
  list(): Promise<readonly string[]>;
  /**
   * Every agent, MCP server and workflow file, those of installed bundles too; one that cannot be read is listed with
   * its problem.
   */
  read(environment: string): Promise<readonly EnvironmentFile[]>;
  /** The paths of the deployment's own files, tests included. */
  own(environment: string): Promise<readonly string[]>;
};

/** `path` is relative to the environment, with `/`. */
export type EnvironmentFile = {
  readonly kind: "agent" | "mcp-server" | "workflow";
  readonly path: string;
} & ({ readonly text: string } | { readonly problem: Diagnostic });

export type DefinitionSource = {
  readonly text: string;
  readonly format: "yaml" | "json";
  /** For messages: a file's path within its environment, or `request`. */
  readonly file: string;
};

export type AgentRequest = {
  readonly environment: string;
  readonly agent: string;
  readonly task: string | null;
  readonly variables: JsonObject;
  /** The previous state's result: the weakest source of the agent's input. */
  readonly previous: JsonValue;
  readonly idempotencyKey: string;
  readonly agentRunId: string;
  readonly runId: RunId;
  readonly branch: BranchPath;
  readonly stepId: StepId;
  readonly attempt: number;
  /** The worker's claim of the step: with a stale one nothing is written any more. */
  readonly lease: Lease;
  /** The agent's span, for what it calls to go on with (W3C Trace Context). */
  readonly traceparent: string;
};

export type AgentResult =
  | {
      readonly status: "completed";
      readonly output: JsonValue;
      readonly simulated: boolean;
      /** Set when the output breaks the agent's schema (`SCHEMA_VALIDATION_OUTPUT`). */
      readonly validation?: JsonValue;
    }
  | { readonly status: "failed"; readonly error: StepError }
  /** Somebody has to decide something; the same attempt goes on afterwards. */
  | { readonly status: "waiting"; readonly question: Question };

export type Expressions = {
  /** One round trip for all programs over one scope; never rejects because of an expression. */
  evaluate(
    programs: readonly Program[],
    scope: Scope,
    options?: { readonly until?: "first-true" },
  ): Promise<readonly Evaluation[]>;
  /** Compiles only: a syntax error with its place, or the free names with the constant paths below them. */
  describe(
    programs: readonly Program[],
    options?: { readonly stateResults?: readonly string[] },
  ): Promise<readonly Description[]>;
  close(): Promise<void>;
};

export type Description = {
  readonly error?: {
    readonly kind: string;
    readonly message: string;
    readonly line: number;
    readonly column: number;
  };
  readonly names: readonly {
    readonly name: string;
    readonly line: number;
    readonly column: number;
    readonly paths: readonly string[];
  }[];
  readonly usesCtx: boolean;
};
