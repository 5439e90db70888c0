import type { AdminText } from "../../core/audit/admin-chain.ts";
import type { Channel } from "../../core/identity/channel.ts";
import type { AdminEvent, AdminEvents } from "../../engine/ports/admin-events.ts";
import { type Cells, type Database, type Query, select } from "./database.ts";
import { Where } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";

const COLUMNS = "id, at, actor, channel, action, environment, subject, data";

/** What `adminTextFrom` reads. */
export const ADMIN_COLUMNS = `position, ${COLUMNS}`;

const LATEST = `select ${ADMIN_COLUMNS} from admin_events where action = ? and subject = ?
order by position desc limit 1`;

/** What was changed about Station itself. */
export function adminEvents(db: Database): AdminEvents {
  return {
    async append(event) {
      await db.write([adding(event)]);
    },
    async latest(action, subject) {
      const [row] = await select(db, LATEST, [action, subject]);
      return row ? eventFrom(row) : null;
    },
    async list(environments, { limit, before }) {
      const where = new Where();
      where.isIn("environment", environments ?? undefined);
      if (before !== undefined) where.add("position < ?", before);
      const rows = await select(
        db,
        `select ${ADMIN_COLUMNS} from admin_events ${where.sql()} order by position desc limit ?`,
        [...where.args, limit],
      );
      return rows.map(eventFrom);
    },
  };
}

/** Adds an event, in the transaction of what it tells of; with `where` only when that holds. */
export function adding(event: AdminEvent, where?: { readonly sql: string; readonly args: Cells }): Query {
  const { id, at, actor, channel, action, environment, subject, data } = event;
  return {
    sql: `insert into admin_events (${COLUMNS}) select ?, ?, ?, ?, ?, ?, ?, ?${where ? ` where ${where.sql}` : ""}`,
    args: [
      id,
      at,
      actor,
      channel,
      action,
      environment,
      subject,
      JSON.stringify(data),
      ...(where?.args ?? []),
    ],
  };
}

/** An event as it is kept, from a row of `ADMIN_COLUMNS`. */
export function adminTextFrom(row: Cells): AdminText {
  const cursor = new Cursor(row);
  return {
    position: cursor.number(),
    id: cursor.text(),
    at: cursor.number(),
    actor: cursor.text(),
    channel: cursor.text(),
    action: cursor.text(),
    environment: cursor.optionalText(),
    subject: cursor.text(),
    data: cursor.text(),
  };
}

function eventFrom(row: Cells) {
  const text = adminTextFrom(row);
  return { ...text, channel: text.channel as Channel, data: JSON.parse(text.data) };
}
