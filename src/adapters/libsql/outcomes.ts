import { type BranchPath, childBranch, lastSegment, type RunId } from "../../core/run/ids.ts";
import type { Outcome } from "../../core/run/run.ts";
import { type Database, select } from "./database.ts";
import { payloadsOf } from "./payloads.ts";
import { behind } from "./prepare.ts";
import { parsedRequired } from "./texts.ts";

/** The outcomes of the closed children of a container state, by last path segment; its grandchildren are left out. */
export async function outcomesOf(
  db: Database,
  runId: RunId,
  branch: BranchPath,
  segment: string,
): Promise<ReadonlyMap<string, Outcome>> {
  const prefix = childBranch(branch, segment, "");
  const rows = await select(
    db,
    `select path, outcome from workflow_run_branches
    where run_id = ?1 and path >= ?2 and path < ?3 and closed_at is not null
      and instr(substr(path, length(?2) + 1), '/') = 0`,
    [runId, prefix, behind(prefix)],
  );
  const payloads = await payloadsOf(db, runId, rows);
  return new Map(
    rows.map(([path, outcome]) => [
      lastSegment(String(path) as BranchPath),
      parsedRequired<Outcome>(outcome as string | null, payloads),
    ]),
  );
}
