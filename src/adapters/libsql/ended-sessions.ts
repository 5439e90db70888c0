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
    async isEnded(id) {
      const rows = await select(db, "select 1 from ended_sessions where session_id = ?", [id]);
      return rows.length > 0;
    },
  };
}
