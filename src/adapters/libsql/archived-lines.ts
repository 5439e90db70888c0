import type { KeptCheckpoint } from "../../core/audit/checkpoint.ts";
import { type InclusionProof, proofsOf } from "../../core/audit/merkle.ts";
import type {
  ArchivedHead,
  ArchivedRow,
  ArchiveEnd,
  ArchiveHeader,
  ProvedHead,
} from "../../core/retention/archive-file.ts";
import { upToSigned } from "./checkpoints.ts";
import { type Cells, type Database, select } from "./database.ts";
import { runTablesOf } from "./run-tables.ts";
import { type Ask, pagesOf, shapeOf, type TableShape } from "./table-shapes.ts";
import { trail } from "./trail.ts";

const HEADS = `select a.run_id, a.environment, a.seq, a.hash,
  (select max(checkpoint) from audit_heads c where c.run_id = a.run_id and c.seq = a.seq and c.hash = a.hash)
from workflow_archived_runs a where a.archive_id = ? order by a.run_id`;

/** Which versions of which workflows an archive's runs need. */
const VERSIONS = `(environment, id, version) in (
  select r.environment, r.workflow_id, r.workflow_version from workflow_archived_runs a
  join workflow_runs r on r.run_id = a.run_id where a.archive_id = ?)`;

const WORKFLOWS = `(environment, id) in (
  select r.environment, r.workflow_id from workflow_archived_runs a
  join workflow_runs r on r.run_id = a.run_id where a.archive_id = ?)`;

/** What a run's definition is found in; kept with the runs, because a workflow without runs may be deleted. */
const DEFINITIONS: Readonly<Record<string, string>> = {
  workflow_definitions: WORKFLOWS,
  workflow_definition_versions: VERSIONS,
};

/** Everything that is kept of an archive's runs, line by line. */
export async function* archivedLines(db: Database, archiveId: string): AsyncGenerator<string> {
  const ask: Ask = (sql, args) => select(db, sql, args);
  const shape = await shapeOf(ask);
  const runTables = runTablesOf(shape);
  const definitions = shape.tables.filter(({ name }) => name in DEFINITIONS);
  const [created] = await select(db, "select created_at from workflow_archives where archive_id = ?", [
    archiveId,
  ]);
  const tables = [...definitions, ...runTables];
  const header: ArchiveHeader = {
    stationArchive: 1,
    archiveId,
    createdAt: Number(created?.[0]),
    tables: Object.fromEntries(tables.map(({ name, columns }) => [name, columns])),
  };
  yield JSON.stringify(header);
  let rows = 0;
  const rowsOf = async function* (table: TableShape, where: string, id: string) {
    for await (const page of pagesOf(ask, table, { where, args: [id] })) {
      rows += page.length;
      for (const row of page) yield JSON.stringify([table.name, ...row] satisfies ArchivedRow);
    }
  };
  for (const table of definitions) yield* rowsOf(table, DEFINITIONS[table.name] ?? "false", archiveId);
  const heads = (await select(db, HEADS, [archiveId])).map(headFrom);
  for (const checkpoint of await vouchersOf(db, heads)) yield JSON.stringify({ checkpointed: checkpoint });
  const proofs = await proofsFor(db, heads);
  for (const head of heads) {
    yield JSON.stringify({ ...head, proof: proofs.get(head.runId) ?? [] } satisfies ProvedHead);
    for (const table of runTables) yield* rowsOf(table, table.ofRun, head.runId);
  }
  yield JSON.stringify({ end: true, runs: heads.length, rows } satisfies ArchiveEnd);
}

/** The checkpoints that vouch for the heads, and of each those after it up to the first that is signed; by number. */
async function vouchersOf(db: Database, heads: readonly ArchivedHead[]): Promise<readonly KeptCheckpoint[]> {
  const wanted = new Map<number, KeptCheckpoint>();
  for (const { checkpoint } of heads) {
    if (wanted.has(checkpoint)) continue;
    for (const each of await upToSigned(db, checkpoint)) wanted.set(each.number, each);
  }
  return [...wanted.values()].sort((a, b) => a.number - b.number);
}

/** How each head is found in its checkpoint's root, by run. */
async function proofsFor(
  db: Database,
  heads: readonly ArchivedHead[],
): Promise<ReadonlyMap<string, InclusionProof>> {
  const proofs = new Map<string, InclusionProof>();
  for (const [checkpoint, vouchedFor] of Map.groupBy(heads, (head) => head.checkpoint)) {
    const all = await trail(db).headsOf(checkpoint);
    const places = new Map(all.map(({ runId }, index) => [runId, index]));
    const proofAt = proofsOf(all);
    for (const { runId } of vouchedFor) proofs.set(runId, proofAt(places.get(runId) ?? -1));
  }
  return proofs;
}

function headFrom([runId, environment, seq, hash, checkpoint]: Cells): ArchivedHead {
  return {
    runId: String(runId),
    environment: String(environment),
    seq: Number(seq),
    hash: String(hash),
    checkpoint: Number(checkpoint),
  };
}
