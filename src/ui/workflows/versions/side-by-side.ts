/** A side of a line: its number and text, and whether it differs from the other side. */
type Side = { readonly number: number; readonly text: string; readonly isChanged: boolean };

/** A row of two texts beside each other; `gap`: equal lines that are left out. */
export type DiffRow =
  | { readonly kind: "gap"; readonly key: string }
  | {
      readonly kind: "line";
      readonly key: string;
      readonly before: Side | null;
      readonly after: Side | null;
    };

/** Reads a unified diff as rows of two columns: what was taken out stands beside what came for it. */
export function sideBySide(unified: string): readonly DiffRow[] {
  const rows: DiffRow[] = [];
  let [left, right] = [1, 1];
  let isInside = false;
  let removed: Side[] = [];
  let added: Side[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++) {
      const [before, after] = [removed[i] ?? null, added[i] ?? null];
      rows.push({ kind: "line", key: `${before?.number ?? ""}:${after?.number ?? ""}`, before, after });
    }
    removed = [];
    added = [];
  };
  for (const line of unified.replace(/\n$/, "").split("\n")) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    if (hunk) {
      flush();
      const [from, to] = [Number(hunk[1]), Number(hunk[2])];
      if (isInside || from > 1 || to > 1) rows.push({ kind: "gap", key: `gap${from}:${to}` });
      [left, right, isInside] = [from, to, true];
    } else if (!isInside || line.startsWith("\\")) {
      // The head of the diff, and "no newline at the end".
    } else if (line.startsWith("-")) removed.push({ number: left++, text: line.slice(1), isChanged: true });
    else if (line.startsWith("+")) added.push({ number: right++, text: line.slice(1), isChanged: true });
    else {
      flush();
      const text = line.slice(1);
      rows.push({
        kind: "line",
        key: `${left}:${right}`,
        before: { number: left++, text, isChanged: false },
        after: { number: right++, text, isChanged: false },
      });
    }
  }
  flush();
  return rows;
}
