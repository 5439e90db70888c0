import type { ApiKey } from "../../core/identity/api-key.ts";
import type { AdminEvent } from "../../engine/ports/admin-events.ts";
import type { ApiKeys } from "../../engine/ports/api-keys.ts";
import { adding } from "./admin-events.ts";
import { type Cells, type Database, isConstraint, type Query, select } from "./database.ts";
import { Where } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";

const COLUMNS = `environment, name, scopes, hash, previous_hash, previous_until, older_hashes, created_at, created_by,
  expires_at, revoked_at, revoked_by, last_used_at`;

const ADD = `insert into api_keys (environment, name, scopes, hash, created_at, created_by, expires_at, changed_by)
values (?, ?, ?, ?, ?, ?, ?, ?)`;

/** So many before the one before: a rotation may be repeated by somebody who never saw its answer. */
const MOST_OLDER = 2;

/** None is good for longer than the one that was in use until now (`?1`), nor kept when its time is over at `?4`. */
const ROTATE = `update api_keys set previous_hash = hash, previous_until = ?1, hash = ?2, changed_by = ?3,
  older_hashes = (select json_group_array(json(one)) from (
    select json_object('hash', previous_hash, 'until', min(previous_until, ?1)) as one where previous_until > ?4
    union all
    select json_object('hash', e.value ->> 'hash', 'until', min(e.value ->> 'until', ?1)) from json_each(older_hashes) e
      where e.value ->> 'until' > ?4
    limit ${MOST_OLDER}))
where environment = ?5 and name = ?6 and revoked_at is null returning 1`;

const REVOKE = `update api_keys set revoked_at = ?, revoked_by = ?, changed_by = ?
where environment = ? and name = ? and revoked_at is null returning 1`;

const USED = `update api_keys set last_used_at = max(coalesce(last_used_at, 0), ?) where environment = ? and name = ?`;

/** Keys of programs, each change with its event in one transaction. */
export function apiKeys(db: Database): ApiKeys {
  return {
    async add(key, event) {
      const { environment, name, scopes, hash, createdAt, createdBy, expiresAt } = key;
      const cells = [
        environment,
        name,
        JSON.stringify(scopes),
        hash,
        createdAt,
        createdBy,
        expiresAt,
        event.id,
      ];
      try {
        await db.write([{ sql: ADD, args: cells }, adding(event)]);
        return true;
      } catch (error) {
        if (isConstraint(error)) return false;
        throw error;
      }
    },
    async find(environment, name) {
      const [row] = await select(db, `select ${COLUMNS} from api_keys where environment = ? and name = ?`, [
        environment,
        name,
      ]);
      return row ? keyFrom(row) : null;
    },
    async list(environments) {
      const where = new Where();
      where.isIn("environment", environments ?? undefined);
      const rows = await select(
        db,
        `select ${COLUMNS} from api_keys ${where.sql()} order by environment, name`,
        where.args,
      );
      return rows.map(keyFrom);
    },
    rotate: ({ environment, name, hash }, previousUntil, event) =>
      changed(db, { sql: ROTATE, args: [previousUntil, hash, event.id, event.at, environment, name] }, event),
    revoke: ({ environment, name }, event) =>
      changed(db, { sql: REVOKE, args: [event.at, event.actor, event.id, environment, name] }, event),
    async used(uses) {
      if (uses.length === 0) return;
      await db.write(uses.map(({ environment, name, at }) => ({ sql: USED, args: [at, environment, name] })));
    },
  };
}

/** A change to one key, and its event when there was something to change. */
async function changed(db: Database, update: Query, event: AdminEvent): Promise<boolean> {
  const where = { sql: "exists (select 1 from api_keys where changed_by = ?)", args: [event.id] };
  const [rows = []] = await db.write([update, adding(event, where)]);
  return rows.length > 0;
}

function keyFrom(row: Cells): ApiKey {
  const cursor = new Cursor(row);
  const key = {
    environment: cursor.text(),
    name: cursor.text(),
    scopes: JSON.parse(cursor.text()) as ApiKey["scopes"],
    hash: cursor.text(),
  };
  const [previousHash, until] = [cursor.optionalText(), cursor.optionalNumber()];
  const older = JSON.parse(cursor.text()) as ApiKey["earlier"];
  const made = { createdAt: cursor.number(), createdBy: cursor.text(), expiresAt: cursor.optionalNumber() };
  const [revokedAt, by] = [cursor.optionalNumber(), cursor.optionalText()];
  return {
    ...key,
    ...made,
    earlier: previousHash === null || until === null ? [] : [{ hash: previousHash, until }, ...older],
    revoked: revokedAt === null || by === null ? null : { at: revokedAt, by },
    lastUsedAt: cursor.optionalNumber(),
  };
}
