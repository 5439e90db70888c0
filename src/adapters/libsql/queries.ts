import type { RunStatus } from "../../core/run/run.ts";
import type { Queries } from "../../engine/ports/queries.ts";
import { type Database, select } from "./database.ts";
import type { Definitions } from "./definitions.ts";
import { examine } from "./doctor.ts";
import { figures } from "./figures.ts";
import type { Loader } from "./load.ts";
import { activity } from "./query-activity.ts";
import { agentFigures } from "./query-agent-figures.ts";
import { agentUses } from "./query-agent-uses.ts";
import { environmentOf, findApproval, listApprovals } from "./query-approvals.ts";
import { eventsSince, lastPosition, listEvents } from "./query-events.ts";
import { runView } from "./query-run.ts";
import { countRuns, listRuns, runIdsByPrefix, traceIds } from "./query-runs.ts";
import { stepFigures } from "./query-step-figures.ts";
import { listSteps } from "./query-steps.ts";
import { whys } from "./query-whys.ts";
import type { RecentEvents } from "./recent-events.ts";

/** Reading for people: the same text for a file and for a server. */
export function queries(
  db: Database,
  loader: Loader,
  definitions: Definitions,
  recent: RecentEvents,
): Queries {
  return {
    run: (runId, now) => runView(db, loader, runId, now),
    async status(runId) {
      const [row] = await select(db, "select status from workflow_runs where run_id = ?", [runId]);
      return row ? (String(row[0]) as RunStatus) : null;
    },
    runs: (filter, page) => listRuns(db, filter, page),
    whys: (runs, now) => whys(db, definitions, runs, now),
    stepFigures: (workflow, since, limit) => stepFigures(db, workflow, since, limit),
    agentFigures: (environment, since, limit) => agentFigures(db, environment, since, limit),
    agentUses: (asked, limit) => agentUses(db, asked, limit),
    counts: (filter) => countRuns(db, filter),
    activity: (filter) => activity(db, filter),
    steps: (runId) => listSteps(db, runId),
    events: (runId, after, limit) => listEvents(db, runId, after, limit),
    eventsSince: async (after, limit) => recent.since(after, limit) ?? eventsSince(db, after, limit),
    traceIds: (runIds) => traceIds(db, runIds),
    lastPosition: () => lastPosition(db),
    approvals: (filter, page) => listApprovals(db, filter, page),
    approval: (id) => findApproval(db, id),
    environmentOf: (what, id) => environmentOf(db, what, id),
    runIdsByPrefix: (prefix, limit) => runIdsByPrefix(db, prefix, limit),
    doctor: (now) => examine(db, now),
    figures: (now) => figures(db, now),
  };
}
