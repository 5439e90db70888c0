import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useRef } from "react";
import { useKeys } from "../keys.ts";
import { cx } from "./class-names.ts";
import s from "./table.module.css";

/** A column: its head, its width in the grid's terms, and what a row shows in it. */
export type Column<Row> = {
  readonly key: string;
  readonly head: ReactNode;
  /** `140px`, `minmax(0, 1fr)`. */
  readonly width: string;
  readonly align?: "end";
  /** On a phone: left out, or on a line of its own. */
  readonly phone?: "hide" | "wide";
  readonly cell: (row: Row) => ReactNode;
};

/** The class of a row's first link: the whole row becomes its target. */
export const rowLink = cx(s.link);

const ROW_PX = 36;

/** The rows that are marked, by key. */
export type Selection = {
  readonly keys: ReadonlySet<string>;
  readonly onChange: (keys: ReadonlySet<string>) => void;
  /** What a row's box is called. */
  readonly nameOf: (key: string) => string;
};

/**
 * A list of rows, virtualised when it is long. The current row is moved by `j`/`k` and the arrow keys and opened by
 * Enter; a click anywhere in a row goes to its first link (`rowLink`).
 */
export function DataTable<Row>({
  label,
  columns,
  rows,
  keyOf,
  current,
  onCurrent,
  onOpen,
  onPeek,
  selection,
  footer,
}: {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly current: string | null;
  readonly onCurrent: (key: string) => void;
  readonly onOpen: (row: Row) => void;
  /** Space: a look at the row without leaving the list. */
  readonly onPeek?: (row: Row) => void;
  /** Rows that are marked for an action: by `x`, or their boxes. */
  readonly selection?: Selection;
  /** Below the last row: "load more", or that this is all. */
  readonly footer?: ReactNode;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
  });
  const at = rows.findIndex((row) => keyOf(row) === current);
  const move = (to: number) => {
    const index = Math.min(Math.max(to, 0), rows.length - 1);
    const row = rows[index];
    if (row === undefined) return;
    onCurrent(keyOf(row));
    virtual.scrollToIndex(index);
  };
  const toggle = (key: string) => {
    if (!selection) return;
    const { keys, onChange } = selection;
    onChange(keys.has(key) ? new Set([...keys].filter((other) => other !== key)) : new Set([...keys, key]));
  };
  const isWhole =
    selection !== undefined && rows.length > 0 && rows.every((row) => selection.keys.has(keyOf(row)));
  useKeys({
    "list.next": () => move(at + 1),
    "list.previous": () => move(at < 0 ? 0 : at - 1),
    "list.open": () => {
      const row = rows[at];
      if (row !== undefined) onOpen(row);
    },
    "list.peek": onPeek
      ? () => {
          const row = rows[at];
          if (row !== undefined) onPeek(row);
        }
      : null,
    "list.select": selection && current !== null ? () => toggle(current) : null,
  });
  return (
    <div className={s.scroller} ref={scroller} style={{ overflow: "auto", flex: 1, minHeight: 0 }}>
      <div
        role="table"
        aria-label={label}
        aria-rowcount={rows.length}
        className={s.table}
        data-phone
        style={{
          ["--columns" as string]: [
            ...(selection ? ["16px"] : []),
            ...columns.map(({ width }) => width),
          ].join(" "),
        }}
      >
        <div role="rowgroup">
          <div role="row" className={s.head}>
            {selection && (
              <div role="columnheader">
                <input
                  type="checkbox"
                  aria-label="Select all rows"
                  checked={isWhole}
                  onChange={() => selection.onChange(isWhole ? new Set() : new Set(rows.map(keyOf)))}
                />
              </div>
            )}
            {columns.map(({ key, head, align }) => (
              <div key={key} role="columnheader" data-align={align}>
                {head}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const key = keyOf(row);
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 1}
                data-index={item.index}
                ref={virtual.measureElement}
                className={s.row}
                data-current={key === current || undefined}
                style={{ position: "absolute", insetInline: 0, top: 0, translate: `0 ${item.start}px` }}
              >
                {selection && (
                  <div role="cell" className={s.box}>
                    <input
                      type="checkbox"
                      aria-label={`Select ${selection.nameOf(key)}`}
                      checked={selection.keys.has(key)}
                      onChange={() => toggle(key)}
                    />
                  </div>
                )}
                {columns.map((column) => (
                  <div
                    key={column.key}
                    role="cell"
                    className={s.cell}
                    data-align={column.align}
                    data-phone={column.phone}
                  >
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {footer}
    </div>
  );
}
