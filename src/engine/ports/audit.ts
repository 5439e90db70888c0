import type { SealedText } from "../../core/audit/chain.ts";
import type { KeptCheckpoint } from "../../core/audit/checkpoint.ts";
import type { RunHead } from "../../core/audit/merkle.ts";
import type { KeptAdminEvent } from "../../core/audit/verify-administration.ts";
import type { CheckpointedHead, KeptSeal } from "../../core/audit/verify-run.ts";
import type { Recorded } from "../../core/run/events.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { Approval } from "../../core/run/run.ts";

/** Checkpoints of the audit trail. They only ever grow. */
export type Checkpoints = {
  last(): Promise<KeptCheckpoint | null>;
  /** What has been sealed since the last checkpoint, at most `limit` events of it, all from one state of the store. */
  pending(limit: number): Promise<Uncovered>;
  /** Keeps a checkpoint with its heads; false when there is one of this number: nothing is kept. */
  append(checkpoint: KeptCheckpoint, heads: readonly RunHead[]): Promise<boolean>;
  /** Those behind `number`, oldest first. */
  list(after: number, limit: number): Promise<readonly KeptCheckpoint[]>;
};

export type Uncovered = {
  readonly last: KeptCheckpoint | null;
  /** Up to which global position the events are covered now. */
  readonly position: number;
  /** Where the chains of the runs that changed stand, by run id. */
  readonly heads: readonly RunHead[];
  readonly admin: { readonly position: number; readonly hash: string };
  /** True when there is more than `limit` allowed. */
  readonly hasMore: boolean;
};

/** A place outside the database where each checkpoint is noted, so that a database that was cut back is found out. */
export type Anchor = {
  /** The last checkpoint that was noted; `null` for none. */
  last(): Promise<Anchored | null>;
  /** Resolves when they are there for good. */
  append(lines: readonly Anchored[]): Promise<void>;
};

export type Anchored = { readonly number: number; readonly hash: string };

/** Reads the whole audit trail, page by page, each page from one state of the database. */
export type Trail = {
  /** Up to which global position the events of all runs are sealed. */
  sealedUpTo(): Promise<number>;
  /** Behind `after`, oldest first. */
  administration(after: number, limit: number): Promise<readonly KeptAdminEvent[]>;
  checkpoints(after: number, limit: number): Promise<readonly KeptCheckpoint[]>;
  /** By run id. */
  headsOf(checkpoint: number): Promise<readonly RunHead[]>;
  /** The events behind `after`, by run id and `seq`, and what vouches for the runs behind `after.runId`. */
  events(after: { readonly runId: string; readonly seq: number }, limit: number): Promise<TrailPage>;
  /** Ids of runs that have no events, or of events that have no run. */
  strays(): Promise<readonly string[]>;
  definitions(): Promise<readonly KeptDefinition[]>;
  /** By run id and hash. */
  payloads(after: Pick<KeptPayload, "runId" | "hash">, limit: number): Promise<readonly KeptPayload[]>;
  /** By id, each with what its run's events tell of approvals. */
  approvals(after: string, limit: number): Promise<readonly KeptApproval[]>;
  close(): Promise<void>;
};

export type KeptApproval = {
  readonly runId: string;
  readonly approval: Approval;
  readonly told: readonly Recorded[];
};

export type TrailPage = {
  readonly events: readonly (SealedText & { readonly position: number })[];
  /** Of the runs up to the page's last one; of all that are left when the page is not full: then it is the last. */
  readonly seals: readonly (KeptSeal & { readonly runId: string })[];
  readonly heads: readonly (CheckpointedHead & { readonly runId: string })[];
};

export type KeptDefinition = {
  readonly environment: string;
  readonly id: string;
  readonly version: number;
  readonly definition: string;
  readonly source: string;
  readonly createdAt: number;
};

export type KeptPayload = { readonly runId: string; readonly hash: string; readonly body: string };

/** What is kept of one run, word for word. */
export type EvidenceSource = {
  /** `null`: there is no such run; `unproved`: no checkpoint vouches for it yet. */
  of(runId: RunId): Promise<KeptRun | { readonly status: "unproved" } | null>;
};

export type KeptRun = {
  readonly status: "proved";
  /** Where the run stood in the newest checkpoint that it is in, which is the first of `checkpoints`. */
  readonly head: RunHead;
  /** All heads of that checkpoint, by run id. */
  readonly heads: readonly RunHead[];
  /** Up to the first that is signed; only the first when none is. */
  readonly checkpoints: readonly KeptCheckpoint[];
  readonly events: readonly SealedText[];
  readonly payloads: readonly Pick<KeptPayload, "hash" | "body">[];
  readonly definition: string;
  readonly source: string;
  readonly sourceFormat: "yaml" | "json";
};
