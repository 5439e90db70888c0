import type { MessagePort } from "node:worker_threads";
import type { TracedStore } from "../../engine/ports/spans.ts";
import { agentRuns } from "./agent-runs.ts";
import { BorrowedDatabase } from "./borrowed-database.ts";
import { cursors } from "./cursors.ts";
import { leases } from "./leases.ts";
import { eventsSince, lastPosition, listEvents } from "./query-events.ts";
import { RecentEvents } from "./recent-events.ts";

/** The end of a `Lender` that a thread was given. */
export type Loan = { readonly port: MessagePort; readonly underWay: Int32Array<SharedArrayBuffer> };

/** What `traceRuns` reads and writes, on a database that another thread lends. */
export function openTracedStore({ port, underWay }: Loan): TracedStore & { close(): Promise<void> } {
  const recent = new RecentEvents();
  const db = new BorrowedDatabase(port, underWay, recent);
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
