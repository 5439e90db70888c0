import type { JsonValue } from "../../core/json.ts";
import type { BranchPath, RunId } from "../../core/run/ids.ts";
import type { CalledBy, Outcome, Run, Step } from "../../core/run/run.ts";
import type { Slot } from "../../core/run/slot.ts";
import type { GateBelow } from "../../core/run/taken-over.ts";
import type { Transition } from "../../core/run/transition.ts";

export type RunStore = {
  /** What a decision about one branch needs; `null` when there is no such run or branch. */
  load(runId: RunId, branch: BranchPath): Promise<Loaded | null>;
  /** Outcomes of the closed branches directly below `<branch>/<segment>/`, by last path segment. */
  outcomes(runId: RunId, branch: BranchPath, segment: string): Promise<ReadonlyMap<string, Outcome>>;
  /** Whoever is ahead for a slot: its holders, then at most `most` of those that wait; the oldest of each first. */
  aheadOf(slot: Slot, most: number): Promise<readonly RunId[]>;
  /** The steps of a run that have called runs in which, or below which, people were asked, or may have been. */
  gatesBelow(runId: RunId): Promise<readonly GateBelow[]>;
  /** Whether the step that called `runId` still waits for it. */
  waitsFor(caller: CalledBy, runId: RunId): Promise<boolean>;
  /** Whether a run's values were taken out of the database. */
  isPurged(runId: RunId): Promise<boolean>;
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
