import { type ApprovalFacts, approvalIn, TOLD_EVENTS } from "../../core/notify/notification.ts";
import type { ApprovalId, RunId } from "../../core/run/ids.ts";
import type { Batch, Notifications } from "../../engine/ports/notifications.ts";
import { type Database, select } from "./database.ts";
import { deliveries } from "./deliveries.ts";
import { findApproval } from "./query-approvals.ts";
import { eventsOfTypes, lastPosition } from "./query-events.ts";
import { SUMMARY, summaryFrom } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";
import { subscriptions } from "./subscriptions.ts";

/** Positions looked through at once. */
const MOST_POSITIONS = 5000;

/** Who is told of what, what is told, and what is on its way. */
export function notifications(db: Database): Notifications {
  return {
    ...subscriptions(db),
    ...deliveries(db),
    happened: (after, limit) => happened(db, after, limit),
  };
}

async function happened(db: Database, after: number, limit: number): Promise<Batch> {
  const last = await lastPosition(db);
  const end = Math.min(last, after + MOST_POSITIONS);
  if (end <= after) return { to: after, more: false, events: [] };
  const found = await eventsOfTypes(db, TOLD_EVENTS, { after, upTo: end, limit });
  const to = found.length === limit ? (found.at(-1)?.position ?? end) : end;
  const runs = await runsOf(db, [...new Set(found.map(({ runId }) => runId))]);
  const approvals = new Map<ApprovalId, ApprovalFacts | null>();
  for (const { event } of found) {
    const id = approvalIn(event);
    if (id !== null && event.type !== "approval.requested" && !approvals.has(id))
      approvals.set(id, await findApproval(db, id));
  }
  const events = found.flatMap(({ runId, hash: _hash, ...of }) => {
    const run = runs.get(runId);
    const id = approvalIn(of.event);
    return run ? [{ ...of, run, approval: id === null ? null : (approvals.get(id) ?? null) }] : [];
  });
  return { to, more: to < last, events };
}

async function runsOf(db: Database, ids: readonly RunId[]) {
  if (ids.length === 0) return new Map<RunId, never>();
  const sql = `select ${SUMMARY} from workflow_runs where run_id in (select value from json_each(?))`;
  const rows = await select(db, sql, [JSON.stringify(ids)]);
  return new Map(
    rows.map((row) => {
      const { runId, workflowId, workflowVersion, environment, startedBy, labels } = summaryFrom(
        new Cursor(row),
      );
      return [runId, { runId, workflowId, workflowVersion, environment, startedBy, labels }];
    }),
  );
}
