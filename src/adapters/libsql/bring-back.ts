import { setImmediate as nextTurn } from "node:timers/promises";
import { type ArchivedHead, type ArchivedRow, archiveLine } from "../../core/retention/archive-file.ts";
import type { AdminEvent } from "../../engine/ports/admin-events.ts";
import type { Hold } from "../../engine/ports/archives.ts";
import { adding } from "./admin-events.ts";
import type { Cells, Database, Query } from "./database.ts";
import { MOST_CHARACTERS } from "./portions.ts";
import { quoted } from "./table-shapes.ts";

const MOST_ROWS = 200;

const HELD = `insert into workflow_run_holds (run_id, reason, held_at, held_by) values (?, ?, ?, ?)
on conflict (run_id) do nothing`;

const ARCHIVED =
  "exists (select 1 from workflow_archived_runs where run_id in (select value from json_each(?)))";

/**
 * Puts rows of an archive where they were. A run counts as archived until its last row is back, so that it may be broken
 * off anywhere and done again; those that are whole are told of, by the event `told` makes, in the same transaction.
 */
export async function bringBack(
  db: Database,
  lines: AsyncIterable<string>,
  runIds: readonly string[] | null,
  hold: Hold,
  told: (runIds: readonly string[]) => AdminEvent,
): Promise<readonly string[]> {
  const wanted = runIds && new Set(runIds);
  const back: string[] = [];
  let columns: Readonly<Record<string, readonly string[]>> = {};
  let head: ArchivedHead | null = null;
  let waiting: Query[] = [];
  let whole: string[] = [];
  let characters = 0;
  const flush = async () => {
    if (whole.length > 0)
      waiting.push(
        adding(told(whole), { sql: ARCHIVED, args: [JSON.stringify(whole)] }),
        ...whole.flatMap(closing),
      );
    if (waiting.length > 0) await db.write(waiting);
    back.push(...whole);
    waiting = [];
    whole = [];
    characters = 0;
    await nextTurn();
  };
  const closing = (runId: string): readonly Query[] => [
    { sql: HELD, args: [runId, hold.reason, hold.at, hold.by] },
    { sql: "delete from workflow_archived_runs where run_id = ?", args: [runId] },
  ];
  for await (const text of lines) {
    const line = archiveLine(text);
    if (line.is === "header") columns = line.header.tables;
    if ((line.is === "head" || line.is === "end") && head !== null) {
      whole.push(head.runId);
      head = null;
    }
    if (line.is === "head" && (!wanted || wanted.has(line.head.runId))) head = line.head;
    if (line.is !== "row" || (head === null && !isDefinition(line.row))) continue;
    waiting.push(insertOf(line.row, columns));
    characters += text.length;
    if (waiting.length >= MOST_ROWS || characters >= MOST_CHARACTERS) await flush();
  }
  await flush();
  return back;
}

function isDefinition([table]: ArchivedRow): boolean {
  return table === "workflow_definitions" || table === "workflow_definition_versions";
}

function insertOf(
  [table, ...cells]: ArchivedRow,
  columns: Readonly<Record<string, readonly string[]>>,
): Query {
  const names = (columns[table] ?? []).map(quoted).join(", ");
  const marks = cells.map(() => "?").join(", ");
  return {
    sql: `insert into ${quoted(table)} (${names}) values (${marks}) on conflict do nothing`,
    args: cells as Cells,
  };
}
