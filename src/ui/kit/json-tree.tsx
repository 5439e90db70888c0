import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight, Copy, Link2, type LucideIcon } from "lucide-react";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import type { JsonValue } from "../../core/json.ts";
import { printable } from "../../core/printable.ts";
import { bytes } from "../format.ts";
import { Button } from "./button.tsx";
import { copyAndSay } from "./copy.ts";
import { CopyButton } from "./copy-button.tsx";
import { FilterInput } from "./field.tsx";
import {
  type Change,
  changesBetween,
  firstChange,
  type JsonRow,
  jsonRows,
  searchRows,
  writtenPath,
} from "./json-rows.ts";
import s from "./json-tree.module.css";
import { Quiet } from "./panel.tsx";
import { saveText } from "./save-text.ts";

/** A larger value is not drawn: it is offered as a file, with its beginning. */
const MOST_BYTES = 256 * 1024;
const PREVIEW = 4096;
const VIRTUAL_FROM = 300;
const LONG_TEXT = 400;

/** A JSON value as a tree: folded, searched, copied; with `before` what changed is marked. */
export function JsonTree({
  value,
  before,
  onlyChanges = false,
  name,
  root,
  hasTools = false,
}: {
  readonly value: JsonValue;
  readonly before?: JsonValue;
  readonly onlyChanges?: boolean;
  /** How an author names it, where templates and conditions can: `ctx`. */
  readonly root?: string;
  /** What it is, for screen readers and the file's name. */
  readonly name: string;
  readonly hasTools?: boolean;
}) {
  const text = useMemo(() => JSON.stringify(value) ?? "null", [value]);
  if (text.length > MOST_BYTES) return <LargeValue text={text} name={name} />;
  return (
    <SmallTree
      value={value}
      {...(before !== undefined && { before })}
      onlyChanges={onlyChanges}
      name={name}
      root={root}
      hasTools={hasTools}
    />
  );
}

function SmallTree({
  value,
  before,
  onlyChanges,
  name,
  root,
  hasTools,
}: {
  readonly value: JsonValue;
  readonly before?: JsonValue;
  readonly onlyChanges: boolean;
  readonly name: string;
  readonly root: string | undefined;
  readonly hasTools: boolean;
}) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [needle, setNeedle] = useState("");
  const changes = useMemo(
    () => (before === undefined ? undefined : changesBetween(before, value)),
    [before, value],
  );
  const rows = useMemo(
    () => searchRows(jsonRows(value, toggled, changes, onlyChanges, needle !== ""), needle),
    [value, toggled, changes, onlyChanges, needle],
  );
  const toggle = (path: string) =>
    setToggled((old) => new Set(old.has(path) ? [...old].filter((other) => other !== path) : [...old, path]));
  return (
    <div className={s.box}>
      {hasTools && (
        <div className={s.tools}>
          <FilterInput label="Search keys and values" value={needle} onChange={setNeedle} />
          <CopyButton text={() => JSON.stringify(value, null, 2)} name={`Copy ${name}`} />
        </div>
      )}
      {rows.length === 0 && <Quiet>Nothing in it matches “{needle}”.</Quiet>}
      {rows.length > VIRTUAL_FROM ? (
        <LongRows rows={rows} name={name} root={root} isWhole={!onlyChanges} onToggle={toggle} />
      ) : (
        <ShortRows rows={rows} name={name} root={root} isWhole={!onlyChanges} onToggle={toggle} />
      )}
    </div>
  );
}

type RowsProps = {
  readonly rows: readonly JsonRow[];
  readonly name: string;
  readonly root: string | undefined;
  /** What did not change is there too: the first change is brought into sight. */
  readonly isWhole: boolean;
  readonly onToggle: (path: string) => void;
};

function ShortRows({ rows, name, root, isWhole, onToggle }: RowsProps) {
  const list = useRef<HTMLUListElement>(null);
  const reveal = useEffectEvent(() => {
    list.current?.children[firstChange(rows)]?.scrollIntoView({ block: "center" });
  });
  useEffect(() => {
    if (isWhole) reveal();
  }, [isWhole]);
  return (
    <ul className={s.tree} aria-label={name} ref={list}>
      {rows.map((row) => (
        <Row key={row.path} row={row} root={root} onToggle={onToggle} />
      ))}
    </ul>
  );
}

function LongRows({ rows, name, root, isWhole, onToggle }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 20,
    overscan: 20,
    getItemKey: (index) => rows[index]?.path ?? index,
  });
  const reveal = useEffectEvent(() => {
    const at = firstChange(rows);
    if (at >= 0) virtual.scrollToIndex(at, { align: "center" });
  });
  useEffect(() => {
    if (isWhole) reveal();
  }, [isWhole]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div className={s.long} ref={scroller} tabIndex={0} role="region" aria-label={name}>
      <ul className={s.tree} style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <Row
                key={item.key}
                row={row}
                root={root}
                onToggle={onToggle}
                index={item.index}
                measure={virtual.measureElement}
                y={item.start}
              />
            )
          );
        })}
      </ul>
    </div>
  );
}

function Row({
  row,
  root,
  onToggle,
  y,
  index,
  measure,
}: {
  readonly row: JsonRow;
  readonly root: string | undefined;
  readonly onToggle: (path: string) => void;
  readonly y?: number;
  readonly index?: number;
  readonly measure?: (element: Element | null) => void;
}) {
  const { key, value, size, isOpen, change, path, depth } = row;
  const mark = change && change.is !== "within" ? change.is : undefined;
  const [isPointedAt, setPointedAt] = useState(false);
  return (
    <li
      ref={measure}
      data-index={index}
      className={s.row}
      onPointerEnter={() => setPointedAt(true)}
      onPointerLeave={() => setPointedAt(false)}
      data-change={mark}
      style={{
        ["--depth" as string]: depth,
        ...(y !== undefined && { position: "absolute", insetInline: 0, top: 0, translate: `0 ${y}px` }),
      }}
    >
      {size === null ? (
        <span className={s.gutter} />
      ) : (
        <button
          type="button"
          className={s.fold}
          aria-expanded={isOpen}
          aria-label={key ?? "all"}
          onClick={() => onToggle(path)}
        >
          <ChevronRight size={12} aria-hidden />
        </button>
      )}
      {key !== null && <span className={s.key}>{printable(key)}:</span>}
      {size === null ? <Leaf value={value} /> : <Container value={value} size={size} isOpen={isOpen} />}
      {change && <Was change={change} />}
      {isPointedAt && (
        <span className={s.copies}>
          {root !== undefined && (
            <CopyRow
              label={`Copy the path of ${key ?? "all"}`}
              icon={Link2}
              text={() => writtenPath(path, root)}
            />
          )}
          <CopyRow label={`Copy ${key ?? "all"}`} icon={Copy} text={() => copied(value)} />
        </span>
      )}
    </li>
  );
}

/** Beside a line while the pointer is on it; the whole value is copied from the tools, also by keyboard. */
function CopyRow({
  label,
  icon: Icon,
  text,
}: {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly text: () => string;
}) {
  const copy = () => {
    const what = text();
    void copyAndSay(what, `Copied ${what.length > 60 ? `${what.slice(0, 60)}…` : what}`);
  };
  return (
    <button type="button" className={s.copy} tabIndex={-1} aria-label={label} title={label} onClick={copy}>
      <Icon size={12} aria-hidden />
    </button>
  );
}

/** A text as it is, the rest as JSON. */
function copied(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function Was({ change }: { readonly change: Change }) {
  switch (change.is) {
    case "changed":
      return (
        <>
          <del className={s.was}>{printable(JSON.stringify(change.from) ?? "").slice(0, 120)}</del>
          <span className="sr">changed here</span>
        </>
      );
    case "added":
      return <span className="sr">added here</span>;
    case "removed":
      return <span className="sr">removed here</span>;
    case "within":
      return null;
  }
}

function Container({
  value,
  size,
  isOpen,
}: {
  readonly value: JsonValue;
  readonly size: number;
  readonly isOpen: boolean;
}) {
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (size === 0) return <span className={s.sign}>{`${open}${close}`}</span>;
  return <span className={s.sign}>{isOpen ? `${open} ${size}` : `${open} … ${close} ${size}`}</span>;
}

function Leaf({ value }: { readonly value: JsonValue }) {
  const [isWhole, setWhole] = useState(false);
  const text = printable(JSON.stringify(value));
  if (typeof value !== "string") return <span className={s.number}>{text}</span>;
  if (text.length <= LONG_TEXT || isWhole) return <span className={s.text}>{text}</span>;
  return (
    <span className={s.text}>
      {text.slice(0, LONG_TEXT)}…{" "}
      <button type="button" className={s.more} onClick={() => setWhole(true)}>
        all {value.length.toLocaleString("en")} characters
      </button>
    </span>
  );
}

function LargeValue({ text, name }: { readonly text: string; readonly name: string }) {
  const [isShown, setShown] = useState(false);
  // A person who selects another step must not find the last one's preview.
  useEffect(() => setShown(text === ""), [text]);
  return (
    <div className={s.large}>
      <p>
        This is {bytes(text.length)}: too much to draw.{" "}
        {isShown ? `The first ${bytes(PREVIEW)}:` : "It can be saved, or its beginning shown."}
      </p>
      <div className={s.tools}>
        <Button onClick={() => saveText(text, `${name.replace(/\W+/g, "-")}.json`, "application/json")}>
          Download
        </Button>
        {!isShown && <Button onClick={() => setShown(true)}>Show the beginning</Button>}
      </div>
      {isShown && <pre className={s.preview}>{printable(text.slice(0, PREVIEW))}…</pre>}
    </div>
  );
}
