import type { Channel, Subscription } from "../../core/notify/subscription.ts";
import type { AdminEvent } from "../../engine/ports/admin-events.ts";
import type { Notifications } from "../../engine/ports/notifications.ts";
import { adding } from "./admin-events.ts";
import { type Cells, type Database, isConstraint, select } from "./database.ts";
import { Where } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";

const COLUMNS = `id, environment, name, types, workflows, labels, channel, target, sealed, template, disabled_at,
  disabled_by, disabled_because, since, created_at, created_by, updated_at, revision`;

const ADD = `insert into notification_subscriptions (types, workflows, labels, channel, target, sealed, template,
  disabled_at, disabled_by, disabled_because, updated_at, revision, changed_by,
  id, environment, name, created_at, created_by, since)
select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
  (select coalesce(max(position), 0) from workflow_run_events)`;

const CHANGE = `update notification_subscriptions set types = ?, workflows = ?, labels = ?, channel = ?, target = ?,
  sealed = ?, template = ?, disabled_at = ?, disabled_by = ?, disabled_because = ?, updated_at = ?, revision = ?,
  changed_by = ?
where id = ? and revision = ? returning 1`;

const IS_AT = "exists (select 1 from notification_subscriptions where id = ? and revision = ?)";

const DROP = `update notification_deliveries set status = 'DROPPED', due_at = null, holder = null, settled_at = ?
where subscription_id = ? and status = 'PENDING' and ${IS_AT}`;

const REMOVE = "delete from notification_subscriptions where id = ? and revision = ? returning 1";

type Subscriptions = Pick<Notifications, "add" | "find" | "byId" | "list" | "change" | "remove">;

/** Who is told of what; each change with its event in one transaction. */
export function subscriptions(db: Database): Subscriptions {
  return {
    async add(subscription, event) {
      const { id, environment, name, createdAt, createdBy } = subscription;
      const args = [...settingsOf(subscription, event), id, environment, name, createdAt, createdBy];
      try {
        await db.write([{ sql: ADD, args }, adding(event)]);
        return true;
      } catch (error) {
        if (isConstraint(error)) return false;
        throw error;
      }
    },
    find: (environment, name) => one(db, "environment = ? and name = ?", [environment, name]),
    byId: (id) => one(db, "id = ?", [id]),
    async list(environments) {
      const where = new Where();
      where.isIn("environment", environments ?? undefined);
      const sql = `select ${COLUMNS} from notification_subscriptions ${where.sql()} order by environment, name`;
      return (await select(db, sql, where.args)).map(subscriptionFrom);
    },
    async change(subscription, event) {
      const { id, revision } = subscription;
      const changed = {
        sql: "exists (select 1 from notification_subscriptions where changed_by = ?)",
        args: [event.id],
      };
      const [rows = []] = await db.write([
        { sql: CHANGE, args: [...settingsOf(subscription, event), id, revision - 1] },
        adding(event, changed),
      ]);
      return rows.length > 0;
    },
    async remove({ id, revision }, event) {
      const [, , rows = []] = await db.write([
        adding(event, { sql: IS_AT, args: [id, revision] }),
        { sql: DROP, args: [event.at, id, id, revision] },
        { sql: REMOVE, args: [id, revision] },
      ]);
      return rows.length > 0;
    },
  };
}

async function one(db: Database, condition: string, args: Cells): Promise<Subscription | null> {
  const sql = `select ${COLUMNS} from notification_subscriptions where ${condition}`;
  const [row] = await select(db, sql, args);
  return row ? subscriptionFrom(row) : null;
}

/** The cells of what can change, in the order of both statements. */
function settingsOf(subscription: Omit<Subscription, "since">, event: AdminEvent): Cells {
  const { types, workflows, labels, channel, template, disabled, updatedAt, revision } = subscription;
  return [
    JSON.stringify(types),
    JSON.stringify(workflows),
    JSON.stringify(labels),
    channel.kind,
    targetOf(channel),
    channel.kind === "mail" ? null : channel.sealed,
    JSON.stringify(template),
    disabled?.at ?? null,
    disabled?.by ?? null,
    disabled?.because ?? null,
    updatedAt,
    revision,
    event.id,
  ];
}

function targetOf(channel: Channel): string {
  switch (channel.kind) {
    case "webhook":
      return JSON.stringify({ url: channel.url });
    case "slack":
      return JSON.stringify({ host: channel.host });
    case "mail":
      return JSON.stringify({ to: channel.to, approvers: channel.approvers });
  }
}

function subscriptionFrom(row: Cells): Subscription {
  const cursor = new Cursor(row);
  const name = { id: cursor.text(), environment: cursor.text(), name: cursor.text() };
  const about = {
    types: JSON.parse(cursor.text()),
    workflows: JSON.parse(cursor.text()),
    labels: JSON.parse(cursor.text()),
  };
  const [kind, target, sealed] = [cursor.text(), cursor.text(), cursor.optionalText()];
  const channel = { kind, ...JSON.parse(target), ...(sealed !== null && { sealed }) } as Channel;
  const template = JSON.parse(cursor.text());
  const [at, by, because] = [cursor.optionalNumber(), cursor.optionalText(), cursor.optionalText()];
  return {
    ...name,
    ...about,
    channel,
    template,
    disabled: at === null ? null : ({ at, by, because } as Subscription["disabled"]),
    since: cursor.number(),
    createdAt: cursor.number(),
    createdBy: cursor.text(),
    updatedAt: cursor.number(),
    revision: cursor.number(),
  };
}
