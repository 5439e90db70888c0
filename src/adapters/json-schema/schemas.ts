import { createHash } from "node:crypto";
import { Ajv, type Options, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Schemas } from "../../engine/ports/schemas.ts";
import { explain } from "./messages.ts";

const OPTIONS: Options = {
  strict: false,
  allErrors: true,
  useDefaults: true,
  verbose: true, // errors carry the value and the schema, for messages
  addUsedSchema: false, // two schemas may bear the same $id
  logger: false,
};

const MAX_COMPILED = 256;

type Compiled =
  | { readonly ok: true; readonly check: ValidateFunction; readonly forget: () => void }
  | { readonly ok: false; readonly message: string };

/** JSON Schema draft 2020-12, and 07 where a schema says so or is only valid there. Compiled schemas are kept. */
export function createSchemas(): Schemas {
  const [latest, draft07] = [new Ajv2020(OPTIONS), new Ajv(OPTIONS)];
  for (const ajv of [latest, draft07]) addFormats.default(ajv);
  const byText = new Map<string, Compiled>();
  const digests = new WeakMap<JsonObject, string>();
  const compiled = (schema: JsonObject): Compiled => {
    const key = digests.get(schema) ?? digestOf(schema);
    digests.set(schema, key);
    const known = byText.get(key) ?? compile(schema, latest, draft07);
    byText.delete(key); // the last used one stands last
    byText.set(key, known);
    if (byText.size > MAX_COMPILED) dropOldest(byText);
    return known;
  };
  return {
    validate(schema, value) {
      const program = compiled(schema);
      if (!program.ok)
        return {
          valid: false,
          value,
          errors: [{ pointer: "", message: program.message, keyword: "schema" }],
        };
      const copy = structuredClone(value);
      if (program.check(copy)) return { valid: true, value: copy };
      return { valid: false, value: copy, errors: explain(program.check.errors ?? []) };
    },
  };
}

function dropOldest(byText: Map<string, Compiled>): void {
  const [oldest] = byText;
  if (!oldest) return;
  byText.delete(oldest[0]);
  if (oldest[1].ok) oldest[1].forget();
}

function compile(schema: JsonObject, latest: Ajv, draft07: Ajv): Compiled {
  if (schema["$async"] !== undefined)
    return { ok: false, message: "the schema is invalid: $async is not supported" };
  const { $schema, ...bare } = schema;
  if (typeof $schema === "string" && /draft-0[467]/.test($schema)) return compileWith(draft07, bare);
  const first = compileWith(latest, bare);
  if (first.ok || $schema !== undefined) return first;
  const second = compileWith(draft07, bare); // an `items` list, say, without a word about the draft
  return second.ok ? second : first;
}

function compileWith(ajv: Ajv, schema: JsonObject): Compiled {
  try {
    const check = ajv.compile(schema);
    return { ok: true, check, forget: () => ajv.removeSchema(schema) };
  } catch (error) {
    ajv.removeSchema(schema);
    const message = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      message: `the schema is invalid: ${message.replace(/^schema is invalid: /, "").replaceAll("data/", "")}`,
    };
  }
}

/** The same for schemas that differ in the order of keys only. */
function digestOf(schema: JsonObject): string {
  return createHash("sha256").update(canonical(schema)).digest("base64");
}

function canonical(value: JsonValue): string {
  if (isList(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, below]) => `${JSON.stringify(key)}:${canonical(below)}`).join(",")}}`;
}
