import { purged } from "../../core/audit/chain.ts";
import { PURGED_WORDS, withoutValues } from "../../core/retention/without-values.ts";
import type { AdminEvent } from "../../engine/ports/admin-events.ts";
import type { Purge } from "../../engine/ports/archives.ts";
import { adding } from "./admin-events.ts";
import { type Database, type Query, select } from "./database.ts";
import { FileDriver } from "./file-driver.ts";
import { spilledPayloads } from "./payloads.ts";
import { parsedFields } from "./texts.ts";

/** The step that called the run has not taken its result. */
const AWAITED = `exists (select 1 from workflow_run_steps s
  where s.run_id = r.caller and s.called_run_id = r.run_id and s.status = 'RUNNING')`;

/** How far the run is, in one row. */
const STANDING = `select finished_at, purged_at,
  (select max(seq) from workflow_run_events e where e.run_id = r.run_id),
  (select max(seq) from workflow_run_seals s where s.run_id = r.run_id),
  exists (select 1 from workflow_archived_runs a where a.run_id = r.run_id),
  exists (select 1 from notification_deliveries d where d.run_id = r.run_id and d.status = 'PENDING'),
  ${AWAITED}
from workflow_runs r where r.run_id = ?`;

const EVENTS = `select seq, data, spilled from workflow_run_events
where run_id = ? and seq > ? and remains is null order by seq limit ?`;

/** An error of which the kind is left; also where it is kept elsewhere, because it is large. */
const errorLeft = (column: string) => `case when ${column} is null then null when json_valid(${column}) then
  json_object('code', ${column} ->> 'code', 'message', '${PURGED_WORDS}', 'type', ${column} ->> 'type', 'retryable', json('false'))
  else json_object('code', '${PURGED_WORDS}', 'message', '${PURGED_WORDS}', 'type', 'engine', 'retryable', json('false')) end`;
const instead = (column: string, json: string) => `case when ${column} is null then null else '${json}' end`;

/** Only in the transaction that has marked the run. */
const MARKED = "exists (select 1 from workflow_runs r where r.run_id = ?1 and r.purged_at = ?2)";

const MARK = `update workflow_runs as r set purged_at = ?2, input = '{}', output = ${instead("output", "null")},
  error = ${errorLeft("error")}, reason = case when reason is null then null else '${PURGED_WORDS}' end,
  concurrency_key = case when concurrency_key is null then null else '${PURGED_WORDS}' end
where run_id = ?1 and finished_at is not null and purged_at is null and not ${AWAITED}
  and not exists (select 1 from workflow_archived_runs a where a.run_id = ?1)
returning 1`;

const ROWS: readonly string[] = [
  `update workflow_run_branches set vars = '{}', outcome = case outcome_status
    when 'SUCCEEDED' then '{"status":"SUCCEEDED","result":null,"writes":{}}'
    when 'FAILED' then json_object('status', 'FAILED', 'error', json(${errorLeft("case when json_valid(outcome) then outcome -> 'error' else outcome end")}), 'writes', json('{}'))
    else outcome end where run_id = ?1 and ${MARKED}`,
  `update workflow_run_steps set input = ${instead("input", "{}")}, output = ${instead("output", "null")},
    error = ${errorLeft("error")}, validation = null, exit_merge = ${instead("exit_merge", "{}")},
    exit_result = ${instead("exit_result", "null")} where run_id = ?1 and ${MARKED}`,
  // What follows an approval tells the next agent's task, filled in; whom an escalation notifies may be filled in, too.
  `update workflow_approvals set message = '${PURGED_WORDS}', title = null, summary = 'null', decisions = (
      select json_group_array(json(json_remove(json_set(d.value, '$.comment', null), '$.args'))) from json_each(decisions) d),
    delegations = (select json_group_array(json(json_set(d.value, '$.comment', null))) from json_each(delegations) d),
    terms = json_set(terms, '$.consequence', null, '$.escalate', json((
      select json_group_array(json(json_set(e.value, '$.notify', null))) from json_each(terms, '$.escalate') e)))
    where run_id = ?1 and ${MARKED}`,
  `update workflow_signals set payload = 'null' where run_id = ?1 and ${MARKED}`,
  `update hook_deliveries set headers = '{}', query = '{}', body = null where run_id = ?1 and ${MARKED}`,
  `update notification_deliveries set payload = '{}', latest = null where run_id = ?1 and ${MARKED}`,
  `delete from agent_runs where workflow_run_id = ?1 and ${MARKED}`,
  `delete from workflow_payloads where run_id = ?1 and ${MARKED}`,
];

const PURGE_EVENTS = `update workflow_run_events set data = j.value ->> 1, remains = j.value ->> 2
from json_each(?3) j where run_id = ?1 and seq = j.value ->> 0 and ${MARKED}`;

const PAGE = 1000;

/** Whether a run's values were taken out of the database. */
export async function isPurged(db: Database, runId: string): Promise<boolean> {
  return (
    (await select(db, "select 1 from workflow_runs where run_id = ? and purged_at is not null", [runId]))
      .length > 0
  );
}

/** Takes a finished run's values out of the database, in one transaction; its events go on to lead to its head. */
export async function purgeRun(db: Database, runId: string, at: number, event: AdminEvent): Promise<Purge> {
  const [row] = await select(db, STANDING, [runId]);
  if (!row) return "unknown";
  const [finishedAt, purgedAt, seq, sealed, isArchived, isTelling, isAwaited] = row;
  if (purgedAt !== null) return "purged";
  if (finishedAt === null) return "open";
  if (isArchived) return "archived";
  if (isAwaited) return "awaited";
  if (seq !== sealed || isTelling) return "busy";
  const told = adding(event, {
    sql: "exists (select 1 from workflow_runs where run_id = ? and purged_at = ?)",
    args: [runId, at],
  });
  const events = await purgedEvents(db, runId, at);
  // The bytes are overwritten, not only let go of.
  if (db instanceof FileDriver) db.exec("pragma secure_delete = on");
  try {
    const [marked = []] = await db.write([
      { sql: MARK, args: [runId, at] },
      ...events,
      ...ROWS.map((sql) => ({ sql, args: [runId, at] })),
      told,
    ]);
    return marked.length > 0 ? "purged" : "busy";
  } finally {
    if (db instanceof FileDriver) db.exec("pragma secure_delete = off");
  }
}

/** Sealed events never change: what is read before the transaction is what it finds. */
async function purgedEvents(db: Database, runId: string, at: number): Promise<readonly Query[]> {
  const queries: Query[] = [];
  for (let after = 0; ; ) {
    const rows = await select(db, EVENTS, [runId, after, PAGE]);
    const stored = rows.map(([seq, data, spilled]) => ({
      runId,
      seq: Number(seq),
      data: String(data),
      spilled: spilled === null || spilled === undefined ? null : String(spilled),
    }));
    const payloads = await spilledPayloads(db, stored);
    const changed = stored.flatMap(({ seq, data, spilled }) => {
      const left = withoutValues(parsedFields(data, spilled, payloads));
      return left ? [[seq, purged(data), JSON.stringify(left)]] : [];
    });
    if (changed.length > 0) queries.push({ sql: PURGE_EVENTS, args: [runId, at, JSON.stringify(changed)] });
    if (rows.length < PAGE) return queries;
    after = stored.at(-1)?.seq ?? after;
  }
}
