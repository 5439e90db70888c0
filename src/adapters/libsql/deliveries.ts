import type { ApprovalId, RunId } from "../../core/run/ids.ts";
import type { Delivery, Notifications, Standing, Taken } from "../../engine/ports/notifications.ts";
import { adding } from "./admin-events.ts";
import { advancing } from "./cursors.ts";
import { type Cells, change, type Database, select } from "./database.ts";
import { portions } from "./portions.ts";
import { Where } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";

/** What is gone meanwhile, a run or a subscription, is told of nobody. */
const ENQUEUE = `insert into notification_deliveries (id, subscription_id, environment, subscription, channel, recipient,
  run_id, approval_id, payload, created_at, status, due_at)
select j.value ->> 0, s.id, s.environment, s.name, s.channel, j.value ->> 2, r.run_id, j.value ->> 4, j.value ->> 5,
  j.value ->> 6, 'PENDING', j.value ->> 6
from json_each(?) j
join notification_subscriptions s on s.id = j.value ->> 1
join workflow_runs r on r.run_id = j.value ->> 3
where true
on conflict do nothing`;

/** Along the index of each subscription's due deliveries: one that does not answer holds up no other. */
const NEXT_DUE = `select min((select min(d.due_at) from notification_deliveries d
  where d.subscription_id = s.id and d.status = 'PENDING'))
from notification_subscriptions s where s.disabled_at is null`;

/** So many of one subscription at once. */
const MOST_OF_ONE = 4;

const TAKE = `update notification_deliveries set claim = claim + 1, attempts = attempts + 1, due_at = ?2, holder = ?5
where id in (
  select d.id from notification_subscriptions s
  join notification_deliveries d on d.id in (
    select x.id from notification_deliveries x
    where x.subscription_id = s.id and x.status = 'PENDING' and x.due_at <= ?1 order by x.due_at limit ${MOST_OF_ONE})
  where s.disabled_at is null and s.id not in (select value from json_each(?4))
  order by d.due_at limit ?3)
returning id, subscription_id, recipient, run_id, approval_id, payload, attempts, claim`;

/** A process whose lease is over is gone. */
const IS_ORPHAN = `d.holder is not null and not exists (
  select 1 from workflow_leases l where l.kind = 'process' and l.name = d.holder and l.expires_at > ?1)`;

const ANY_ORPHAN = `select 1 from notification_deliveries d where ${IS_ORPHAN} limit 1`;

const RELEASE = `update notification_deliveries as d set due_at = ?1, holder = null where ${IS_ORPHAN} returning 1`;

const SETTLE = `update notification_deliveries set status = ?, due_at = ?, settled_at = ?, latest = ?, holder = null
where id = ? and claim = ? and status = 'PENDING' returning 1`;

const CAN_REDELIVER = `exists (select 1 from notification_deliveries d
  join notification_subscriptions s on s.id = d.subscription_id where d.id = ?)`;

const REDELIVER = `update notification_deliveries set status = 'PENDING', due_at = ?, settled_at = null, attempts = 0,
  holder = null
where id = ? and ${CAN_REDELIVER} returning 1`;

const PRUNE = `delete from notification_deliveries where id in (
  select id from notification_deliveries where status in ('DELIVERED', 'DROPPED') and settled_at < ? limit ?)
returning 1`;

const COLUMNS = `id, subscription_id, environment, subscription, channel, recipient, run_id, approval_id, payload,
  created_at, status, due_at, settled_at, attempts, latest`;

type Deliveries = Omit<Notifications, "add" | "find" | "byId" | "list" | "change" | "remove" | "happened">;

/** What is on its way to whom. */
export function deliveries(db: Database): Deliveries {
  return {
    async enqueue(fresh, { name, to }) {
      const list = fresh.map(({ id, subscriptionId, recipient, runId, approvalId, payload, createdAt }) => [
        id,
        subscriptionId,
        recipient,
        runId,
        approvalId,
        JSON.stringify(payload),
        createdAt,
      ]);
      // Whoever dies on the way begins anew, and what is there already stays as it is.
      const parts = portions(list).map((part) => ({ sql: ENQUEUE, args: [part] }));
      for (const part of parts.slice(0, -1)) await db.write([part]);
      await db.write([...parts.slice(-1), advancing(name, to)]);
    },
    async nextDueAt() {
      const [row] = await select(db, NEXT_DUE, []);
      return row?.[0] === null || row === undefined ? null : Number(row[0]);
    },
    async take({ now, until, limit, busy, holder }) {
      const rows = await change(db, TAKE, [now, until, limit, JSON.stringify(busy), holder]);
      return rows.map(takenFrom);
    },
    async releaseOrphans(now) {
      // Usually there is none: looking costs less than a write.
      if ((await select(db, ANY_ORPHAN, [now])).length === 0) return 0;
      return (await change(db, RELEASE, [now])).length;
    },
    async settle({ id, claim }, { standing, latest }) {
      const { status } = standing;
      const [dueAt, at] = standing.status === "PENDING" ? [standing.dueAt, null] : [null, standing.at];
      return (await change(db, SETTLE, [status, dueAt, at, JSON.stringify(latest), id, claim])).length > 0;
    },
    async delivery(id) {
      const [row] = await select(db, `select ${COLUMNS} from notification_deliveries where id = ?`, [id]);
      return row ? deliveryFrom(row) : null;
    },
    async deliveries({ environments, subscription, status = [], runId }, { limit, before }) {
      const where = new Where();
      where.isIn("environment", environments ?? undefined);
      if (subscription !== undefined) where.add("subscription = ?", subscription);
      where.isIn("status", status.length === 0 ? undefined : status);
      if (runId !== undefined) where.add("run_id = ?", runId);
      if (before) where.add("(created_at, id) < (?, ?)", before.at, before.id);
      const sql = `select ${COLUMNS} from notification_deliveries ${where.sql()}
        order by created_at desc, id desc limit ?`;
      return (await select(db, sql, [...where.args, limit])).map(deliveryFrom);
    },
    async redeliver(id, now, event) {
      const [, rows = []] = await db.write([
        adding(event, { sql: CAN_REDELIVER, args: [id] }),
        { sql: REDELIVER, args: [now, id, id] },
      ]);
      return rows.length > 0;
    },
    async prune(before, limit) {
      return (await change(db, PRUNE, [before, limit])).length;
    },
  };
}

function takenFrom(row: Cells): Taken {
  const cursor = new Cursor(row);
  return {
    id: cursor.text(),
    subscriptionId: cursor.text(),
    recipient: cursor.optionalText(),
    runId: cursor.text() as RunId,
    approvalId: cursor.optionalText() as ApprovalId | null,
    payload: JSON.parse(cursor.text()),
    attempts: cursor.number(),
    claim: cursor.number(),
  };
}

function deliveryFrom(row: Cells): Delivery {
  const cursor = new Cursor(row);
  const of = {
    id: cursor.text(),
    subscriptionId: cursor.text(),
    environment: cursor.text(),
    subscription: cursor.text(),
    channel: cursor.text() as Delivery["channel"],
    recipient: cursor.optionalText(),
    runId: cursor.text() as RunId,
    approvalId: cursor.optionalText() as ApprovalId | null,
    payload: JSON.parse(cursor.text()),
    createdAt: cursor.number(),
  };
  const [status, dueAt, at] = [cursor.text(), cursor.number(), cursor.number()];
  const standing = (status === "PENDING" ? { status, dueAt } : { status, at }) as Standing;
  const attempts = cursor.number();
  const latest = cursor.optionalText();
  return { ...of, standing, attempts, latest: latest === null ? null : JSON.parse(latest) };
}
