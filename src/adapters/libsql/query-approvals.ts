import type { ApprovalId, RunId } from "../../core/run/ids.ts";
import type { ApprovalFilter, ApprovalView, Page } from "../../engine/ports/queries.ts";
import { type Cells, type Database, select } from "./database.ts";
import { payloadsOf } from "./payloads.ts";
import { Where } from "./query-runs.ts";
import { approvalFrom, Cursor } from "./read-rows.ts";
import { APPROVALS, prefixed } from "./tables.ts";

const VIEW = `select a.run_id, r.workflow_id, r.workflow_version, r.environment, r.started_by, ${prefixed(
  "a",
  APPROVALS.columns.filter((column) => column !== "run_id"),
)} from workflow_approvals a join workflow_runs r on r.run_id = a.run_id`;

/** Newest first. */
export async function listApprovals(
  db: Database,
  filter: ApprovalFilter,
  page: Page,
): Promise<readonly ApprovalView[]> {
  const where = new Where();
  if (filter.runId !== undefined) where.add("a.run_id = ?", filter.runId);
  where.isIn("r.environment", filter.environments);
  const [only, ...more] = filter.status ?? [];
  // One status by itself, so that the index of the pending ones serves.
  if (only !== undefined && more.length === 0) where.add(`a.status = '${only}'`);
  else if (only !== undefined)
    where.add("a.status in (select value from json_each(?))", JSON.stringify(filter.status));
  if (page.before) where.add("(a.requested_at, a.approval_id) < (?, ?)", page.before.at, page.before.id);
  const rows = await select(
    db,
    `${VIEW} ${where.sql()} order by a.requested_at desc, a.approval_id desc limit ?`,
    [...where.args, page.limit],
  );
  return Promise.all(rows.map((row) => viewFrom(db, row)));
}

const ENVIRONMENT = {
  agentRun: "select environment from agent_runs where id = ?",
  hook: "select environment from hooks where hook_id = ?",
  notification: "select environment from notification_deliveries where id = ?",
  run: `select environment from workflow_runs where run_id = ?1
union all select environment from workflow_archived_runs where run_id = ?1 and removed_at is not null`,
  approval: `select r.environment from workflow_approvals a join workflow_runs r on r.run_id = a.run_id
where a.approval_id = ?`,
};

/** Which environment something belongs to. */
export async function environmentOf(
  db: Database,
  what: keyof typeof ENVIRONMENT,
  id: string,
): Promise<string | null> {
  const [row] = await select(db, ENVIRONMENT[what], [id]);
  return row ? String(row[0]) : null;
}

export async function findApproval(db: Database, id: ApprovalId): Promise<ApprovalView | null> {
  const [row] = await select(db, `${VIEW} where a.approval_id = ?`, [id]);
  return row ? viewFrom(db, row) : null;
}

async function viewFrom(db: Database, row: Cells): Promise<ApprovalView> {
  const cursor = new Cursor(row);
  const runId = cursor.text() as RunId;
  const workflowId = cursor.text();
  const workflowVersion = cursor.number();
  const environment = cursor.text();
  const startedBy = cursor.text();
  const approval = approvalFrom(cursor, await payloadsOf(db, runId, [row]));
  return { ...approval, runId, workflowId, workflowVersion, environment, startedBy };
}
