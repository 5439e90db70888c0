import type { Definition } from "../../core/definition/types.ts";
import { blockedOn } from "../../core/run/blocked-on.ts";
import type { RunId } from "../../core/run/ids.ts";
import { whyOf } from "../../core/view/why.ts";
import type { RunSummary } from "../../engine/ports/queries.ts";
import type { Cells, Database } from "./database.ts";
import type { Definitions } from "./definitions.ts";
import { BLOCKERS, isRetry, PAUSE, standingFrom, WORKERS } from "./query-blockers.ts";
import { Cursor } from "./read-rows.ts";
import { QUEUE, queueFrom } from "./slots.ts";

/** What was said at the end, or when it was paused. An error that is kept as a payload is too large for a list. */
const SAID = `select run_id, reason, iif(json_valid(error), error ->> 'state', null),
  iif(json_valid(error), substr(error ->> 'message', 1, 300),
    iif(error is null, null, 'its error is too large to be shown here')), ${QUEUE}
from workflow_runs where run_id in (select value from json_each(?))`;

/** Why each of these runs stands as it does, in one sentence; of some there is nothing to say. */
export async function whys(
  db: Database,
  definitions: Definitions,
  runs: readonly RunSummary[],
  now: number,
): Promise<ReadonlyMap<RunId, string>> {
  const open = runs.filter(({ finishedAt }) => finishedAt === null);
  const [said = [], [workers] = [], ...standings] = await db.read([
    { sql: SAID, args: [JSON.stringify(runs.map(({ runId }) => runId))] },
    { sql: WORKERS, args: [now] },
    ...open.flatMap(({ runId }) => [
      { sql: BLOCKERS, args: [runId, now] },
      { sql: PAUSE, args: [runId] },
    ]),
  ]);
  const saidOf = new Map(said.map((row) => [String(row[0]), saidFrom(row)]));
  const placeOf = new Map(open.map(({ runId }, index) => [runId, 2 * index]));
  const retrying = open.filter((_, index) => isRetry(standings[2 * index]?.[0]));
  const definitionOf = new Map(
    await Promise.all(
      retrying.map(async (run) => [run.runId, await definitionFor(definitions, run)] as const),
    ),
  );
  return new Map(
    runs.flatMap((run) => {
      const { runId } = run;
      const { reason = null, error = null, queue = null } = saidOf.get(runId) ?? {};
      const place = placeOf.get(runId) ?? standings.length;
      const [blockers = [], pauses = []] = standings.slice(place, place + 2);
      const standing = standingFrom({
        ...{ run, blockers, pauses, queue, reason, now },
        ...{ definition: definitionOf.get(runId) ?? null, workers: Number(workers?.[0]) },
      });
      const why = whyOf({ blockedOn: blockedOn(standing, now), error, reason });
      return why === null ? [] : [[runId, why] as const];
    }),
  );
}

/** Each is parsed once; without one the sentence only lacks a number. */
function definitionFor(
  definitions: Definitions,
  { environment, workflowId: id, workflowVersion: version }: RunSummary,
): Promise<Definition | null> {
  return definitions.get({ environment, id, version }).catch(() => null);
}

function saidFrom(row: Cells) {
  const cursor = new Cursor(row.slice(1));
  const reason = cursor.optionalText();
  const state = cursor.optionalText();
  const message = cursor.optionalText();
  const queue = queueFrom(cursor.cell());
  return { reason, error: message === null ? null : { message, ...(state !== null && { state }) }, queue };
}
