import type { AdminText } from "../../core/audit/admin-chain.ts";
import type { SealedText } from "../../core/audit/chain.ts";
import type { RunId } from "../../core/run/ids.ts";

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

export type Unsealed = { readonly from: number; readonly to: number; readonly runs: readonly UnsealedRun[] };

/** A run's events since its last seal, oldest first; `hash` is the chain's value before them. */
export type UnsealedRun = {
  readonly runId: RunId;
  readonly hash: string;
  readonly events: readonly SealedText[];
};
