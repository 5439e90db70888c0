import type { RunId, StepId } from "../../core/run/ids.ts";
import type { AlarmTarget, TaskKind } from "../../core/run/transition.ts";
import type { AgentProgress } from "./agents.ts";
import type { EventView, Finding } from "./queries.ts";

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

/** What waits in a queue. */
export type Backlog = {
  /** Tasks that no worker has taken. */
  readonly pending: number;
  /** How long the oldest of them has waited, in milliseconds; 0 without any, `null` where it may not be asked. */
  readonly oldestMs: number | null;
  /** Tasks in workers' hands, and how many of those are there for another time. */
  readonly inHand: number;
  readonly redelivered: number;
};

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

/** An event, and the trace that its run belongs to (W3C Trace Context): 32 hex digits. */
export type PublishedEvent = EventView & { readonly runId: RunId; readonly traceId: string };
