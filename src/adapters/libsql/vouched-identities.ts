import type { VouchedIdentities } from "../../engine/ports/people.ts";
import { type Database, select } from "./database.ts";
import { Cursor } from "./read-rows.ts";

/** Whoever has not come in for so long is forgotten. */
const FORGOTTEN_MS = 90 * 86_400_000;

const KEEP = `insert into vouched_identities (user_key, user, name, groups, vouched_at, access, access_until)
values (?1, ?1, ?2, ?3, ?4, ?5, ?6)
on conflict (user_key) do update set user = excluded.user, name = excluded.name, groups = excluded.groups,
  vouched_at = excluded.vouched_at,
  access = coalesce(excluded.access, access), access_until = coalesce(excluded.access_until, access_until)
where excluded.vouched_at >= vouched_at`;

const FIND = `select user, name, groups, vouched_at, access, access_until from vouched_identities
where user_key in (select value from json_each(?))`;

/** What the identity provider last said of people. */
export function vouchedIdentities(db: Database): VouchedIdentities {
  return {
    async keep({ identity, at, access }) {
      const { user, name, groups } = identity;
      const cells = [
        keyOf(user),
        name,
        JSON.stringify(groups),
        at,
        access?.sealed ?? null,
        access?.until ?? null,
      ];
      await db.write([
        { sql: "delete from vouched_identities where vouched_at < ?", args: [at - FORGOTTEN_MS] },
        { sql: KEEP, args: cells },
      ]);
    },
    async find(users) {
      return (await select(db, FIND, [JSON.stringify(users.map(keyOf))])).map((row) => {
        const cursor = new Cursor(row);
        const identity = {
          user: cursor.text(),
          name: cursor.text(),
          groups: JSON.parse(cursor.text()) as readonly string[],
        };
        const at = cursor.number();
        const [sealed, until] = [cursor.optionalText(), cursor.optionalNumber()];
        return { identity, at, access: sealed === null || until === null ? null : { sealed, until } };
      });
    },
  };
}

/** SQLite's own lower() knows ASCII alone: somebody would have two words, and the older one might count. */
function keyOf(user: string): string {
  return user.toLowerCase();
}
