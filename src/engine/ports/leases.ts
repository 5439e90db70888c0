import type { BranchPath, RunId, StepId } from "../../core/run/ids.ts";

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
