import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorState } from "@codemirror/state";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { type Frame, placeIn, type YamlPlace } from "./yaml-place.ts";

/** What fits at the cursor of a workflow in YAML: names by the schema of the language, its words, states, agents. */
export function yamlCompletionsOf(schema: JsonObject, agents: { readonly current: readonly string[] }) {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[\w.@-]*/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const place = placeIn(context.state.doc.toString(), word.from);
    if (!place) return null;
    const options = place.is === "name" ? namesAt(schema, place) : valuesAt(schema, place, agents.current);
    return options.length > 0 ? { from: word.from, options, validFor: /^[\w.@-]*$/ } : null;
  };
}

/** What the language says of the name at a position; null where it says nothing. */
export function yamlMeaningAt(schema: JsonObject, state: EditorState, pos: number): string | null {
  const line = state.doc.lineAt(pos);
  const from = line.from + (/[\w.-]*$/.exec(line.text.slice(0, pos - line.from))?.index ?? 0);
  const name = /^[\w.-]+(?=\s*:)/.exec(line.text.slice(from - line.from))?.[0];
  const place = name === undefined ? null : placeIn(state.doc.toString(), from);
  if (name === undefined || place?.is !== "name") return null;
  const found = propertiesIn(partsAt(schema, place.frames)).get(name);
  return found ? describe(found) : null;
}

/** Names of another name lead to a state. */
const TARGETS: ReadonlySet<string> = new Set(["next", "transition", "defaultNext", "default_next", "start"]);

function namesAt(schema: JsonObject, { frames }: YamlPlace): readonly Completion[] {
  const parts = partsAt(schema, frames);
  const last = frames.at(-1);
  const there = last?.in === "map" ? last.names : new Map();
  const required = new Set(parts.flatMap((part) => (isList(part["required"]) ? part["required"] : [])));
  return [...propertiesIn(parts)]
    .filter(([name, property]) => !there.has(name) && !isOtherSpelling(property))
    .map(([name, property]) => {
      const meaning = describe(property);
      return {
        label: name,
        apply: `${name}: `,
        type: "property",
        ...(required.has(name) && { detail: "required", boost: 1 }),
        ...(meaning !== null && { info: meaning }),
      };
    });
}

function valuesAt(
  schema: JsonObject,
  { frames, targets }: YamlPlace,
  agents: readonly string[],
): readonly Completion[] {
  const key = frames.findLast((frame) => frame.in === "map")?.key ?? "";
  if (TARGETS.has(key)) return targets.map((label) => ({ label, type: "variable", detail: "state" }));
  if (key === "agent") return agents.map((label) => ({ label, type: "function", detail: "agent" }));
  const words = partsAt(schema, frames).flatMap((part): readonly JsonValue[] => [
    ...(isList(part["enum"]) ? part["enum"] : []),
    ...(part["const"] === undefined ? [] : [part["const"]]),
    ...(part["type"] === "boolean" ? [true, false] : []),
  ]);
  return [...new Set(words.map(String))].map((label) => ({ label, type: "enum" }));
}

/** Every schema that holds at a place, by the names and words that stand around it. */
function partsAt(root: JsonObject, frames: readonly Frame[]): readonly JsonObject[] {
  let here: readonly JsonValue[] = [root];
  for (const frame of frames) {
    if (frame.in === "list") {
      here = here.flatMap((schema) => partsOf(root, schema, NOTHING)).flatMap((part) => part["items"] ?? []);
      continue;
    }
    const parts = here.flatMap((schema) => partsOf(root, schema, frame.names));
    if (frame.key === null) return parts;
    const key = frame.key;
    here = parts.flatMap(({ properties }) => (isObject(properties) ? (properties[key] ?? []) : []));
  }
  return here.flatMap((schema) => partsOf(root, schema, NOTHING));
}

const NOTHING: ReadonlyMap<string, string> = new Map();
/** Deeper no schema of the language refers to others. */
const MOST_DEEP = 12;

/** A schema with all that hold with it; of those that depend on what is not written yet, what they have in common. */
function partsOf(
  root: JsonObject,
  schema: JsonValue,
  names: ReadonlyMap<string, string>,
  depth = 0,
): readonly JsonObject[] {
  if (!isObject(schema) || depth > MOST_DEEP) return [];
  const within = (other: JsonValue | undefined) =>
    other === undefined ? [] : partsOf(root, other, names, depth + 1);
  const parts: JsonObject[] = [schema];
  const { $ref, allOf, anyOf, oneOf } = schema;
  if (typeof $ref === "string") parts.push(...within(referred(root, $ref)));
  for (const other of [allOf, anyOf, oneOf]) if (isList(other)) parts.push(...undecidedTogether(other));
  parts.push(...chosen(schema));
  return parts;

  function chosen(of: JsonObject): readonly JsonObject[] {
    if (of["if"] === undefined) return [];
    return within(holds(of["if"], names) ? of["then"] : of["else"]);
  }
  /** Alternatives that wait for one name (`type`) offer what all of them have. */
  function undecidedTogether(all: readonly JsonValue[]): readonly JsonObject[] {
    const waiting = all.filter(
      (one): one is JsonObject =>
        isObject(one) &&
        isObject(one["if"]) &&
        isList(one["if"]["required"]) &&
        !isNamed(one["if"]["required"]),
    );
    const decided = all.filter((one) => !waiting.some((other) => other === one)).flatMap(within);
    if (waiting.length === 0) return decided;
    const each = waiting.map(({ then }) => propertiesIn(within(then)));
    const [first, ...rest] = each;
    const common = [...(first ?? [])].filter(([name]) => rest.every((other) => other.has(name)));
    return [...decided, { properties: Object.fromEntries(common) }];
  }
  function isNamed(required: readonly JsonValue[]): boolean {
    return required.every((name) => names.has(String(name)));
  }
}

/** Whether a condition holds, of what is written; it may ask for names and for their words. */
function holds(condition: JsonValue, names: ReadonlyMap<string, string>): boolean {
  if (!isObject(condition)) return condition !== false;
  const { required, properties, anyOf, not } = condition;
  if (isList(required) && !required.every((name) => names.has(String(name)))) return false;
  if (isList(anyOf) && !anyOf.some((one) => holds(one, names))) return false;
  if (not !== undefined && holds(not, names)) return false;
  return Object.entries(isObject(properties) ? properties : {}).every(([name, wanted]) => {
    const word = names.get(name);
    if (word === undefined || !isObject(wanted)) return true;
    if (wanted["const"] !== undefined) return word === String(wanted["const"]);
    return !isList(wanted["enum"]) || wanted["enum"].map(String).includes(word);
  });
}

function referred(root: JsonObject, reference: string): JsonValue | undefined {
  const name = /^#\/\$defs\/(.+)$/.exec(reference)?.[1];
  const defs = root["$defs"];
  return name !== undefined && isObject(defs) ? defs[name] : undefined;
}

function propertiesIn(parts: readonly JsonObject[]): ReadonlyMap<string, JsonValue> {
  return new Map(parts.flatMap(({ properties }) => (isObject(properties) ? Object.entries(properties) : [])));
}

/** One that nobody should begin to write: another spelling, or one that is on its way out. */
function isOtherSpelling(property: JsonValue): boolean {
  if (!isObject(property)) return false;
  return (
    property["deprecated"] === true || String(property["description"] ?? "").startsWith("Another spelling")
  );
}

function describe(property: JsonValue): string | null {
  if (!isObject(property)) return null;
  const { description } = property;
  return typeof description === "string" && description !== "" ? description : null;
}
