import { isList, isObject, type JsonValue } from "../../json.ts";
import { pointerTo } from "../pointer.ts";
import type { Block, ForeachState, ParallelState, TryState } from "../types.ts";
import { readBase, readTransition, type StateFields } from "./base.ts";
import { type Fields, type Found, fieldsOf, find, innerFields, refuseUnknown } from "./fields.ts";
import { readName } from "./names.ts";
import { readingPath } from "./paths.ts";
import { missing, number, oneOf, refuse, text } from "./read.ts";
import { fail } from "./report.ts";

/** Reads a list of states with its own start; `list` when the states stand there without a map around them. */
export type ReadBlock = (fields: Fields, name: string, list?: Found) => Block;

const RESERVED_NAMES = new Set(["ctx", "input", "workflow", "steps", "now", "error"]);
const FAILURE_MODES = ["cancel", "wait"] as const;

/** Several branches at once. */
export function readParallel(state: StateFields, readBlock: ReadBlock): ParallelState {
  const { fields } = state;
  const branches = readBranches(fields, find(fields, "branches"), readBlock);
  const parallel: ParallelState = {
    ...readBase(state),
    type: "parallel",
    branches,
    join: readJoin(fields, branches.length),
    onBranchFailure: oneOf(fields, find(fields, "onBranchFailure"), FAILURE_MODES) ?? "cancel",
    transition: readTransition(state),
  };
  refuseUnknown(fields);
  return parallel;
}

function readBranches(fields: Fields, found: Found | null, readBlock: ReadBlock): readonly Block[] {
  if (!found) missing(fields, "branches");
  if (!found) return [];
  if (!isList(found.value)) return refuse(fields, found, "must be a list of branches", "array") ?? [];
  if (found.value.length === 0) refuse(fields, found, "must not be empty", "branches", "INVALID_VALUE");
  const seen = new Set<string>();
  return found.value.map((value, index) => {
    const pointer = pointerTo(found.pointer, index);
    const branch = fieldsOf(fields.report, value, pointer, branchTitle(value, index, fields.what));
    const name = isObject(value) ? readName(branch) : "";
    if (name !== "" && seen.has(name))
      fail(
        fields.report,
        "DUPLICATE_NAME",
        branch.moved.get("name") ?? pointer,
        `${fields.what} has two branches "${name}"`,
      );
    seen.add(name);
    return readBlock(branch, name);
  });
}

function branchTitle(value: JsonValue, index: number, parent: string): string {
  const name = isObject(value) ? (value["name"] ?? value["id"]) : undefined;
  return `branch ${typeof name === "string" ? `"${name}"` : index + 1} of ${parent}`;
}

function readJoin(fields: Fields, branches: number): ParallelState["join"] {
  const found = find(fields, "join");
  if (!found) return "all";
  if (!isObject(found.value)) {
    const hint = `write "{mode: ${JSON.stringify(found.value)}}"`;
    return refuse(fields, found, "must be a map", "object", "WRONG_TYPE", hint) ?? "all";
  }
  const join = fieldsOf(fields.report, found.value, found.pointer, `"join" of ${fields.what}`);
  const mode = find(join, "mode");
  if (!mode) missing(join, "mode");
  refuseUnknown(join);
  if (typeof mode?.value === "number")
    return number(join, mode, { min: 1, max: Math.max(1, branches), whole: true }, "INVALID_VALUE") ?? "all";
  return oneOf(join, mode, ["all", "any"] as const) ?? "all";
}

/** The same states for every item of a list. */
export function readForeach(state: StateFields, readBlock: ReadBlock): ForeachState {
  const { fields } = state;
  const items = find(fields, "itemsPath");
  if (!items) missing(fields, "itemsPath");
  const foreach: ForeachState = {
    ...readBase(state),
    type: "foreach",
    itemsPath: readingPath(fields, items) ?? "",
    itemName: readItemName(fields),
    maxConcurrency: number(fields, find(fields, "maxConcurrency"), { min: 1, whole: true }) ?? 1,
    iterator: readInner(fields, "iterator", readBlock) ?? nothing("iterator"),
    onBranchFailure: oneOf(fields, find(fields, "onBranchFailure"), FAILURE_MODES) ?? "cancel",
    outputAggregation:
      oneOf(fields, find(fields, "outputAggregation"), ["results", "array"] as const) ?? "results",
    transition: readTransition(state),
  };
  refuseUnknown(fields, { agent: 'write "iterator: {agent: …}"' });
  return foreach;
}

function readItemName(fields: Fields): string {
  const found = find(fields, "itemName", "itemVariable");
  const name = text(fields, found);
  if (!found || name === undefined) return "item";
  if (/^[A-Za-z_]\w*$/.test(name) && !name.startsWith("_") && !RESERVED_NAMES.has(name)) return name;
  const complaint =
    RESERVED_NAMES.has(name) || name.startsWith("_")
      ? `"${name}" is reserved`
      : "must be a plain name like service";
  return refuse(fields, found, complaint, "name", "INVALID_NAME") ?? "item";
}

/** States whose failure is caught. */
export function readTry(state: StateFields, readBlock: ReadBlock): TryState {
  const { fields } = state;
  const attempt = readInner(fields, "try", readBlock) ?? nothing("try");
  const caught = readOptional(fields, "catch", readBlock);
  const last = readOptional(fields, "finally", readBlock);
  const result: TryState = {
    ...readBase(state),
    type: "try",
    try: attempt,
    ...(caught && { catch: caught }),
    ...(last && { finally: last }),
    transition: readTransition(state),
  };
  if (!caught && !last)
    fail(fields.report, "MISSING_KEY", fields.pointer, `${fields.what} needs "catch" or "finally"`);
  refuseUnknown(fields);
  return result;
}

function readOptional(fields: Fields, key: string, readBlock: ReadBlock): Block | null {
  return find(fields, key) && readInner(fields, key, readBlock);
}

/** A block under `key`: a map with `states`, the shorthand `agent: x`, or just the list of states. */
function readInner(fields: Fields, key: string, readBlock: ReadBlock): Block | null {
  const found = find(fields, key);
  if (!found) {
    missing(fields, key);
    return null;
  }
  if (!isList(found.value)) {
    const inner = innerFields(fields, key);
    return inner && readBlock(inner, key);
  }
  return readBlock(fieldsOf(fields.report, {}, found.pointer, `"${key}" of ${fields.what}`), key, found);
}

/** Stands in for a block that is missing; the definition is refused anyway. */
function nothing(name: string): Block {
  return { name, start: "", states: [] };
}
