import type { Hook, KeptSecret } from "../../core/webhook/hook.ts";
import type { AdminEvent } from "../../engine/ports/admin-events.ts";
import type { Hooks } from "../../engine/ports/hooks.ts";
import { adding } from "./admin-events.ts";
import { type Cells, type Database, isConstraint, type Query, select } from "./database.ts";
import { hookDeliveries } from "./hook-deliveries.ts";
import { Where } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";

const COLUMNS = `hook_id, environment, name, scheme, secret, previous_secret, previous_until, older_secrets, target,
  condition, identity, headers, enabled, created_at, created_by, updated_at`;

const ADD = `insert into hooks (hook_id, environment, name, scheme, secret, target, condition, identity, headers,
  enabled, created_at, created_by, updated_at, changed_by)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const CHANGE = `update hooks set target = ?, condition = ?, identity = ?, headers = ?, enabled = ?, updated_at = ?,
  changed_by = ? where hook_id = ? returning 1`;

/** So many before the one before: a rotation may be repeated by somebody who never saw its answer. */
const MOST_OLDER = 2;

/** None is good for longer than the one that was in use until now (`?1`), nor kept when its time is over at `?3`. */
const ROTATE = `update hooks set previous_secret = secret, previous_until = ?1, secret = ?2, updated_at = ?3, changed_by = ?4,
  older_secrets = (select json_group_array(json(one)) from (
    select json_object('kept', previous_secret, 'until', min(previous_until, ?1)) as one where previous_until > ?3
    union all
    select json_object('kept', e.value ->> 'kept', 'until', min(e.value ->> 'until', ?1)) from json_each(older_secrets) e
      where e.value ->> 'until' > ?3
    limit ${MOST_OLDER}))
where hook_id = ?5 returning 1`;

const RESEAL = `update hooks set secret = ?1, previous_secret = ?2,
  previous_until = case when ?2 is not null then previous_until end, older_secrets = ?7, changed_by = ?3
where hook_id = ?4 and secret = ?5 and previous_secret is ?6 returning 1`;

const CHANGED = "exists (select 1 from hooks where changed_by = ?)";

/** Hooks, each change with its event in one transaction. */
export function hooks(db: Database): Hooks {
  return {
    async add(hook, event) {
      const { id, environment, name, scheme, secrets, target, when, identity, headers, enabled } = hook;
      const args = [
        id,
        environment,
        name,
        JSON.stringify(scheme),
        secrets[0].kept,
        JSON.stringify(target),
        when,
        JSON.stringify(identity),
        JSON.stringify(headers),
        enabled ? 1 : 0,
        hook.createdAt,
        hook.createdBy,
        hook.updatedAt,
        event.id,
      ];
      try {
        await db.write([{ sql: ADD, args }, adding(event)]);
        return true;
      } catch (error) {
        if (isConstraint(error)) return false;
        throw error;
      }
    },
    async find(hookId) {
      const [row] = await select(db, `select ${COLUMNS} from hooks where hook_id = ?`, [hookId]);
      return row ? hookFrom(row) : null;
    },
    async list(environments) {
      const where = new Where();
      where.isIn("environment", environments ?? undefined);
      const rows = await select(
        db,
        `select ${COLUMNS} from hooks ${where.sql()} order by environment, name`,
        where.args,
      );
      return rows.map(hookFrom);
    },
    change({ id, target, when, identity, headers, enabled }, event) {
      const said = [JSON.stringify(target), when, JSON.stringify(identity), JSON.stringify(headers)];
      const args = [...said, enabled ? 1 : 0, event.at, event.id, id];
      return changed(db, { sql: CHANGE, args }, event);
    },
    rotate: (hookId, secret, previousUntil, event) =>
      changed(db, { sql: ROTATE, args: [previousUntil, secret, event.at, event.id, hookId] }, event),
    reseal({ id, secrets: [newest, previous, ...older] }, [sealed = "", before = null, ...rest], event) {
      const resealed = rest.map((kept, index) => ({ kept, until: older[index]?.until ?? 0 }));
      const was = [newest.kept, previous?.kept ?? null];
      const args = [sealed, before, event.id, id, ...was, JSON.stringify(resealed)];
      return changed(db, { sql: RESEAL, args }, event);
    },
    async remove(hookId, event) {
      const there = { sql: "exists (select 1 from hooks where hook_id = ?)", args: [hookId] };
      const [, rows = []] = await db.write([
        adding(event, there),
        { sql: "delete from hooks where hook_id = ? returning 1", args: [hookId] },
      ]);
      return rows.length > 0;
    },
    deliveries: hookDeliveries(db),
  };
}

/** A change to one hook, and its event when there was something to change. */
async function changed(db: Database, update: Query, event: AdminEvent): Promise<boolean> {
  const [rows = []] = await db.write([update, adding(event, { sql: CHANGED, args: [event.id] })]);
  return rows.length > 0;
}

function hookFrom(row: Cells): Hook {
  const cursor = new Cursor(row);
  const [id, environment, name] = [cursor.text(), cursor.text(), cursor.text()];
  const scheme = JSON.parse(cursor.text());
  const newest: KeptSecret = { kept: cursor.text(), until: null };
  const [previous, until] = [cursor.optionalText(), cursor.optionalNumber()];
  const older = JSON.parse(cursor.text()) as readonly KeptSecret[];
  return {
    id,
    environment,
    name,
    scheme,
    secrets: previous === null ? [newest] : [newest, { kept: previous, until }, ...older],
    target: JSON.parse(cursor.text()),
    when: cursor.optionalText(),
    identity: JSON.parse(cursor.text()),
    headers: JSON.parse(cursor.text()),
    enabled: cursor.number() === 1,
    createdAt: cursor.number(),
    createdBy: cursor.text(),
    updatedAt: cursor.number(),
  };
}
