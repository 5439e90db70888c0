import { stripVTControlCharacters } from "node:util";
import type { Look, Style } from "../terminal/look.ts";
import { oneLine, pad, shorten, textWidth } from "../terminal/text.ts";

/** A column of a list: its title, and what a row says in it. */
export type Column<Row> = {
  readonly title: string;
  /** For programs: whole, as the API writes it. */
  readonly value: (row: Row) => string;
  /** For people, when it differs. */
  readonly shown?: (row: Row, look: Look) => string;
  readonly style?: Style;
  readonly align?: "right";
  /** Left out on narrow terminals; the highest goes first. */
  readonly optional?: number;
};

const GAP = 2;
/** No column is made narrower than this to spare one that may be left out. */
const NARROWEST = 8;

/** Rows for programs: tab-separated, without titles, nothing shortened. */
export function tabSeparated<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return rows.map((row) => `${columns.map(({ value }) => oneLine(value(row))).join("\t")}\n`).join("");
}

/** Rows for people, no line longer than `width` cells. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { look, width }: { readonly look: Look; readonly width: number },
): string {
  if (rows.length === 0) return "";
  let kept = columns.map((column) => ({ column, cells: cellsOf(column, rows, look) }));
  for (;;) {
    const droppable = kept.filter(({ column }) => column.optional !== undefined);
    const widths = fitted(
      kept.map(({ column, cells }) => ({
        wanted: widest([column.title, ...cells]),
        // What must be there is not cut while something else can go.
        mayShrink: column.optional !== undefined || droppable.length === 0,
      })),
      width,
    );
    if (widths !== null || droppable.length === 0) {
      const final = widths ?? squeezed(kept.length, width);
      const lines = [
        kept.map(({ column }) => look.paint("dim", column.title.toUpperCase())),
        ...rowsOf(kept, rows, look),
      ];
      return lines.map((cells) => `${joined(cells, kept, final, look)}\n`).join("");
    }
    const last = droppable.reduce((a, b) => ((a.column.optional ?? 0) >= (b.column.optional ?? 0) ? a : b));
    kept = kept.filter((entry) => entry !== last);
  }
}

type Kept<Row> = { readonly column: Column<Row>; readonly cells: readonly string[] };

function cellsOf<Row>({ value, shown }: Column<Row>, rows: readonly Row[], look: Look): readonly string[] {
  return rows.map((row) => (shown ? look.typeset(shown(row, look)) : look.typeset(oneLine(value(row)))));
}

function rowsOf<Row>(
  kept: readonly Kept<Row>[],
  rows: readonly Row[],
  look: Look,
): readonly (readonly string[])[] {
  return rows.map((_, index) =>
    kept.map(({ column, cells }) => {
      const cell = cells[index] ?? "";
      return column.style ? look.paint(column.style, cell) : cell;
    }),
  );
}

function widest(cells: readonly string[]): number {
  return Math.max(...cells.map(textWidth));
}

type Wanted = { readonly wanted: number; readonly mayShrink: boolean };

/** The widths as they are, or with the widest ones shortened; `null` when that leaves too little. */
function fitted(columns: readonly Wanted[], width: number): readonly number[] | null {
  const room = width - GAP * (columns.length - 1);
  const result = columns.map(({ wanted }) => wanted);
  for (let excess = result.reduce((a, b) => a + b, 0) - room; excess > 0; excess--) {
    const index = widestOf(result, columns);
    const cut = (result[index] ?? 0) - 1;
    // A cell that loses more than half says too little.
    if (cut < NARROWEST || cut < (columns[index]?.wanted ?? 0) * 0.5) return null;
    result[index] = cut;
  }
  return result;
}

function widestOf(widths: readonly number[], columns: readonly Wanted[]): number {
  let best = -1;
  for (const [index, width] of widths.entries())
    if (columns[index]?.mayShrink && width > (widths[best] ?? 0)) best = index;
  return best;
}

function squeezed(count: number, width: number): readonly number[] {
  return Array.from({ length: count }, () => Math.max(4, Math.floor((width - GAP * (count - 1)) / count)));
}

function joined<Row>(
  cells: readonly string[],
  kept: readonly Kept<Row>[],
  widths: readonly number[],
  look: Look,
): string {
  return cells
    .map((cell, index) => {
      const room = widths[index] ?? 0;
      // A coloured cell is only ever as wide as its column was measured; a shortened one loses its colour.
      const text =
        textWidth(cell) <= room ? cell : shorten(stripVTControlCharacters(cell), room, look.ellipsis);
      return pad(text, room, kept[index]?.column.align === "right" ? "start" : "end");
    })
    .join(" ".repeat(GAP))
    .trimEnd();
}
