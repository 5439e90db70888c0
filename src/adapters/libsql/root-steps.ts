import type { RunId } from "../../core/run/ids.ts";
import type { Step } from "../../core/run/run.ts";
import { type Database, select } from "./database.ts";
import { stepsFrom } from "./fold.ts";
import { payloadsOf } from "./payloads.ts";
import { STEPS } from "./tables.ts";

const ROOT_STEPS = `select ${STEPS.columns.filter((column) => column !== "run_id").join(", ")}
from workflow_run_steps where run_id = ? and branch = '' order by exit_order is null, exit_order, entered_at`;

/** The steps of a run's root branch, in the order in which it left them; what it never left comes last. */
export async function rootStepsOf(db: Database, runId: RunId): Promise<readonly Step[]> {
  const rows = await select(db, ROOT_STEPS, [runId]);
  return stepsFrom(rows, await payloadsOf(db, runId, rows));
}
