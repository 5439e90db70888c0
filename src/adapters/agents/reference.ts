import { pointerKeys } from "../../core/definition/pointer.ts";
import { isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { readPath } from "../../core/path.ts";
import { percentDecoded } from "../../core/percent.ts";

/** Follows `$ref` within the same schema (`#/…`), keywords beside it laid over; what leads nowhere allows anything. */
export function dereferenced(root: JsonObject, written: JsonValue | undefined): JsonObject {
  let schema = isObject(written) ? written : {};
  for (let hops = 0; hops < 16; hops++) {
    const { $ref: reference, ...beside } = schema;
    if (typeof reference !== "string") return schema;
    const target = reference.startsWith("#") ? readPath(root, keysOf(reference)) : undefined;
    schema = isObject(target) ? { ...target, ...beside } : beside;
  }
  return {};
}

function keysOf(reference: string): readonly string[] {
  const pointer = reference.slice(1);
  return pointerKeys(percentDecoded(pointer) ?? pointer);
}
