import type { JsonObject, JsonValue } from "../json.ts";
import { type Diagnostic, type Issue, type Locate, placed } from "./diagnostic.ts";
import { originOf } from "./origins.ts";
import type { Definition } from "./types.ts";

/** The part of the port `Schemas` that is needed here: a schema that cannot be compiled is one error, `schema`. */
type Validate = (
  schema: JsonObject,
  value: JsonValue,
) => { readonly errors?: readonly { readonly keyword: string; readonly message: string }[] };

/** Checks that the schemas of a definition are JSON Schemas, with a validator that needs a package. */
export function checkSchemas(
  definition: Definition,
  validate: Validate,
  locate: Locate,
): readonly Diagnostic[] {
  const issues = (["inputSchema", "outputSchema"] as const).flatMap((key): readonly Issue[] => {
    const schema = definition[key];
    const [error] = (schema && validate(schema, {}).errors) ?? [];
    if (error?.keyword !== "schema") return [];
    const path = originOf(definition, key, "");
    return [
      { code: "INVALID_SCHEMA", severity: "error", path, on: "key", message: `"${key}": ${error.message}` },
    ];
  });
  return placed(issues, locate);
}
