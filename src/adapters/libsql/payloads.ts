import { piecesIn, wholeValues } from "../../core/audit/pieces.ts";
import type { RunId } from "../../core/run/ids.ts";
import { type Cell, type Cells, type Database, select } from "./database.ts";
import { type Payloads, referenceIn } from "./texts.ts";

const NONE: Payloads = new Map();

/** The payloads the cells of these rows refer to; asks the database only when there are any. */
export async function payloadsOf(
  db: Database,
  runId: RunId | string,
  rows: readonly Cells[],
): Promise<Payloads> {
  const hashes = new Set<string>();
  for (const row of rows)
    for (let i = 0; i < row.length; i++) {
      const hash = referenceIn(textOf(row[i]));
      if (hash?.length === 64) hashes.add(hash);
    }
  return hashes.size === 0 ? NONE : payloadsByHash(db, runId, [...hashes]);
}

/** The payloads that the `spilled` fields of event data refer to. */
export async function spilledPayloads(
  db: Database,
  events: readonly { readonly runId: string; readonly data: string; readonly spilled: string | null }[],
): Promise<Payloads> {
  const byRun = new Map<string, Set<string>>();
  for (const { runId, data, spilled } of events) {
    if (spilled === null) continue;
    const value = JSON.parse(data);
    const hashes = byRun.get(runId) ?? new Set();
    byRun.set(runId, hashes);
    for (const key of spilled.split(",")) hashes.add(referenceIn(value[key]) ?? "");
  }
  if (byRun.size === 0) return NONE;
  const found = await Promise.all(
    [...byRun].map(([runId, hashes]) => payloadsByHash(db, runId, [...hashes])),
  );
  return new Map(found.flatMap((payloads) => [...payloads]));
}

/** A run's payloads, whole; one of which something is missing is left out. */
export async function payloadsByHash(
  db: Database,
  runId: string,
  hashes: readonly string[],
): Promise<Payloads> {
  const bodies = await bodiesByHash(db, runId, hashes);
  const pieces = [...bodies.values()].flatMap((body) => piecesIn(body) ?? []);
  if (pieces.length === 0) return bodies;
  return wholeValues(new Map([...bodies, ...(await bodiesByHash(db, runId, pieces))]));
}

async function bodiesByHash(db: Database, runId: string, hashes: readonly string[]): Promise<Payloads> {
  const rows = await select(
    db,
    "select hash, body from workflow_payloads where run_id = ? and hash in (select value from json_each(?))",
    [runId, JSON.stringify(hashes)],
  );
  return new Map(rows.map((row) => [String(row[0]), String(row[1])]));
}

function textOf(cell: Cell | undefined): string | null {
  return typeof cell === "string" ? cell : null;
}
