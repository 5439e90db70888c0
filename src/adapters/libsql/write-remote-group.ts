import { randomUUID } from "node:crypto";
import type { JsonValue } from "../../core/json.ts";
import type { Clock } from "../../engine/ports.ts";
import { messageFrom } from "./alarms.ts";
import { type Cells, type Database, isConstraint } from "./database.ts";
import type { Outcome, WriteGroup, Written } from "./group-commit.ts";
import type { Prepared } from "./prepare.ts";
import { alarmStatements, type BatchQuery, cancelStatements, closeStatements } from "./remote-alarms.ts";
import { accept, answered } from "./remote-guards.ts";
import { rowStatements } from "./remote-rows.ts";
import { slotArgs } from "./slots.ts";
import { BRANCHES, STEPS } from "./tables.ts";

const EXPIRE_ONCE = "delete from workflow_idempotency_keys where expires_at <= ?";
const FORGET_BATCH = "delete from workflow_accepted where batch = ?";

/**
 * Writes a group to a server in one batch of statements that each take all transitions at once: the first lets
 * through those whose guards hold, the others join on it. `newName` names a batch apart from those that others write.
 */
export function remoteGroupWriter(
  db: Database,
  clock: Clock,
  hideMs: number,
  newName: () => string = randomUUID,
): WriteGroup {
  return async function write(group): Promise<Written> {
    try {
      return await writeBatch(db, newName(), group, { now: clock.now(), hideMs });
    } catch (error) {
      if (!isConstraint(error)) throw error;
      const [only, ...others] = group;
      if (only && others.length === 0) return { outcomes: [{ error }], messages: [] };
      // One of them breaks the batch: each half by itself finds out which.
      const half = Math.ceil(group.length / 2);
      const first = await write(group.slice(0, half));
      const second = await write(group.slice(half)).catch((reason: unknown) =>
        allFailed(group.length - half, reason),
      );
      return {
        outcomes: [...first.outcomes, ...second.outcomes],
        messages: [...first.messages, ...second.messages],
      };
    }
  };
}

async function writeBatch(
  db: Database,
  batch: string,
  group: readonly Prepared[],
  timing: { readonly now: number; readonly hideMs: number },
): Promise<Written> {
  const hasOnce = group.some(({ once }) => once !== null);
  const queries: readonly BatchQuery[] = [
    accept(batch, group, timing.now),
    ...(hasOnce ? [answered(group, timing.now), { sql: EXPIRE_ONCE, args: [timing.now] }] : []),
    ...cancelStatements(batch, group),
    ...rowStatements(batch, group),
    ...closeStatements(batch, group),
    ...alarmStatements(batch, group, timing),
    { sql: FORGET_BATCH, args: [batch] },
  ];
  const results = await db.write(queries);
  const accepted = new Map((results[0] ?? []).map(([item, lastSeq]) => [Number(item), Number(lastSeq)]));
  const replays = new Map((hasOnce ? (results[1] ?? []) : []).map((row) => [Number(row[0]), row]));
  const messages = results.flatMap((rows, index) => (queries[index]?.handsOver ? rows.map(messageFrom) : []));
  const counted = new Map<string, number>();
  const outcomes = group.map(({ runId, events }, item): Outcome => {
    const replay = replays.get(item);
    const before = accepted.get(item);
    if (before === undefined) return { result: replay ? replayed(replay) : { status: "stale" } };
    const lastSeq = (counted.get(runId) ?? before) + events.length;
    counted.set(runId, lastSeq);
    return { result: { status: "committed", lastSeq } };
  });
  return { outcomes, messages };
}

function allFailed(count: number, error: unknown): Written {
  return { outcomes: Array.from({ length: count }, () => ({ error })), messages: [] };
}

function replayed(row: Cells) {
  const answer: JsonValue = JSON.parse(String(row[2]));
  return { status: "replayed", requestHash: String(row[1]), answer } as const;
}

/** Of the waiting transitions, those that can be judged together: no two of them may rely on the same rows. */
export function pickIndependent(waiting: readonly Prepared[]): readonly Prepared[] {
  const taken = new Set<string>();
  return waiting.filter((item) => {
    const { shared, own } = claimsOf(item);
    if (taken.has(`alone ${item.runId}`) || own.some((key) => taken.has(key))) return false;
    if (!shared && taken.has(`run ${item.runId}`)) return false;
    for (const key of own) taken.add(key);
    taken.add(`run ${item.runId}`);
    if (!shared) taken.add(`alone ${item.runId}`);
    return true;
  });
}

const BRANCH_PATH = BRANCHES.columns.indexOf("path");
const STEP_BRANCH = STEPS.columns.indexOf("branch");

/** What a transition relies on or changes; `shared`: others about other branches of its run may go with it. */
function claimsOf(item: Prepared) {
  const { runId, expected, branches, steps, closed, alarms } = item;
  const { run, counters, cancelled, approvals, consumed, once } = item;
  const touchesRun =
    run !== null ||
    counters !== null ||
    cancelled.length > 0 ||
    closed !== false ||
    approvals.length > 0 ||
    consumed.length > 0;
  const readsRun = expected.mailboxVersion !== undefined || expected.approval !== undefined;
  const wakesMany = alarms.some(({ change }) => change === "wake-all" || change === "wake-waiting");
  const paths = new Set([
    ...expected.branches.map(({ path }) => path),
    ...branches.map(({ row }) => row[BRANCH_PATH]),
    ...steps.map(({ row }) => row[STEP_BRANCH]),
  ]);
  const own = [...paths].map((path) => `branch ${runId}/${path}`);
  if (expected.slot) own.push(`slot ${JSON.stringify(slotArgs(expected.slot).slice(0, 3))}`);
  if (once) own.push(`once ${JSON.stringify(once.row.slice(0, 3))}`);
  return { shared: !touchesRun && !readsRun && !wakesMany, own };
}
