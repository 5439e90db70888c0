import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import type { Diagnostic, DiagnosticCode } from "../../core/definition/diagnostic.ts";
import { pointerTo } from "../../core/definition/pointer.ts";
import { define, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Entry, Span } from "./places.ts";

const MAX_DEPTH = 100;
/** Values that aliases may add to those in the text: enough to share a block, too few for a "billion laughs". */
const MAX_ALIASED = 20_000;
const MAX_DIAGNOSTICS = 20;

const ACTION_MARKERS = new Set(["agent.run", "human.approval", "workflow.run"]);

type Output = {
  readonly diagnostics: Diagnostic[];
  at(start: number, end: number): Span;
};

type Walk = Output & {
  entries: Map<string, Entry>;
  readonly anchors: Map<string, Node>;
  readonly open: Set<Node>;
  aliased: number;
  inAlias: boolean;
};

/** Turns YAML nodes into a plain JSON value; records where every key and value stands, and what JSON cannot hold. */
export function plainValue(
  root: Node | null,
  output: Output,
): { readonly value: JsonValue; readonly entries: ReadonlyMap<string, Entry> } {
  const state = { entries: new Map(), anchors: new Map(), open: new Set<Node>(), aliased: 0, inAlias: false };
  const walk: Walk = { ...output, ...state };
  return { value: readValue(walk, root, "", undefined), entries: walk.entries };
}

function readValue(walk: Walk, node: Node | null, path: string, key: Span | undefined): JsonValue {
  const place = node?.range ? walk.at(node.range[0], node.range[1]) : (key ?? walk.at(0, 0));
  walk.entries.set(path, {
    ...(key && { key }),
    value: place,
    ...(isScalar(node) && { scalar: node }),
  });
  if (node === null) return null;
  if (isAlias(node)) return aliasValue(walk, node.source, path, place, key);
  if (isMap(node) || isSeq(node) || isScalar(node)) {
    if (node.anchor && !walk.inAlias) walk.anchors.set(node.anchor, node);
    if (walk.inAlias && ++walk.aliased > MAX_ALIASED) return tooManyAliases(walk, path, place);
  }
  if (isScalar(node)) return scalarValue(walk, node, path, place);
  if (walk.open.size >= MAX_DEPTH)
    return report(walk, "SYNTAX", path, place, `nested deeper than ${MAX_DEPTH}`);
  walk.open.add(node);
  const value = isMap(node)
    ? mapValue(walk, node, path)
    : isSeq(node)
      ? node.items.map((item, index) =>
          readValue(walk, item as Node | null, pointerTo(path, index), undefined),
        )
      : null;
  walk.open.delete(node);
  return value;
}

function aliasValue(walk: Walk, name: string, path: string, place: Span, key: Span | undefined): JsonValue {
  const target = walk.anchors.get(name);
  if (!target) return report(walk, "SYNTAX", path, place, `there is no anchor &${name} before this alias`);
  if (walk.open.has(target))
    return report(walk, "SYNTAX", path, place, `the alias *${name} stands inside its own anchor`);
  if (walk.aliased > MAX_ALIASED) return null;
  const outer = walk.inAlias;
  walk.inAlias = true;
  const value = readValue(walk, target, path, key);
  walk.inAlias = outer;
  const entry = walk.entries.get(path);
  if (entry) walk.entries.set(path, { ...entry, value: place });
  return value;
}

function tooManyAliases(walk: Walk, path: string, place: Span): null {
  if (walk.aliased > MAX_ALIASED + 1) return null;
  return report(walk, "TOO_LARGE", path, place, `aliases repeat more than ${MAX_ALIASED} values`);
}

function mapValue(walk: Walk, map: YAMLMap, path: string): JsonObject {
  const value: Record<string, JsonValue> = {};
  const merged: JsonObject[] = [];
  const tasks: { readonly pair: Pair; readonly key: Span }[] = [];
  for (const pair of map.items) {
    const node = pair.key as Node | null;
    const key = node?.range ? walk.at(node.range[0], node.range[1]) : walk.at(0, 0);
    const name = keyName(walk, node, path, key);
    if (name === null) continue;
    if (name === "<<" && isScalar(node) && node.type === "PLAIN") {
      merged.push(...mergedMaps(walk, pair.value as Node | null, path, key));
      continue;
    }
    if (name === "task") tasks.push({ pair, key });
    if (Object.hasOwn(value, name)) {
      if (name !== "task") duplicate(walk, name, path, key);
      continue;
    }
    define(value, name, readValue(walk, pair.value as Node | null, pointerTo(path, name), key));
  }
  if (tasks.length > 1) readTwoTasks(walk, value, tasks, path);
  for (const from of merged)
    for (const [name, below] of Object.entries(from))
      if (!Object.hasOwn(value, name)) define(value, name, below);
  return value;
}

function keyName(walk: Walk, node: Node | null, path: string, place: Span): string | null {
  if (isScalar(node))
    return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
  const hint = isMap(node) ? "a text that starts with {{ must be in quotes" : undefined;
  report(walk, "SYNTAX", path, place, "a key must be text", hint);
  return null;
}

/** `<<: *a` or `<<: [*a, *b]`: keys that the map itself does not have. */
function mergedMaps(walk: Walk, node: Node | null, path: string, key: Span): readonly JsonObject[] {
  const own = walk.entries;
  walk.entries = new Map();
  const value = readValue(walk, node, path, key);
  for (const [at, entry] of walk.entries) if (!own.has(at)) own.set(at, entry); // its own keys keep their places
  walk.entries = own;
  const maps = Array.isArray(value) ? value : [value];
  if (maps.every(isObject)) return maps;
  report(walk, "SYNTAX", path, key, "<< takes a map or a list of maps");
  return [];
}

/** PRD §3.4: `task: agent.run` beside `task: "the text"`; kept as `action` and `task`. */
function readTwoTasks(
  walk: Walk,
  value: Record<string, JsonValue>,
  tasks: readonly { readonly pair: Pair; readonly key: Span }[],
  path: string,
): void {
  const isMarker = ({ pair }: { readonly pair: Pair }) =>
    isScalar(pair.value) && ACTION_MARKERS.has(String(pair.value.value));
  const markers = tasks.filter(isMarker);
  const texts = tasks.filter((task) => !isMarker(task));
  const [marker, text] = [markers[0], texts[0]];
  if (tasks.length > 2 || !marker || !text || Object.hasOwn(value, "action")) {
    duplicate(walk, "task", path, tasks[1]?.key ?? walk.at(0, 0));
    return;
  }
  value["action"] = readValue(walk, marker.pair.value as Node, pointerTo(path, "action"), marker.key);
  value["task"] = readValue(walk, text.pair.value as Node | null, pointerTo(path, "task"), text.key);
}

function duplicate(walk: Walk, name: string, path: string, place: Span): void {
  const first = walk.entries.get(pointerTo(path, name))?.key;
  const where = first ? ` (first on line ${first.line})` : "";
  report(walk, "DUPLICATE_KEY", pointerTo(path, name), place, `the key "${name}" is there twice${where}`);
}

function scalarValue(walk: Walk, node: Scalar, path: string, place: Span): JsonValue {
  const { value, source = "" } = node;
  if (value === null || typeof value === "string" || typeof value === "boolean")
    return path === "/version" && typeof value === "boolean" ? source : value;
  if (path === "/version") return source;
  if (typeof value !== "number")
    return report(walk, "SYNTAX", path, place, `"${source}" is not a JSON value`);
  if (!Number.isFinite(value)) return report(walk, "SYNTAX", path, place, `${source} is not a JSON number`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\w+$/.test(source))
    return report(
      walk,
      "SYNTAX",
      path,
      place,
      `${source} is too large to be kept exactly`,
      "write it in quotes",
    );
  return value;
}

function report(
  walk: Walk,
  code: DiagnosticCode,
  path: string,
  place: Span,
  message: string,
  hint?: string,
): null {
  const { line, column, endColumn } = place;
  if (walk.diagnostics.length < MAX_DIAGNOSTICS)
    walk.diagnostics.push({
      code,
      severity: "error",
      path,
      line,
      column,
      endColumn,
      message,
      ...(hint && { hint }),
    });
  return null;
}
