import type { Diagnostic } from "@codemirror/lint";
import type { EditorState } from "@codemirror/state";
import { pointerKeys } from "../../core/definition/pointer.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { wholeTree } from "./whole-tree.ts";

/**
 * What is wrong with a JSON text where it stands: as JSON, or else by its schema: missing, of another type, none of the
 * choices, unknown. The server judges by the whole schema; this says nothing of what it does not understand.
 */
export function faultsOfJson(schema: JsonObject | undefined, state: EditorState): readonly Diagnostic[] {
  const text = state.doc.toString();
  if (text.trim() === "") return [];
  const top = wholeTree(state).topNode;
  try {
    JSON.parse(text);
  } catch (error) {
    const { from, to } = placeOfError(top, text);
    return [{ from, to, severity: "error", message: `This is not JSON: ${(error as Error).message}` }];
  }
  const value = top.firstChild;
  return schema && value ? judge({ state, faults: [] }, value, schema) : [];
}

/** A fault at a JSON pointer into the text. */
export type SaidOf = { readonly pointer: string; readonly message: string };

/** What somebody else says of a JSON text, at the places that they mean, or the nearest around them. */
export function saidAt(said: readonly SaidOf[], state: EditorState): readonly Diagnostic[] {
  return said.map(({ pointer, message }) => {
    let node = wholeTree(state).topNode.firstChild;
    for (const key of pointerKeys(pointer)) {
      const below = node && childAt(node, key, state);
      if (!below) break;
      node = below;
    }
    const { from, to } = node ?? { from: 0, to: state.doc.length };
    return { from, to, severity: "error", message };
  });
}

function childAt(node: SyntaxNode, key: string, state: EditorState): SyntaxNode | null {
  if (node.name === "Array")
    return childrenOf(node).filter(({ name }) => VALUES.has(name))[Number(key)] ?? null;
  const property = node.getChildren("Property").find((one) => {
    const name = one.getChild("PropertyName");
    return name !== null && state.sliceDoc(name.from, name.to) === JSON.stringify(key);
  });
  return property?.lastChild ?? null;
}

type SyntaxNode = ReturnType<typeof wholeTree>["topNode"];
type Judged = { readonly state: EditorState; readonly faults: Diagnostic[] };

function judge(judged: Judged, node: SyntaxNode, schema: JsonObject): readonly Diagnostic[] {
  const { faults } = judged;
  const value = JSON.parse(judged.state.sliceDoc(node.from, node.to)) as JsonValue;
  const fault = faultOf(value, schema);
  if (fault !== null) faults.push({ from: node.from, to: node.to, severity: "error", message: fault });
  else if (node.name === "Object") judgeObject(judged, node, schema);
  else if (node.name === "Array" && isObject(schema["items"]))
    for (const item of childrenOf(node)) if (VALUES.has(item.name)) judge(judged, item, schema["items"]);
  return faults;
}

function judgeObject(judged: Judged, node: SyntaxNode, schema: JsonObject): void {
  const { state, faults } = judged;
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const names = Object.keys(properties);
  const there = new Set<string>();
  for (const property of node.getChildren("Property")) {
    const name = property.getChild("PropertyName");
    const value = property.lastChild;
    if (!name || !value) continue;
    const key = JSON.parse(state.sliceDoc(name.from, name.to)) as string;
    const below = Object.hasOwn(properties, key) ? properties[key] : undefined;
    there.add(key);
    if (isObject(below)) judge(judged, value, below);
    else if (below === undefined && !fitsOthers(key, schema, names)) {
      const isClosed = schema["additionalProperties"] === false;
      const hint = didYouMean(key, names) ?? `it knows ${names.join(", ")}`;
      const message = `${isClosed ? "There is no" : "The schema names no"} "${key}": ${hint}`;
      faults.push({ ...span(name), severity: isClosed ? "error" : "warning", message });
    }
  }
  const required = isList(schema["required"]) ? schema["required"] : [];
  for (const name of required) {
    if (typeof name !== "string" || there.has(name)) continue;
    // What has a default is filled in.
    const below = properties[name];
    if (isObject(below) && below["default"] !== undefined) continue;
    faults.push({ from: node.from, to: node.from + 1, severity: "error", message: `"${name}" is missing` });
  }
}

/** True for a key that something else than `properties` may allow. */
function fitsOthers(key: string, schema: JsonObject, names: readonly string[]): boolean {
  const { patternProperties, additionalProperties } = schema;
  if (COMBINED.some((keyword) => schema[keyword] !== undefined)) return true;
  if (isObject(patternProperties) || isObject(additionalProperties) || additionalProperties === true)
    return true;
  return key === "" || (names.length === 0 && additionalProperties !== false);
}

/** What is wrong with a value by itself; `null` when nothing is. */
function faultOf(value: JsonValue, schema: JsonObject): string | null {
  const { type, enum: choices, const: only } = schema;
  const types = (isList(type) ? type : [type]).filter((one) => typeof one === "string");
  if (types.length > 0 && !types.some((one) => isOfType(value, one)))
    return `This is ${ARTICLES[typeOf(value)] ?? typeOf(value)}, and should be ${types.map((one) => ARTICLES[one] ?? one).join(" or ")}`;
  const allowed = isList(choices) ? choices : only === undefined ? null : [only];
  if (allowed === null || allowed.some((one) => JSON.stringify(one) === JSON.stringify(value))) return null;
  const hint =
    typeof value === "string"
      ? didYouMean(
          value,
          allowed.filter((one) => typeof one === "string"),
        )
      : undefined;
  const list = allowed.map((one) => JSON.stringify(one)).join(", ");
  return `This is none of ${list}${hint === undefined ? "" : `: ${hint}`}`;
}

function isOfType(value: JsonValue, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  return typeOf(value) === type;
}

function typeOf(value: JsonValue): string {
  return value === null ? "null" : isList(value) ? "array" : typeof value;
}

/** Where a text stops being JSON: the first place that the parser could not read. */
function placeOfError(top: SyntaxNode, text: string): { readonly from: number; readonly to: number } {
  let first: { readonly from: number; readonly to: number } | null = null;
  top.cursor().iterate(({ type, from, to }) => {
    if (type.isError) first ??= { from: to > from ? from : Math.max(0, from - 1), to };
  });
  return first ?? { from: 0, to: text.length };
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

function span({ from, to }: SyntaxNode) {
  return { from, to };
}

const VALUES = new Set(["Object", "Array", "String", "Number", "True", "False", "Null"]);
const COMBINED = ["anyOf", "oneOf", "allOf", "if", "$ref", "dependentSchemas"] as const;
const ARTICLES: Readonly<Record<string, string>> = {
  object: "an object",
  array: "a list",
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  null: "null",
};
