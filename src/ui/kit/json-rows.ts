import diff from "microdiff";
import { isObject, type JsonValue } from "../../core/json.ts";

/** One line of a JSON tree. */
export type JsonRow = {
  /** JSON pointer. */
  readonly path: string;
  readonly depth: number;
  readonly key: string | null;
  readonly value: JsonValue;
  /** Set for objects and lists: how many entries. */
  readonly size: number | null;
  readonly isOpen: boolean;
  readonly change: Change | null;
};

export type Change =
  | { readonly is: "added" }
  | { readonly is: "changed"; readonly from: JsonValue }
  | { readonly is: "removed"; readonly was: JsonValue }
  /** Something below it changed. */
  | { readonly is: "within" };

/** Deeper levels start closed where there is much. */
const OPEN_DEPTH = 3;
const MANY = 40;

/** A value as lines; `toggled` are the paths that are not as they start: folded where it is large, or `isUnfolded`. */
export function jsonRows(
  value: JsonValue,
  toggled: ReadonlySet<string>,
  changes: ReadonlyMap<string, Change> = NONE,
  onlyChanges = false,
  isUnfolded = false,
): readonly JsonRow[] {
  const rows: JsonRow[] = [];
  const removed = Map.groupBy(
    [...changes].filter(([, { is }]) => is === "removed"),
    ([path]) => path.slice(0, path.lastIndexOf("/")),
  );
  const visit = (current: JsonValue, key: string | null, path: string, depth: number, isAdded: boolean) => {
    const change = changes.get(path) ?? (isAdded ? ADDED : null);
    if (onlyChanges && change === null && depth > 0) return;
    const entries = entriesOf(current);
    const startsOpen =
      isUnfolded || depth === 0 || change !== null || (depth < OPEN_DEPTH && (entries?.length ?? 0) <= MANY);
    const isOpen = entries !== null && startsOpen !== toggled.has(path);
    rows.push({ path, depth, key, value: current, size: entries?.length ?? null, isOpen, change });
    if (!isOpen || !entries) return;
    const isNew = change?.is === "added";
    for (const [name, below] of entries) visit(below, name, pointer(path, name), depth + 1, isNew);
    for (const [gone, was] of removed.get(path) ?? [])
      rows.push({
        path: gone,
        depth: depth + 1,
        key: keysOf(gone).at(-1) ?? null,
        value: was.is === "removed" ? was.was : null,
        size: null,
        isOpen: false,
        change: was,
      });
  };
  visit(value, null, "", 0, false);
  return rows;
}

/** What is different in `after`, by JSON pointer; what lies above a change is marked too. */
export function changesBetween(before: JsonValue, after: JsonValue): ReadonlyMap<string, Change> {
  const changes = new Map<string, Change>();
  if (!isContainer(before) || !isContainer(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) changes.set("", { is: "changed", from: before });
    return changes;
  }
  for (const difference of diff(before as object, after as object)) {
    const keys = difference.path.map(String);
    let path = "";
    changes.set(path, WITHIN);
    for (const key of keys.slice(0, -1)) {
      path = pointer(path, key);
      if (!changes.has(path)) changes.set(path, WITHIN);
    }
    const at = pointer(path, keys.at(-1) ?? "");
    if (difference.type === "CREATE") changes.set(at, ADDED);
    else if (difference.type === "CHANGE")
      changes.set(at, { is: "changed", from: difference.oldValue as JsonValue });
    else changes.set(at, { is: "removed", was: difference.oldValue as JsonValue });
  }
  return changes;
}

/** The first line that is different; -1 when none is. */
export function firstChange(rows: readonly JsonRow[]): number {
  return rows.findIndex(({ change }) => change !== null && change.is !== "within");
}

/** A place as an author writes it: `ctx.pods[0].name`. */
export function writtenPath(path: string, root: string): string {
  return keysOf(path).reduce(
    (written, key) =>
      /^\d+$/.test(key)
        ? `${written}[${key}]`
        : /^[A-Za-z_]\w*$/.test(key)
          ? `${written}.${key}`
          : `${written}[${JSON.stringify(key)}]`,
    root,
  );
}

/** The rows whose key or value holds the text, with everything above them. */
export function searchRows(rows: readonly JsonRow[], text: string): readonly JsonRow[] {
  if (text === "") return rows;
  const needle = text.toLowerCase();
  const keep = new Set<string>();
  for (const { path, key, value, size } of rows) {
    const isHit =
      key?.toLowerCase().includes(needle) || (size === null && String(value).toLowerCase().includes(needle));
    if (!isHit) continue;
    for (let at = path; ; at = at.slice(0, at.lastIndexOf("/"))) {
      keep.add(at);
      if (at === "") break;
    }
  }
  return rows.filter(({ path }) => keep.has(path));
}

const NONE: ReadonlyMap<string, Change> = new Map();
const ADDED: Change = { is: "added" };
const WITHIN: Change = { is: "within" };

function entriesOf(value: JsonValue): readonly (readonly [string, JsonValue])[] | null {
  return isContainer(value) ? Object.entries(value) : null;
}

function isContainer(value: JsonValue): value is Extract<JsonValue, object> {
  return isObject(value) || Array.isArray(value);
}

function keysOf(path: string): readonly string[] {
  return path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function pointer(path: string, key: string): string {
  return `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
