import type { JsonObject, JsonValue } from "../../core/json.ts";

/** JSON Schema (draft 2020-12 and 07). */
export type Schemas = {
  /** `value` carries the schema's defaults; a schema that cannot be compiled is one error at "". */
  validate(schema: JsonObject, value: JsonValue): SchemaCheck;
};

export type SchemaCheck =
  | { readonly valid: true; readonly value: JsonValue; readonly errors?: never }
  | { readonly valid: false; readonly value: JsonValue; readonly errors: readonly SchemaError[] };

export type SchemaError = {
  readonly pointer: string;
  readonly message: string;
  readonly keyword: string;
  readonly hint?: string;
};
