import type { EndedSessions } from "../../engine/ports/identity-provider.ts";
import { type Database, select } from "./database.ts";

/** Sessions whose cookies are not good any more. */
export function endedSessions(db: Database): EndedSessions {
  return {
    async end(id, until, now) {
      await db.write([
        { sql: "delete from ended_sessions where until < ?", args: [now] },
        {
          sql: "insert into ended_sessions (session_id, until) values (?, ?) on conflict do nothing",
          args: [id, until],
        },
      ]);
    },
    async ended(ids) {
      const marks = ids.map(() => "?").join(", ");
      const rows = await select(
        db,
        `select session_id from ended_sessions where session_id in (${marks})`,
        ids,
      );
      return new Set(rows.map(([id]) => String(id)));
    },
  };
}
