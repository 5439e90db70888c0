import type { MessagePort } from "node:worker_threads";
import type { TracedStore } from "../../engine/ports/spans.ts";
import { agentRuns } from "./agent-runs.ts";
import { BorrowedDatabase } from "./borrowed-database.ts";
import { cursors } from "./cursors.ts";
import type { Database } from "./database.ts";
import { leases } from "./leases.ts";
import { eventsSince, lastPosition, listEvents } from "./query-events.ts";
import { RecentEvents } from "./recent-events.ts";

/** Where a thread that traces finds the trail: a file that another thread lends, or a server of its own. */
export type TracedDatabase =
  | { readonly kind: "lent"; readonly port: MessagePort; readonly underWay: Int32Array<SharedArrayBuffer> }
  | { readonly kind: "server"; readonly url: string; readonly authToken: string | null };

/** Opens what `traceRuns` reads, in a thread that has nothing else of the database. */
export async function openTracedStore(
  database: TracedDatabase,
): Promise<TracedStore & { close(): Promise<void> }> {
  const recent = new RecentEvents();
  const db = await open(database, recent);
  return {
    queries: {
      events: (runId, after, limit) => listEvents(db, runId, after, limit),
      eventsSince: async (after, limit) => recent.since(after, limit) ?? eventsSince(db, after, limit),
      lastPosition: () => lastPosition(db),
    },
    agents: agentRuns(db),
    cursors: cursors(db),
    leases: leases(db),
    close: () => db.close(),
  };
}

/** The client of servers is loaded only where there is one. */
async function open(database: TracedDatabase, recent: RecentEvents): Promise<Database> {
  if (database.kind === "lent") return new BorrowedDatabase(database.port, database.underWay, recent);
  const { RemoteDriver } = await import("./remote-driver.ts");
  return new RemoteDriver(database.url, database.authToken ?? undefined);
}
