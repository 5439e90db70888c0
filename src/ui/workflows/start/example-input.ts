import { define, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { type FormField, fieldsOf } from "./form-model.ts";

/** An input that shows what the schema asks for: its defaults, and a stand-in for what has none. */
export function exampleInput(schema: JsonObject | undefined): JsonObject {
  return exampleOf(fieldsOf(schema));
}

function exampleOf(fields: readonly FormField[]): JsonObject {
  const input: JsonObject = {};
  for (const field of fields) define(input, field.key, field.initial ?? standIn(field));
  return input;
}

function standIn({ control, key }: Pick<FormField, "control" | "key">): JsonValue {
  switch (control.kind) {
    case "text":
      return `a ${key}`;
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return false;
    case "choice":
      return control.choices[0] ?? null;
    case "group":
      return exampleOf(control.fields);
    case "rows":
      return control.isOfObjects
        ? [Object.fromEntries(control.columns.map((column) => [column.key, standIn(column)]))]
        : [];
    case "json":
      return control.shape === "array" ? [] : control.shape === "object" ? {} : null;
  }
}
