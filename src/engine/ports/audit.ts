import type { KeptCheckpoint } from "../../core/audit/checkpoint.ts";
import type { RunHead } from "../../core/audit/merkle.ts";

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
