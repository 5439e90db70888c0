import type { JsonValue } from "../../core/json.ts";
import type { Expected } from "../../core/run/transition.ts";
import type { CommitResult } from "../../engine/ports/runs.ts";
import { ONCE_ANSWER } from "./answered.ts";
import type { FileDriver } from "./file-driver.ts";
import type { Prepared } from "./prepare.ts";
import { IS_FREE, slotArgs } from "./slots.ts";

/** Everything a usual decision relies on, in one look. */
const GUARD = `select r.epoch, r.mailbox_version, r.simulated,
  (select max(seq) from workflow_run_events where run_id = r.run_id),
  (select version from workflow_run_branches where run_id = r.run_id and path = ?2),
  (select status || '/' || attempt || '/' || coalesce(lease_token, 0) from workflow_run_steps
    where run_id = r.run_id and branch = ?3 and step_id = ?4)
from workflow_runs r where r.run_id = ?1`;

const BRANCH_VERSION = "select version from workflow_run_branches where run_id = ? and path = ?";

const APPROVAL_STATE = `select status || '/' || revision from workflow_approvals
where approval_id = ?`;

const PENDING_SIGNAL = `select 1 from workflow_signals
where run_id = ? and signal_id = ? and consumed_by is null`;

const EXPIRE_ONCE = "delete from workflow_idempotency_keys where expires_at <= ?";

/** The answer to a request that came before; `null` when it has not. */
export function replayInFile(db: FileDriver, { once }: Prepared, now: number): CommitResult | null {
  if (!once) return null;
  db.statement(EXPIRE_ONCE).run([now]);
  const [principal = null, route = null, key = null] = once.row;
  const found = db.first(ONCE_ANSWER, [principal, route, key, now]);
  if (!found) return null;
  const answer: JsonValue = JSON.parse(String(found[1]));
  return { status: "replayed", requestHash: String(found[0]), answer };
}

/** What the commit needs to know of the run; `null` when anything the decision relies on has changed. */
export function guardInFile(
  db: FileDriver,
  { runId, expected }: Prepared,
): { readonly lastSeq: number; readonly simulated: boolean } | null {
  const { epoch, branches, step, mailboxVersion, approval, signalsPending = [], slot } = expected;
  if (slot && !db.first(IS_FREE, slotArgs(slot))) return null;
  const [first, ...others] = branches;
  const row = db.first(GUARD, [runId, first?.path ?? null, step?.branch ?? null, step?.id ?? null]);
  if (!row) return epoch === -1 ? { lastSeq: 0, simulated: false } : null;
  if (row[0] !== epoch) return null;
  if (mailboxVersion !== undefined && row[1] !== mailboxVersion) return null;
  if (first && row[4] !== first.version) return null;
  for (const { path, version } of others)
    if (db.first(BRANCH_VERSION, [runId, path])?.[0] !== version) return null;
  if (step && row[5] !== claimText(step)) return null;
  if (approval) {
    const state = db.first(APPROVAL_STATE, [approval.id])?.[0];
    if (state !== `${approval.status}/${approval.revision}`) return null;
  }
  for (const id of signalsPending) if (!db.first(PENDING_SIGNAL, [runId, id])) return null;
  return { lastSeq: Number(row[3] ?? 0), simulated: row[2] === 1 };
}

/** A step's claim as one text, as it is compared: `RUNNING/2/7`. */
function claimText({ status, attempt, token }: NonNullable<Expected["step"]>): string {
  return `${status}/${attempt}/${token}`;
}
