import { childBranch, type RunId } from "../../core/run/ids.ts";
import type { Transition } from "../../core/run/transition.ts";
import type { Once } from "../../engine/ports/runs.ts";
import type { Row } from "./tables.ts";
import { Texts } from "./texts.ts";
import { approvalRow, branchRow, lifecycleRow, onceRow, runRow, signalRow, stepRow } from "./write-rows.ts";

/**
 * A transition with everything written that does not depend on the database: rows of cells and their size. Plain data,
 * because it goes to another thread.
 */
export type Prepared = Pick<
  Transition,
  "runId" | "expected" | "closed" | "simulated" | "childrenClosed" | "alarms"
> & {
  readonly once: { readonly row: Row; readonly expiresAt: number } | null;
  /** A new run's row, or the changed columns of an existing one (`RUN_LIFECYCLE`). */
  readonly run: { readonly insert: Row } | { readonly update: Row } | null;
  /** What is added to the run's open approvals, open signals and mailbox version; null for nothing. */
  readonly counters: readonly [approvals: number, signals: number, mailbox: number] | null;
  readonly branches: readonly PreparedBranch[];
  readonly steps: readonly PreparedStep[];
  readonly approvals: readonly Row[];
  readonly received: readonly Row[];
  readonly consumed: readonly { readonly signalId: string; readonly stepId: string }[];
  readonly payloads: readonly Row[];
  readonly events: readonly EventRow[];
  /** The prefixes of the branch paths that are given up. */
  readonly cancelled: readonly string[];
  /** When it happened, for rows that a set-based statement closes. */
  readonly at: number;
  /** About how many characters will be written. */
  readonly size: number;
};

/** An event's cells without `run_id` and `seq`: those are known inside the transaction. */
export type EventRow = readonly [
  at: number,
  actor: string,
  channel: string,
  type: string,
  data: string,
  spilled: string | null,
];

export type PreparedBranch = {
  readonly row: Row;
  /** The guard has seen it: it is there. */
  readonly exists: boolean;
  readonly resetsCounters: boolean;
};

export type PreparedStep = { readonly row: Row; readonly exists: boolean };

/** Everything of a commit that can be computed before its transaction. */
export function prepare(transition: Transition, once: Once | undefined, now: number): Prepared {
  const { runId, run, expected, waiting, closed, simulated, childrenClosed, alarms } = transition;
  const texts = new Texts();
  const received = transition.signals.flatMap((s) =>
    s.change === "received" ? [signalRow(runId, s.signal, texts)] : [],
  );
  const counters = [waiting.approvals, waiting.signals, received.length] as const;
  const seen = new Set(expected.branches.map(({ path }) => path));
  const resets = new Set(transition.countersReset);
  const events = transition.events.map(({ at, actor, channel, event }): EventRow => {
    const { text, spilled } = texts.fields(event);
    return [at, actor, channel, event.type, text, spilled];
  });
  return {
    runId,
    expected,
    closed,
    simulated,
    childrenClosed,
    alarms,
    once: once ? { row: onceRow(once), expiresAt: once.expiresAt } : null,
    run:
      run === null
        ? null
        : expected.epoch === -1
          ? { insert: runRow(run, texts) }
          : { update: lifecycleRow(run, texts) },
    counters: counters.some((n) => n !== 0) ? counters : null,
    branches: transition.branches.map((branch) => ({
      row: branchRow(runId, branch, texts),
      exists: seen.has(branch.path),
      resetsCounters: resets.has(branch.path),
    })),
    steps: transition.steps.map((step) => ({
      row: stepRow(runId, step, texts),
      exists: expected.step?.id === step.id,
    })),
    approvals: transition.approvals.map((approval) => approvalRow(runId, approval, texts)),
    received,
    consumed: transition.signals.flatMap((s) => (s.change === "consumed" ? [s] : [])),
    events,
    payloads: payloadRows(runId, texts),
    cancelled: transition.cancelled.map(({ branch, segment }) => childBranch(branch, segment, "")),
    at: transition.events.at(-1)?.at ?? now,
    size: texts.size,
  };
}

/** The first path behind all that begin with `prefix`, which ends in "/". */
export function behind(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

function payloadRows(runId: RunId, texts: Texts): readonly Row[] {
  return [...texts.payloads].map(([hash, body]) => [runId, hash, body]);
}
