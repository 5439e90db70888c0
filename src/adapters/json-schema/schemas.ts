import { createHash } from "node:crypto";
import { Ajv, type Options, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { isQuickPattern } from "../../core/definition/schema/quick-pattern.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { SchemaError, Schemas } from "../../engine/ports/schemas.ts";
import { explain } from "./messages.ts";
import { TOO_LONG, within } from "./within.ts";

const OPTIONS: Options = {
  strict: false,
  allErrors: true,
  useDefaults: true,
  verbose: true, // errors carry the value and the schema, for messages
  addUsedSchema: false, // two schemas may bear the same $id
  logger: false,
};

const MAX_COMPILED = 256;
/** Whatever a schema and a value come to together: nobody else is answered meanwhile. */
const LIMIT_MS = 2000;

type Compiled =
  | {
      readonly ok: true;
      readonly check: ValidateFunction;
      readonly isQuick: boolean;
      readonly forget: () => void;
    }
  | { readonly ok: false; readonly message: string };

/**
 * JSON Schema draft 2020-12, and 07 where a schema says so or is only valid there. Compiled schemas are kept. A schema
 * that takes longer than `limitMs` to understand, or to check a value with, is an invalid one.
 */
export function createSchemas(limitMs = LIMIT_MS): Schemas {
  let compilers = newCompilers();
  const tooLong = (what: string): SchemaError => ({
    pointer: "",
    message: `the schema is invalid: ${what} takes more than ${limitMs / 1000} s`,
    keyword: "schema",
  });
  const byText = new Map<string, Compiled>();
  const digests = new WeakMap<JsonObject, string>();
  const compiled = (schema: JsonObject): Compiled | null => {
    const key = digests.get(schema) ?? digestOf(schema);
    digests.set(schema, key);
    const known = byText.get(key) ?? within(limitMs, () => compile(schema, compilers));
    if (known === TOO_LONG) {
      compilers = newCompilers();
      return null;
    }
    byText.delete(key); // the last used one stands last
    byText.set(key, known);
    if (byText.size > MAX_COMPILED) dropOldest(byText);
    return known;
  };
  return {
    validate(schema, value) {
      const program = compiled(schema);
      if (program === null) return { valid: false, value, errors: [tooLong("compiling it")] };
      if (!program.ok)
        return {
          valid: false,
          value,
          errors: [{ pointer: "", message: program.message, keyword: "schema" }],
        };
      const copy = structuredClone(value);
      const checked = () => errorsOf(program.check, copy);
      const errors = program.isQuick ? checked() : within(limitMs, checked);
      if (errors === TOO_LONG) return { valid: false, value, errors: [tooLong("checking this value")] };
      return errors === null ? { valid: true, value: copy } : { valid: false, value: copy, errors };
    },
  };
}

type Compilers = { readonly latest: Ajv; readonly draft07: Ajv };

function newCompilers(): Compilers {
  const compilers = { latest: new Ajv2020(OPTIONS), draft07: new Ajv(OPTIONS) };
  for (const ajv of Object.values(compilers)) addFormats.default(ajv);
  return compilers;
}

/** Sets the schema's defaults in the value; `null` where nothing is wrong with it. */
function errorsOf(check: ValidateFunction, value: JsonValue): readonly SchemaError[] | null {
  return check(value) ? null : explain(check.errors ?? []);
}

/** False for a schema that may ask for more work than it and the value are long. */
function isQuick(schema: JsonValue): boolean {
  if (isList(schema)) return schema.every(isQuick);
  if (!isObject(schema)) return true;
  return Object.entries(schema).every(([keyword, said]) => {
    if (keyword === "pattern" && typeof said === "string") return isQuickPattern(said);
    return !WORK.includes(keyword) && isQuick(said);
  });
}

/** Patterns over names, each item against each other, and what is written once and meant many times. */
const WORK: readonly string[] = ["patternProperties", "uniqueItems", "$ref", "$dynamicRef", "$recursiveRef"];

function dropOldest(byText: Map<string, Compiled>): void {
  const [oldest] = byText;
  if (!oldest) return;
  byText.delete(oldest[0]);
  if (oldest[1].ok) oldest[1].forget();
}

function compile(schema: JsonObject, { latest, draft07 }: Compilers): Compiled {
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
    return { ok: true, check, isQuick: isQuick(schema), forget: () => ajv.removeSchema(schema) };
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
