import type { ApprovalFacts, Payload, RunFacts } from "../../core/notify/notification.ts";
import type { Subscription } from "../../core/notify/subscription.ts";
import type { RunEvent } from "../../core/run/events.ts";
import type { ApprovalId, RunId } from "../../core/run/ids.ts";
import type { AdminEvent } from "./admin-events.ts";

/** Who is told of what, and what is on its way to them. Times are milliseconds since 1970. */
export type Notifications = {
  /** Begins behind the newest event. False when the environment has one of this name. */
  add(subscription: Omit<Subscription, "since">, event: AdminEvent): Promise<boolean>;
  find(environment: string, name: string): Promise<Subscription | null>;
  byId(id: string): Promise<Subscription | null>;
  /** By environment and name; `null`: of all environments. */
  list(environments: readonly string[] | null): Promise<readonly Subscription[]>;
  /** Keeps a changed subscription; false when it is not at `revision - 1` any more. */
  change(subscription: Subscription, event: AdminEvent): Promise<boolean>;
  /** What was on its way is dropped, and stays visible. False when it is not at this revision any more. */
  remove(subscription: Pick<Subscription, "id" | "revision">, event: AdminEvent): Promise<boolean>;

  /** Events behind `after` that something may be told of, oldest first, and how far that looked. */
  happened(after: number, limit: number): Promise<Batch>;
  /** Keeps deliveries and how far the events are worked through, together. One that is there already stays as it is. */
  enqueue(
    deliveries: readonly NewDelivery[],
    progress: { readonly name: string; readonly to: number },
  ): Promise<void>;

  /** When the earliest delivery is due of subscriptions that are enabled; `null` without any. */
  nextDueAt(): Promise<number | null>;
  /**
   * Takes up to `limit` deliveries that are due at `now`, of subscriptions that are enabled and not `busy`, and leaves
   * each alone until `until`: its holder settles it, or it is due again.
   */
  take(order: {
    readonly now: number;
    readonly until: number;
    readonly limit: number;
    /** Ids of subscriptions. */
    readonly busy: readonly string[];
    /** The process that takes them. */
    readonly holder: string;
  }): Promise<readonly Taken[]>;
  /** Makes what was in the hands of processes that are gone due at `now`; how many. */
  releaseOrphans(now: number): Promise<number>;
  /** Writes down what came of a delivery; false when it was taken by somebody else since, or settled. */
  settle(delivery: Pick<Taken, "id" | "claim">, outcome: Outcome): Promise<boolean>;

  delivery(id: string): Promise<Delivery | null>;
  /** Newest first. */
  deliveries(
    filter: DeliveryFilter,
    page: { readonly limit: number; readonly before?: { readonly at: number; readonly id: string } },
  ): Promise<readonly Delivery[]>;
  /** Puts a delivery on its way anew; `false` when it or its subscription is not there. */
  redeliver(id: string, now: number, event: AdminEvent): Promise<boolean>;
  /** Removes up to `limit` deliveries that arrived or were dropped before `before`; how many. */
  prune(before: number, limit: number): Promise<number>;
};

export type Batch = {
  /** Everything up to here was looked at. */
  readonly to: number;
  /** Whether there is more behind it. */
  readonly more: boolean;
  readonly events: readonly {
    readonly position: number;
    readonly seq: number;
    readonly at: number;
    readonly actor: string;
    readonly event: RunEvent;
    readonly run: RunFacts;
    readonly approval: ApprovalFacts | null;
  }[];
};

export type NewDelivery = Pick<
  Delivery,
  "id" | "subscriptionId" | "recipient" | "runId" | "approvalId" | "payload" | "createdAt"
>;

/** One notification on its way to one receiver. */
export type Delivery = {
  readonly id: string;
  readonly subscriptionId: string;
  readonly environment: string;
  /** The subscription's name. */
  readonly subscription: string;
  readonly channel: Subscription["channel"]["kind"];
  /** A mail address; `null` where the channel has one receiver. */
  readonly recipient: string | null;
  readonly runId: RunId;
  readonly approvalId: ApprovalId | null;
  readonly payload: Payload;
  readonly createdAt: number;
  readonly standing: Standing;
  /** Since it was put on its way. */
  readonly attempts: number;
  /** What came of the latest attempt; `null` before that. */
  readonly latest: Attempt | null;
};

export type Standing = Waiting | Settled<"DELIVERED" | "DEAD" | "DROPPED">;

type Waiting = { readonly status: "PENDING"; readonly dueAt: number };
type Settled<Status extends string> = { readonly status: Status; readonly at: number };

export type Attempt = {
  readonly at: number;
  readonly ms: number;
  /** HTTP or SMTP status; `null` without an answer. */
  readonly status: number | null;
  /** The beginning of the answer. */
  readonly answer: string | null;
  /** Why it did not arrive, or what else was wrong; `null` for nothing. */
  readonly error: string | null;
};

/** A delivery in somebody's hands. `claim` counts how often it was taken: an earlier holder's word does not count. */
export type Taken = Pick<
  Delivery,
  "id" | "subscriptionId" | "recipient" | "runId" | "approvalId" | "payload" | "attempts"
> & { readonly claim: number };

export type Outcome = {
  readonly latest: Attempt;
  readonly standing: Waiting | Settled<"DELIVERED"> | Settled<"DEAD">;
};

export type DeliveryFilter = {
  readonly environments: readonly string[] | null;
  readonly subscription?: string;
  readonly status?: readonly Standing["status"][];
  readonly runId?: RunId;
};
