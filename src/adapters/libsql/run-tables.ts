import { quoted, type Shape, type TableShape } from "./table-shapes.ts";

/** A table that holds rows of runs; `ofRun` is the condition for those of one, whose id stands for its one `?`. */
export type RunTable = TableShape & { readonly ofRun: string };

const RUNS = "workflow_runs";

/** Every table whose rows go with a run, the run's own first, each behind those it refers to. */
export function runTablesOf({ tables }: Shape): readonly RunTable[] {
  const found = new Map<string, RunTable>();
  for (const table of tables) {
    const ofRun = table.name === RUNS ? "run_id = ?" : conditionOf(table, found);
    if (ofRun !== null) found.set(table.name, { ...table, ofRun });
  }
  return [...found.values()];
}

/** A reference to the run itself is the shortest way; else by the first table that has one. */
function conditionOf({ refersTo }: TableShape, found: ReadonlyMap<string, RunTable>): string | null {
  const direct = refersTo.find(({ table }) => table === RUNS);
  if (direct) return `${quoted(direct.column)} = ?`;
  for (const { table, column } of refersTo) {
    const parent = found.get(table);
    const [key, ...more] = parent?.primaryKey ?? [];
    if (parent && key !== undefined && more.length === 0)
      return `${quoted(column)} in (select ${quoted(key)} from ${quoted(table)} where ${parent.ofRun})`;
  }
  return null;
}
