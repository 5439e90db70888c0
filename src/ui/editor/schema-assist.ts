import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorState } from "@codemirror/state";
import { isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { wholeTree } from "./whole-tree.ts";

/** What fits at the cursor of a JSON text, by its schema: names of an object that it has not yet, or values. */
export function completionsOf(schema: JsonObject) {
  return (context: CompletionContext): CompletionResult | null => {
    const { state, pos } = context;
    const word = context.matchBefore(/"?[\w.-]*"?/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const before = state.sliceDoc(0, word.from).trimEnd().at(-1) ?? "";
    const path = pathAt(state, word.from);
    const options =
      before === ":" || before === "["
        ? valuesOf(schemaAt(schema, before === "[" ? [...path, "[]"] : path))
        : before === "{" || before === ","
          ? namesOf(schemaAt(schema, path), namesThere(state, pos))
          : [];
    return options.length > 0 ? { from: word.from, options, validFor: /^"?[\w.-]*"?$/ } : null;
  };
}

/**
 * What the schema says of the key or value at a place of the text: its title and description, what it may be and what
 * it is by default; null where it says nothing.
 */
export function meaningAt(schema: JsonObject, state: EditorState, pos: number): string | null {
  const here = schemaAt(schema, [...pathAt(state, pos), ...nameAt(state, pos)]);
  if (!here) return null;
  const { type, title, description, default: usual, enum: choices } = here;
  const facts = [
    typeof type === "string" && type,
    Array.isArray(type) && type.join(" or "),
    Array.isArray(choices) && `one of ${choices.map((one) => JSON.stringify(one)).join(", ")}`,
    usual !== undefined && `default ${JSON.stringify(usual)}`,
  ];
  const texts = [
    facts.filter(Boolean).join(" · "),
    [title, description].filter((one) => typeof one === "string").join(": "),
  ];
  return texts.filter((text) => text !== "").join(" – ") || null;
}

/** The name of a property that a place is within; a name means what its value means. */
function nameAt(state: EditorState, pos: number): readonly string[] {
  const { name, from, to } = wholeTree(state).resolveInner(pos, 1);
  return name === "PropertyName" ? [textOf(state.sliceDoc(from, to))] : [];
}

/** The names that lead to a place; `[]` is any item of a list. */
function pathAt(state: EditorState, pos: number): readonly string[] {
  const path: string[] = [];
  // Behind a colon without a value the tree has the property to the left.
  for (let node = wholeTree(state).resolveInner(pos, -1); node.parent; node = node.parent) {
    if (node.name === "Array") path.unshift("[]");
    const name = node.name === "Property" ? node.getChild("PropertyName") : null;
    // On the name itself one stands in the object around it.
    if (name && pos > name.to) path.unshift(textOf(state.sliceDoc(name.from, name.to)));
  }
  return path;
}

function namesThere(state: EditorState, pos: number): ReadonlySet<string> {
  let node = wholeTree(state).resolveInner(pos, -1);
  while (node.parent && node.name !== "Object") node = node.parent;
  return new Set(
    node.getChildren("Property").flatMap((property) => {
      const name = property.getChild("PropertyName");
      return name && !(name.from <= pos && pos <= name.to)
        ? [textOf(state.sliceDoc(name.from, name.to))]
        : [];
    }),
  );
}

function textOf(quoted: string): string {
  return quoted.replace(/^"|"$/g, "");
}

function schemaAt(schema: JsonObject, path: readonly string[]): JsonObject | null {
  let here: JsonObject = schema;
  for (const name of path) {
    const next = name === "[]" ? here["items"] : propertiesOf(here)[name];
    if (!isObject(next)) return null;
    here = next;
  }
  return here;
}

function propertiesOf(schema: JsonObject): JsonObject {
  const { properties } = schema;
  return isObject(properties) ? properties : {};
}

function namesOf(schema: JsonObject | null, there: ReadonlySet<string>): readonly Completion[] {
  if (!schema) return [];
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(propertiesOf(schema))
    .filter(([name]) => !there.has(name))
    .map(([name, property]) => {
      const { type, description } = isObject(property) ? property : {};
      return {
        label: `"${name}"`,
        apply: `"${name}": `,
        type: "property",
        detail: [type, required.includes(name) && "required"].filter(Boolean).join(" · "),
        ...(typeof description === "string" && { info: description }),
        boost: required.includes(name) ? 1 : 0,
      };
    });
}

function valuesOf(schema: JsonObject | null): readonly Completion[] {
  if (!schema) return [];
  const { enum: choices, const: only, type, default: usual, examples } = schema;
  const values: readonly JsonValue[] = [
    ...(Array.isArray(choices) ? choices : []),
    ...(only === undefined ? [] : [only]),
    ...(type === "boolean" ? [true, false] : []),
    ...(usual === undefined ? [] : [usual]),
    ...(Array.isArray(examples) ? examples : []),
  ];
  return [...new Set(values.map((value) => JSON.stringify(value)))].map((label) => ({
    label,
    type: "enum",
    ...(label === JSON.stringify(usual) && { detail: "default" }),
  }));
}
