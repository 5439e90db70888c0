import { newId } from "../../engine/ids.ts";
import type { Handlers } from "../handler.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem } from "../problems.ts";

/** The whole database, for whoever may have all of it. */
export function backupHandlers({ store, clock }: HttpPorts): Handlers<"downloadBackup"> {
  return {
    async downloadBackup({ by, signal }) {
      // Kept before anything is given away.
      await store.adminEvents.append({
        id: newId("adm", clock),
        at: clock.now(),
        ...by,
        action: "backup.taken",
        environment: null,
        subject: "station",
        data: {},
      });
      const snapshot = await store.backups.snapshot(signal);
      if (snapshot === null)
        throw new HttpProblem(
          "no-file",
          "the database is no file of this server; run `stn backup` where STATION_DATABASE_URL is set",
        );
      const headers = {
        "content-type": "application/vnd.sqlite3",
        "content-length": String(snapshot.bytes),
        "content-disposition": 'attachment; filename="station.db"',
        "cache-control": "no-store",
      };
      return new Response(snapshot.stream, { headers });
    },
  };
}
