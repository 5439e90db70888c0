import { isList } from "../../core/json.ts";
import { blockedOn } from "../../core/run/blocked-on.ts";
import { contextOf } from "../../core/run/context.ts";
import { type BranchPath, ROOT, type RunId } from "../../core/run/ids.ts";
import type { StepError } from "../../core/run/run.ts";
import { traceOf } from "../../core/trace/context.ts";
import type { RunView } from "../../engine/ports/queries.ts";
import type { Database } from "./database.ts";
import type { Loader } from "./load.ts";
import { payloadsOf } from "./payloads.ts";
import { BLOCKERS, PAUSE, standingFrom, WORKERS } from "./query-blockers.ts";
import { SUMMARY, summaryFrom } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";
import { QUEUE, queueFrom } from "./slots.ts";
import { parsed } from "./texts.ts";

/** More open branches than this are not listed one by one. */
const MOST_STATES = 500;

/** Of the event that completed it, which is its last; none where somebody made that no JSON. */
const WARNINGS = `(select iif(type = 'run.completed' and json_valid(data), data ->> 'warnings', null)
  from workflow_run_events e where e.run_id = workflow_runs.run_id order by seq desc limit 1)`;

const RUN = `select ${SUMMARY}, output, ${WARNINGS}, error, reason,
  (select coalesce(max(seq), 0) from workflow_run_events e where e.run_id = workflow_runs.run_id), purged_at, ${QUEUE}
from workflow_runs where run_id = ?`;

const CURRENT_STATES = `select path, state from workflow_run_branches
where run_id = ? and closed_at is null order by path limit ${MOST_STATES}`;

/** One run as people see it, with what it waits for. */
export async function runView(
  db: Database,
  loader: Loader,
  runId: RunId,
  now: number,
): Promise<RunView | null> {
  const [[runs = [], states = [], blockers = [], pauses = [], workers = []], found] = await Promise.all([
    db.read([
      { sql: RUN, args: [runId] },
      { sql: CURRENT_STATES, args: [runId] },
      { sql: BLOCKERS, args: [runId, now] },
      { sql: PAUSE, args: [runId] },
      { sql: WORKERS, args: [now] },
    ]),
    loader.load(runId, ROOT),
  ]);
  const [row] = runs;
  const purgedAt = (row?.at(-2) ?? null) as number | null;
  if (purgedAt !== null) loader.forget(runId);
  const loaded = purgedAt === null ? found : await loader.load(runId, ROOT);
  if (!row || !loaded) return null;
  const payloads = await payloadsOf(db, runId, runs);
  const cursor = new Cursor(row);
  const summary = summaryFrom(cursor);
  const output = parsed(cursor.optionalText(), payloads);
  const warnings = parsed(cursor.optionalText(), payloads) ?? [];
  const error = parsed(cursor.optionalText(), payloads) ?? null;
  const reason = cursor.optionalText();
  const standing = standingFrom({
    ...{ run: summary, blockers, pauses, queue: queueFrom(row.at(-1)), reason },
    ...{ definition: loaded.run.definition, workers: Number(workers[0]?.[0]), now },
  });
  return {
    ...summary,
    rerunOf: loaded.run.rerunOf,
    calledBy: loaded.run.calledBy,
    input: loaded.run.input,
    context: contextOf(loaded.run, ROOT),
    output,
    warnings: isList(warnings) ? warnings : [],
    error: error as StepError | null,
    reason,
    blockedOn: blockedOn(standing, now),
    traceId: traceOf(loaded.run).traceId,
    currentStates: states.map(([path, state]) => ({
      branch: String(path) as BranchPath,
      state: String(state),
    })),
    seq: cursor.number(),
    purgedAt,
  };
}
