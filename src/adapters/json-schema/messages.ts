import type { ErrorObject } from "ajv";
import { pointerTo } from "../../core/definition/pointer.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import { isObject, type JsonValue } from "../../core/json.ts";
import type { SchemaError } from "../../engine/ports/schemas.ts";

const MAX_ERRORS = 20;

/** Ajv's errors as people say them: `must be one of healthy, degraded; got "weird"`. */
export function explain(errors: readonly ErrorObject[]): readonly SchemaError[] {
  const alternatives = errors.filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf");
  // Every item of a list fails at the same place of its schema.
  const wholes = [...new Set(alternatives.map(({ schemaPath }) => `${schemaPath}/`))];
  const isPartOf = ({ schemaPath }: ErrorObject) => wholes.some((whole) => schemaPath.startsWith(whole));
  return errors
    .filter((error) => error.keyword !== "if" && !isPartOf(error))
    .slice(0, MAX_ERRORS)
    .map((error) => explainOne(error, errors));
}

function explainOne(error: ErrorObject, all: readonly ErrorObject[]): SchemaError {
  const { keyword, instancePath: pointer, params, data } = error;
  const got = `; got ${shown(data as JsonValue)}`;
  switch (keyword) {
    case "type": {
      const type = typeNames(params["type"]);
      return {
        pointer,
        keyword,
        message: `must be ${type}${got}`,
        ...typeHint(params["type"], data as JsonValue),
      };
    }
    case "enum":
      return {
        pointer,
        keyword,
        message: `must be one of ${listed(params["allowedValues"])}${got}`,
        ...enumHint(error),
      };
    case "const":
      return { pointer, keyword, message: `must be ${shown(params["allowedValue"])}${got}` };
    case "required": {
      const name = String(params["missingProperty"]);
      return {
        pointer: pointerTo(pointer, name),
        keyword,
        message: `"${name}" is missing`,
        ...missingHint(error, name),
      };
    }
    case "dependentRequired":
    case "dependencies":
      return {
        pointer,
        keyword,
        message: `"${params["missingProperty"]}" is needed beside "${params["property"]}"`,
      };
    case "additionalProperties":
    case "unevaluatedProperties":
      return unknownProperty(error, String(params["additionalProperty"] ?? params["unevaluatedProperty"]));
    case "format":
      return { pointer, keyword, message: `must be a valid ${params["format"]}${got}` };
    case "pattern":
      return { pointer, keyword, message: `must match ${params["pattern"]}${got}` };
    case "anyOf":
    case "oneOf":
      return { pointer, keyword, message: `${alternativesOf(error, all)}${got}` };
    default:
      return { pointer, keyword, message: `${error.message ?? "is not valid"}${got}` };
  }
}

function alternativesOf(error: ErrorObject, all: readonly ErrorObject[]): string {
  if (error.params["passingSchemas"]) return "fits more than one of the allowed forms";
  const parts = all.filter(
    (part) =>
      part.schemaPath.startsWith(`${error.schemaPath}/`) &&
      `${part.instancePath}/`.startsWith(`${error.instancePath}/`),
  );
  const types = parts.filter((part) => part.keyword === "type" && part.instancePath === error.instancePath);
  if (types.length === parts.length)
    return `must be ${[...new Set(types.map((part) => typeNames(part.params["type"])))].join(" or ")}`;
  const reasons = parts.slice(0, 3).map((part) => {
    const { pointer, message } = explainOne(part, all);
    return `${pointer.slice(error.instancePath.length)} ${message}`.trim();
  });
  return `fits none of the allowed forms (${reasons.join("; or ")})`;
}

function unknownProperty({ instancePath, keyword, parentSchema }: ErrorObject, name: string): SchemaError {
  const known = isObject(parentSchema?.["properties"]) ? Object.keys(parentSchema["properties"]) : [];
  const hint =
    didYouMean(name, known) ??
    (known.length > 0 && known.length <= 12 ? `known are ${known.join(", ")}` : undefined);
  const pointer = pointerTo(instancePath, name);
  return { pointer, keyword, message: `"${name}" is not known here`, ...(hint && { hint }) };
}

/** A key that is nearly the missing one and that the schema does not know. */
function missingHint({ data, parentSchema }: ErrorObject, name: string): { readonly hint?: string } {
  if (!isObject(data)) return {};
  const known = isObject(parentSchema?.["properties"]) ? parentSchema["properties"] : {};
  const strangers = Object.keys(data).filter((key) => !Object.hasOwn(known, key));
  const near = strangers.find((key) => didYouMean(key, [name]) !== undefined);
  return near === undefined ? {} : { hint: `"${near}" is there: did you mean "${name}"?` };
}

function enumHint({ params, data }: ErrorObject): { readonly hint?: string } {
  const words = (params["allowedValues"] as readonly unknown[]).filter((word) => typeof word === "string");
  const hint = typeof data === "string" ? didYouMean(data, words) : undefined;
  return hint ? { hint } : {};
}

function typeHint(type: unknown, data: JsonValue): { readonly hint?: string } {
  const wanted = new Set([type].flat());
  const isNumeric = typeof data === "string" && data.trim() !== "" && Number.isFinite(Number(data));
  if (isNumeric && (wanted.has("number") || wanted.has("integer")))
    return { hint: `write ${Number(data)} without quotes` };
  if ((data === "true" || data === "false") && wanted.has("boolean"))
    return { hint: `write ${data} without quotes` };
  if (wanted.has("array") && !isObject(data) && data !== null) return { hint: "put it in a list" };
  return {};
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};

function typeNames(type: unknown): string {
  return [type]
    .flat()
    .map((name) => TYPE_NAMES[String(name)] ?? String(name))
    .join(" or ");
}

function listed(values: unknown): string {
  const words = (values as readonly JsonValue[]).map((value) =>
    typeof value === "string" ? value : shown(value),
  );
  return words.length > 12 ? `${words.slice(0, 12).join(", ")}, …` : words.join(", ");
}

function shown(value: JsonValue | undefined): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
