import { useState } from "react";

type Row = { readonly runId: string; readonly createdAt: string };

/**
 * Rows that do not move while somebody works with them: what began since is held back and counted. Rows that change or
 * go do so in place.
 */
export function useHeld<Run extends Row>(rows: readonly Run[], isHeld: boolean) {
  const [top, setTop] = useState<Row | null>(null);
  const newest = rows[0] ?? null;
  const isNew = (row: Row) =>
    top !== null &&
    (row.createdAt > top.createdAt || (row.createdAt === top.createdAt && row.runId > top.runId));
  if (!isHeld && newest?.runId !== top?.runId) setTop(newest);
  const shown = isHeld && top !== null ? rows.filter((row) => !isNew(row)) : rows;
  return { shown, held: rows.length - shown.length, release: () => setTop(newest) };
}
