/** How many changed lines are looked for before a stretch is shown as replaced as a whole. */
const MOST_EDITS = 1500;
const CONTEXT = 3;

type Line = { readonly sign: " " | "-" | "+"; readonly text: string };

/** The differences of two texts as a unified diff, "" when there are none. `from` and `to` head the two sides. */
export function unifiedDiff(
  before: string,
  after: string,
  { from, to }: { readonly from: string; readonly to: string },
): string {
  if (before === after) return "";
  const lines = diffLines(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines);
  if (hunks.length === 0) return "";
  return `--- ${from}\n+++ ${to}\n${hunks.map((hunk) => textOf(hunk, lines)).join("")}`;
}

/** A text's lines; one that does not end with a line break says so as diff does. */
function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") return lines.slice(0, -1);
  return [...lines.slice(0, -1), `${lines.at(-1)}\n\\ No newline at end of file`];
}

function diffLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end++;
  const same = (lines: readonly string[]) => lines.map((text): Line => ({ sign: " ", text }));
  return [
    ...same(before.slice(0, start)),
    ...shortestEdit(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

/** The fewest lines taken out and put in (E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986). */
function shortestEdit(a: readonly string[], b: readonly string[]): readonly Line[] {
  const whole = (): readonly Line[] => [
    ...a.map((text): Line => ({ sign: "-", text })),
    ...b.map((text): Line => ({ sign: "+", text })),
  ];
  if (a.length === 0 || b.length === 0) return whole();
  const most = Math.min(a.length + b.length, MOST_EDITS);
  // furthest[k + most]: how far into `a` the best path on diagonal k = x - y has come
  const furthest = new Int32Array(2 * most + 2);
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    trace.push(furthest.slice(most - edits, most + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      const goesDown =
        k === -edits || (k !== edits && at(furthest, most + k - 1) < at(furthest, most + k + 1));
      let x = goesDown ? at(furthest, most + k + 1) : at(furthest, most + k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[most + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trace);
    }
  }
  return whole();
}

/** Reads the path off the furthest points of every number of edits, from the end to the start. */
function walkBack(a: readonly string[], b: readonly string[], trace: readonly Int32Array[]): readonly Line[] {
  const lines: Line[] = [];
  let [x, y] = [a.length, b.length];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const furthest = trace[edits] ?? new Int32Array();
    const k = x - y;
    const goesDown =
      k === -edits || (k !== edits && at(furthest, edits + k - 1) < at(furthest, edits + k + 1));
    const from = goesDown ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : at(furthest, edits + from);
    const fromY = edits === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY) {
      x--;
      y--;
      lines.push({ sign: " ", text: a[x] ?? "" });
    }
    if (edits === 0) break;
    if (goesDown) lines.push({ sign: "+", text: b[--y] ?? "" });
    else lines.push({ sign: "-", text: a[--x] ?? "" });
  }
  return lines.reverse();
}

function at(values: Int32Array, index: number): number {
  return values[index] ?? 0;
}

type Hunk = { readonly first: number; readonly end: number };

/** Stretches of changed lines with what stands around them. */
function hunksOf(lines: readonly Line[]): readonly Hunk[] {
  const hunks: { first: number; end: number }[] = [];
  for (const [index, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    const first = Math.max(0, index - CONTEXT);
    const end = Math.min(lines.length, index + 1 + CONTEXT);
    const last = hunks.at(-1);
    if (last && first <= last.end) last.end = end;
    else hunks.push({ first, end });
  }
  return hunks;
}

function textOf({ first, end }: Hunk, lines: readonly Line[]): string {
  const before = lines.slice(0, first);
  const shown = lines.slice(first, end);
  const range = (other: "+" | "-") => {
    const start = before.filter(({ sign }) => sign !== other).length;
    const count = shown.filter(({ sign }) => sign !== other).length;
    return `${count === 0 ? start : start + 1}${count === 1 ? "" : `,${count}`}`;
  };
  const body = shown.map(({ sign, text }) => `${sign}${text}\n`).join("");
  return `@@ -${range("+")} +${range("-")} @@\n${body}`;
}
