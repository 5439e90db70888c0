import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/**
 * A document with what its references mean in their place, each schema once however often it is named. A schema within
 * itself is only named there.
 */
export function resolved(document: JsonObject): JsonObject {
  const meanings = new Map<string, JsonValue>();
  const underWay = new Set<string>();
  const meaningOf = (pointer: string): JsonValue => {
    const known = meanings.get(pointer);
    if (known !== undefined) return known;
    const name = pointer.split("/").at(-1) ?? pointer;
    if (underWay.has(pointer)) return { title: name };
    underWay.add(pointer);
    const meaning = within(at(document, pointer));
    underWay.delete(pointer);
    meanings.set(pointer, meaning);
    return meaning;
  };
  const within = (value: JsonValue): JsonValue => {
    if (isList(value)) return value.map(within);
    if (!isObject(value)) return value;
    if (typeof value["$ref"] === "string") return meaningOf(value["$ref"]);
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, within(below)]));
  };
  return within(document) as JsonObject;
}

/** What `#/components/schemas/Run` points at. */
function at(document: JsonObject, pointer: string): JsonValue {
  const [, ...keys] = pointer.split("/");
  const found = keys.reduce<JsonValue | undefined>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    document,
  );
  if (found === undefined) throw new Error(`${pointer} is not in the document`);
  return found;
}
