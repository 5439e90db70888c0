import { createClient } from "@libsql/client";
import { AUDIT, type Change, eventsOf, type Ledger, SCHEMA, STEPS } from "./changes.ts";

type Sql = { readonly sql: string; readonly args: Record<string, string | number> };

/** Design E of the README: one batch in flight, each statement for the whole group, over a web socket. */
export async function openSqld(url: string, owner: string): Promise<Ledger> {
  const client = createClient({ url: url.replace(/^http/, "ws") });
  await client.batch(SCHEMA, "write");
  let tx = 0;

  return {
    async write(changes) {
      tx++;
      const now = Date.now();
      const of = <Kind extends Change["kind"]>(kind: Kind) =>
        changes.filter((change): change is Extract<Change, { kind: Kind }> => change.kind === kind);
      const [starts, claims, finishes] = [of("start"), of("claim"), of("finish")];
      const guards: Sql[] = [
        ...(claims.length > 0 ? [claimAll(claims, owner, now)] : []),
        ...(finishes.length > 0 ? [finishAll(finishes, owner, now, tx)] : []),
      ];
      const others: Sql[] = [
        ...(starts.length > 0 ? startAll(starts, now) : []),
        ...(claims.length > 0 ? [forget(claims)] : []),
        ...(finishes.length > 0 ? followUp(finishes, owner, now, tx) : []),
      ];
      const results = await client.batch([...guards, ...others], "write");
      const held = new Set(results.slice(0, guards.length).flatMap(({ rows }) => rows.map((row) => row[0])));
      return changes.map(({ kind, runId }) => kind === "start" || held.has(runId));
    },
    async audit() {
      const { rows } = await client.execute(AUDIT);
      return { ended: Number(rows[0]?.[0]), wrong: Number(rows[0]?.[1]) };
    },
    close: () => client.close(),
  };
}

function idsOf(changes: readonly Change[]): string {
  return JSON.stringify(changes.map(({ runId }) => runId));
}

function startAll(starts: readonly Change[], now: number): readonly Sql[] {
  const items = idsOf(starts);
  return [
    {
      sql: "insert into runs select value, 'RUNNING', 0, 1, :now, null from json_each(:items)",
      args: { items, now },
    },
    {
      sql: `insert into steps select value, 0, 'PENDING', 0, null, null, null, null, null, null
        from json_each(:items)`,
      args: { items },
    },
    {
      sql: "insert into events select value, 1, :now, 'run.created', '{}' from json_each(:items)",
      args: { items, now },
    },
    { sql: "insert into outbox select value, 'run' from json_each(:items)", args: { items } },
  ];
}

function claimAll(claims: readonly Change[], owner: string, now: number): Sql {
  return {
    sql: `update steps set status = 'RUNNING', attempt = 1, lease_owner = :owner, lease_until = :now + 10000,
      started_at = :now from json_each(:items) j
      where steps.run_id = j.value and steps.step = 0 and steps.status = 'PENDING' returning run_id`,
    args: { items: idsOf(claims), owner, now },
  };
}

function forget(claims: readonly Change[]): Sql {
  return {
    sql: "delete from outbox where run_id in (select value from json_each(:items))",
    args: { items: idsOf(claims) },
  };
}

type Finish = Extract<Change, { kind: "finish" }>;

function finishAll(finishes: readonly Finish[], owner: string, now: number, tx: number): Sql {
  return {
    sql: `update steps set status = 'SUCCEEDED', finished_at = :now, output = j.value ->> 'o', done_tx = :tx
      from json_each(:items) j
      where steps.run_id = j.value ->> 'r' and steps.step = j.value ->> 's'
        and steps.status = 'RUNNING' and steps.lease_owner = :owner returning run_id`,
    args: {
      items: JSON.stringify(finishes.map(({ runId, step, output }) => ({ r: runId, s: step, o: output }))),
      owner,
      now,
      tx,
    },
  };
}

/** What follows from the steps that the guard let through: only those bear this transaction's number. */
function followUp(finishes: readonly Finish[], owner: string, now: number, tx: number): readonly Sql[] {
  const done = `json_each(:items) j cross join steps d
    on d.run_id = j.value ->> 'r' and d.step = j.value ->> 's' and d.done_tx = :tx`;
  const items = JSON.stringify(finishes.map(({ runId, step }) => ({ r: runId, s: step })));
  const events = JSON.stringify(
    finishes.map((change) => ({ r: change.runId, s: change.step, e: eventsOf(change) })),
  );
  return [
    {
      sql: `insert into steps select d.run_id, d.step + 1, 'RUNNING', 1, :owner, :now + 10000, :now, null, null, null
        from ${done} where d.step + 1 < ${STEPS}`,
      args: { items, owner, now, tx },
    },
    {
      sql: `update runs set version = version + 1, step = d.step + 1,
        status = iif(d.step + 1 < ${STEPS}, 'RUNNING', 'COMPLETED'),
        finished_at = iif(d.step + 1 < ${STEPS}, null, :now)
        from ${done} where runs.run_id = d.run_id`,
      args: { items, now, tx },
    },
    {
      sql: `insert into events select d.run_id, 2 + 3 * d.step + e.key, :now, e.value ->> 0, e.value ->> 1
        from ${done} cross join json_each(j.value, '$.e') e`,
      args: { items: events, now, tx },
    },
  ];
}
