import { isList, isObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Misfit } from "./misfits.ts";

/** What a step or a calling agent gives an agent. */
type Given = {
  readonly task: string | null;
  readonly variables: JsonObject;
  /** The previous state's result. */
  readonly previous: JsonValue;
};

/** Checks a value against a schema; `value` then carries the schema's defaults. */
type Checker = {
  validate(
    schema: JsonObject,
    value: JsonValue,
  ):
    | { readonly valid: true; readonly value: JsonValue }
    | { readonly valid: false; readonly errors: readonly Misfit[] };
};

/** What an agent works with, or why it may not. */
export type Input =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly errors: readonly Misfit[] };

/**
 * The agent's input, weakest source first: the schema's defaults, the previous state's result when it is an
 * object, the step's variables, and the task under its reserved names. Checked when the agent has a schema.
 */
export function inputOf(schema: JsonObject | undefined, request: Given, schemas: Checker): Input {
  const { previous, variables, task } = request;
  const inherited = isObject(previous) ? previous : {};
  const reserved = task === null ? {} : { userInput: task, task };
  if (schema === undefined) return { ok: true, value: { ...inherited, ...variables, ...reserved } };
  const fallback = isObject(schema["default"]) ? schema["default"] : {};
  const given = {
    ...fallback,
    ...declaredOnly(schema, inherited),
    ...variables,
    ...pick(reserved, (key) => isComposed(schema) || declares(schema, key)),
  };
  const check = schemas.validate(schema, given);
  if (!check.valid) return { ok: false, errors: check.errors };
  return { ok: true, value: { ...(isObject(check.value) ? check.value : given), ...reserved } };
}

/**
 * Nobody asked for the previous result to go into this agent, so what a closed schema has no place for is left
 * out rather than refused (PRD §3.5: a superset is fine). Variables are written by hand and stay as they are.
 */
function declaredOnly(schema: JsonObject, inherited: JsonObject): JsonObject {
  const isClosed = schema["additionalProperties"] === false && schema["patternProperties"] === undefined;
  return isClosed ? pick(inherited, (key) => declares(schema, key)) : inherited;
}

function declares({ properties, required }: JsonObject, key: string): boolean {
  return (
    (isObject(properties) && Object.hasOwn(properties, key)) || (isList(required) && required.includes(key))
  );
}

/** The fields are declared elsewhere, where they are not looked for. */
function isComposed(schema: JsonObject): boolean {
  return ["$ref", "allOf", "anyOf", "oneOf"].some((keyword) => Object.hasOwn(schema, keyword));
}

function pick(object: JsonObject, isWanted: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => isWanted(key)) as [string, JsonValue][]);
}
