import type { Query } from "./database.ts";
import type { Prepared } from "./prepare.ts";
import { source, textOf } from "./remote-values.ts";
import { isFull, slotArgs } from "./slots.ts";

const RUN = "r.epoch = j.column3 or (j.column3 = -1 and r.run_id is null)";

const BRANCH = `(j.column4 is null or (
  select version from workflow_run_branches x where x.run_id = j.column2 and x.path = j.column4) = j.column5)`;

const STEP = `(j.column7 is null or (
  select status || '/' || attempt || '/' || coalesce(lease_token, 0) from workflow_run_steps s
  where s.run_id = j.column2 and s.branch = j.column6 and s.step_id = j.column7) = j.column8)`;

/** Guards that few transitions have; each names those of its rows that do not hold. */
const RARE = {
  branches: `select x.column1 from $ where (select version from workflow_run_branches b
    where b.run_id = x.column2 and b.path = x.column3) is not x.column4`,
  mailbox: `select x.column1 from $ where (select mailbox_version from workflow_runs m
    where m.run_id = x.column2) is not x.column3`,
  approval: `select x.column1 from $ where (
    select status || '/' || revision from workflow_approvals p
    where p.approval_id = x.column2) is not x.column3`,
  signal: `select x.column1 from $ where not exists (select 1 from workflow_signals g
    where g.run_id = x.column2 and g.signal_id = x.column3 and g.consumed_by is null)`,
  slot: `select x.column1 from $ where ${isFull(["x.column2", "x.column3", "x.column4", "x.column5", "x.column6", "x.column7"])}`,
  once: `select x.column1 from $ where exists (select 1 from workflow_idempotency_keys k
    where k.principal = x.column2 and k.route = x.column3 and k.key = x.column4 and k.expires_at > x.column5)`,
} as const;

/** Evaluates the guards of all transitions of a batch and lets those through that hold; `item, last_seq` of each. */
export function accept(batch: string, group: readonly Prepared[], now: number): Query {
  const usual = group.map(usualGuards);
  const rare = rareGuards(group, now);
  const clauses = rare.map(
    ({ kind, rows }, index) =>
      `j.column1 not in (${RARE[kind].replace("$", source(rows, `?${index + 2}`, "x"))})`,
  );
  return {
    sql: `insert into workflow_accepted (batch, item, run_id, last_seq)
      select '${batch}', j.column1, j.column2,
        coalesce((select max(seq) from workflow_run_events e where e.run_id = j.column2), 0)
      from ${source(usual, "?1", "j")} left join workflow_runs r on r.run_id = j.column2
      where ${[`(${RUN})`, BRANCH, STEP, ...clauses].join(" and ")}
      returning item, last_seq`,
    args: [usual, ...rare.map(({ rows }) => rows)].map(textOf),
  };
}

function usualGuards({ runId, expected }: Prepared, item: number) {
  const { epoch, branches, step } = expected;
  const [branch] = branches;
  const claim = step ? `${step.status}/${step.attempt}/${step.token}` : null;
  return [
    item,
    runId,
    epoch,
    branch?.path ?? null,
    branch?.version ?? null,
    step?.branch ?? null,
    step?.id ?? null,
    claim,
  ];
}

function rareGuards(group: readonly Prepared[], now: number) {
  const rows: Record<keyof typeof RARE, (string | number | null)[][]> = {
    branches: [],
    mailbox: [],
    approval: [],
    signal: [],
    slot: [],
    once: [],
  };
  for (const [item, { runId, expected, once }] of group.entries()) {
    const { branches, mailboxVersion, approval, signalsPending = [], slot } = expected;
    for (const { path, version } of branches.slice(1)) rows.branches.push([item, runId, path, version]);
    if (mailboxVersion !== undefined) rows.mailbox.push([item, runId, mailboxVersion]);
    if (approval) rows.approval.push([item, approval.id, `${approval.status}/${approval.revision}`]);
    for (const id of signalsPending) rows.signal.push([item, runId, id]);
    if (slot) rows.slot.push([item, ...slotArgs(slot)]);
    if (once) rows.once.push([item, ...once.row.slice(0, 3), now]);
  }
  return (Object.keys(rows) as (keyof typeof RARE)[])
    .map((kind) => ({ kind, rows: rows[kind] }))
    .filter((guard) => guard.rows.length > 0);
}

/** The stored answers of requests that came before: `item, request_hash, answer`. */
export function answered(group: readonly Prepared[], now: number): Query {
  const keys = group.flatMap(({ once }, item) => (once ? [[item, ...once.row.slice(0, 3), now]] : []));
  return {
    sql: `select j.column1, k.request_hash, k.answer from ${source(keys, "?1", "j")} join workflow_idempotency_keys k
      on k.principal = j.column2 and k.route = j.column3 and k.key = j.column4 and k.expires_at > j.column5`,
    args: [textOf(keys)],
  };
}
