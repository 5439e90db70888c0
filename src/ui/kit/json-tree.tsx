import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { JsonValue } from "../../core/json.ts";
import { bytes } from "../format.ts";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { FilterInput } from "./field.tsx";
import { type Change, changesBetween, type JsonRow, jsonRows, searchRows } from "./json-rows.ts";
import s from "./json-tree.module.css";
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
  hasTools = false,
}: {
  readonly value: JsonValue;
  readonly before?: JsonValue;
  readonly onlyChanges?: boolean;
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
      hasTools={hasTools}
    />
  );
}

function SmallTree({
  value,
  before,
  onlyChanges,
  name,
  hasTools,
}: {
  readonly value: JsonValue;
  readonly before?: JsonValue;
  readonly onlyChanges: boolean;
  readonly name: string;
  readonly hasTools: boolean;
}) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [needle, setNeedle] = useState("");
  const changes = useMemo(
    () => (before === undefined ? undefined : changesBetween(before, value)),
    [before, value],
  );
  const rows = useMemo(
    () => searchRows(jsonRows(value, toggled, changes, onlyChanges), needle),
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
      {rows.length > VIRTUAL_FROM ? (
        <LongRows rows={rows} name={name} onToggle={toggle} />
      ) : (
        <ul className={s.tree} aria-label={name}>
          {rows.map((row) => (
            <Row key={row.path} row={row} onToggle={toggle} />
          ))}
        </ul>
      )}
    </div>
  );
}

function LongRows({
  rows,
  name,
  onToggle,
}: {
  readonly rows: readonly JsonRow[];
  readonly name: string;
  readonly onToggle: (path: string) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 20,
    overscan: 20,
    getItemKey: (index) => rows[index]?.path ?? index,
  });
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
  onToggle,
  y,
  index,
  measure,
}: {
  readonly row: JsonRow;
  readonly onToggle: (path: string) => void;
  readonly y?: number;
  readonly index?: number;
  readonly measure?: (element: Element | null) => void;
}) {
  const { key, value, size, isOpen, change, path, depth } = row;
  const mark = change && change.is !== "within" ? change.is : undefined;
  return (
    <li
      ref={measure}
      data-index={index}
      className={s.row}
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
      {key !== null && <span className={s.key}>{key}:</span>}
      {size === null ? <Leaf value={value} /> : <Container value={value} size={size} isOpen={isOpen} />}
      {change && <Was change={change} />}
    </li>
  );
}

function Was({ change }: { readonly change: Change }) {
  switch (change.is) {
    case "changed":
      return (
        <>
          <del className={s.was}>{JSON.stringify(change.from)?.slice(0, 120)}</del>
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
  const text = JSON.stringify(value);
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
      {isShown && <pre className={s.preview}>{text.slice(0, PREVIEW)}…</pre>}
    </div>
  );
}
