import { Type } from "typebox";
import type { Route } from "./route.ts";

/** The whole database at once. */
export const backupRoutes = {
  downloadBackup: {
    method: "get",
    path: "/api/v1/backup",
    tag: "System",
    summary: "Copy the whole database, while it is written to",
    description:
      "A SQLite database file: everything as it was at one moment, hashes of keys included. Only of a Station whose " +
      "database is its own file; a libSQL server's is copied by `stn backup` with STATION_DATABASE_URL.",
    needs: "admin",
    environment: "station",
    ok: [200, Type.String({ description: "The bytes of the file" })],
    media: "application/vnd.sqlite3",
    problems: ["no-file"],
  },
} as const satisfies Record<string, Route>;
