import { createHash } from "node:crypto";
import { Ajv, type Options, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { isQuickPattern } from "../../core/definition/schema/quick-pattern.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { SchemaCheck, SchemaError, Schemas } from "../../engine/ports/schemas.ts";
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

/** What is kept compiled: so many, and so many characters of schemas. A schema takes some seventy times its own length. */
const KEPT = { schemas: 1000, characters: 1_000_000 };
/** A compiler keeps something of every schema for as long as it lives: after so much it is a new one's turn. */
const OF_ONE_COMPILER = { schemas: 32, characters: 200_000 };
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
  let [used, kept] = [NOTHING, NOTHING];
  const tooLong = (what: string): SchemaError => ({
    pointer: "",
    message: `the schema is invalid: ${what} takes more than ${limitMs / 1000} s`,
    keyword: "schema",
  });
  const byText = new Map<string, Kept>();
  const names = new WeakMap<JsonObject, Name>();
  const newCompiler = () => {
    compilers = newCompilers();
    used = NOTHING;
  };
  const compiled = (schema: JsonObject): Compiled | null => {
    const name = names.get(schema) ?? nameOf(schema);
    names.set(schema, name);
    const known = byText.get(name.digest);
    if (known) {
      byText.delete(name.digest); // the last used one stands last
      byText.set(name.digest, known);
      return known.program;
    }
    const program = within(limitMs, (isAgain) => {
      if (isAgain) newCompiler();
      return compile(schema, compilers);
    });
    if (program === TOO_LONG) {
      newCompiler();
      return null;
    }
    used = more(used, name.characters);
    if (isMore(used, OF_ONE_COMPILER)) newCompiler();
    byText.set(name.digest, { program, characters: name.characters });
    kept = more(kept, name.characters);
    while (isMore(kept, KEPT) && byText.size > 1) kept = less(kept, dropOldest(byText));
    return program;
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
      const check = () => checked(program.check, value);
      const result = program.isQuick ? check() : within(limitMs, check);
      if (result === TOO_LONG) return { valid: false, value, errors: [tooLong("checking this value")] };
      return result;
    },
  };
}

type Compilers = { readonly latest: Ajv; readonly draft07: Ajv };

function newCompilers(): Compilers {
  const compilers = { latest: new Ajv2020(OPTIONS), draft07: new Ajv(OPTIONS) };
  for (const ajv of Object.values(compilers)) addFormats.default(ajv);
  return compilers;
}

/** Checks a copy of the value, in which the schema's defaults are set. */
function checked(check: ValidateFunction, value: JsonValue): SchemaCheck {
  const copy = structuredClone(value);
  return check(copy)
    ? { valid: true, value: copy }
    : { valid: false, value: copy, errors: explain(check.errors ?? []) };
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

type Kept = { readonly program: Compiled; readonly characters: number };
type Name = { readonly digest: string; readonly characters: number };
type Amount = typeof KEPT;

const NOTHING: Amount = { schemas: 0, characters: 0 };

function more({ schemas, characters }: Amount, by: number): Amount {
  return { schemas: schemas + 1, characters: characters + by };
}

function less({ schemas, characters }: Amount, by: number): Amount {
  return { schemas: schemas - 1, characters: characters - by };
}

function isMore(amount: Amount, than: Amount): boolean {
  return amount.schemas > than.schemas || amount.characters > than.characters;
}

/** How many characters it had. */
function dropOldest(byText: Map<string, Kept>): number {
  const [oldest] = byText;
  if (!oldest) return 0;
  const [digest, { program, characters }] = oldest;
  byText.delete(digest);
  if (program.ok) program.forget();
  return characters;
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
function nameOf(schema: JsonObject): Name {
  const text = canonical(schema);
  return { digest: createHash("sha256").update(text).digest("base64"), characters: text.length };
}

function canonical(value: JsonValue): string {
  if (isList(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, below]) => `${JSON.stringify(key)}:${canonical(below)}`).join(",")}}`;
}
