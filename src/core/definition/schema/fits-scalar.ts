import { isList, isObject, type JsonObject, type JsonPrimitive, type JsonValue } from "../../json.ts";
import { describeSchema, type Finding } from "./finding.ts";
import type { Judging } from "./fits.ts";
import { describeShape, type ScalarVariant, scalarTypeOf, type Variant } from "./shape.ts";
import { typesOf } from "./shape-of-schema.ts";

type At = Pick<Judging, "root" | "pointer">;

/** Whether a value has one of the schema's types; a number may or may not be a whole one. */
export function judgeType(at: At, variant: Variant, schema: JsonObject): readonly Finding[] {
  const types = typesOf(schema);
  if (!types || types.includes(variant.type)) return [];
  if (variant.type === "integer" && types.includes("number")) return [];
  const finding: Finding = {
    kind: "type",
    severity: "error",
    pointer: at.pointer,
    expected: types.join(" or "),
    actual: describeShape([variant]),
  };
  if (variant.type !== "number" || !types.includes("integer")) return [finding];
  return judgeValues(variant.values, (value) => Number.isInteger(value), finding);
}

/** Enum, const and bounds. */
export function judgeScalar(at: At, variant: ScalarVariant, schema: JsonObject): readonly Finding[] {
  const allowed = Object.hasOwn(schema, "const") ? [schema["const"] ?? null] : schema["enum"];
  const finding: Finding = {
    kind: "value",
    severity: "error",
    pointer: at.pointer,
    expected: describeSchema(at.root, schema),
    actual: describeShape([variant]),
  };
  if (isList(allowed)) return judgeEnum(variant, allowed, finding);
  if (!variant.values) return [];
  const bound = BOUNDS.find(
    ([keyword, holds]) =>
      typeof schema[keyword] === "number" &&
      variant.values?.some((value) => !holds(value, schema[keyword] as number)),
  );
  if (!bound) return [];
  const [keyword, holds, text] = bound;
  const limit = schema[keyword] as number;
  return judgeValues(variant.values, (value) => holds(value, limit), {
    ...finding,
    expected: `${text} ${limit}`,
  });
}

/** Whether an object or a list can be one of an enum's values at all. */
export function judgeWhole(at: At, variant: Variant, schema: JsonObject): readonly Finding[] {
  const allowed = Object.hasOwn(schema, "const") ? [schema["const"] ?? null] : schema["enum"];
  const isOfType = (value: JsonValue) => (variant.type === "array" ? isList(value) : isObject(value));
  if (!isList(allowed) || allowed.some(isOfType)) return [];
  const expected = describeSchema(at.root, schema);
  return [{ kind: "value", severity: "error", pointer: at.pointer, expected, actual: variant.type }];
}

function judgeEnum(
  variant: ScalarVariant,
  allowed: readonly JsonValue[],
  finding: Finding,
): readonly Finding[] {
  const values = variant.values ?? FEW[variant.type];
  if (values) return judgeValues(values, (value) => allowed.includes(value), finding);
  const isPossible = allowed.some((value) => {
    if (isObject(value) || isList(value)) return false;
    const type = scalarTypeOf(value);
    return type === variant.type || (type === "integer" && variant.type === "number");
  });
  return [{ ...finding, severity: isPossible ? "warning" : "error" }];
}

const FEW: Readonly<Partial<Record<ScalarVariant["type"], readonly JsonPrimitive[]>>> = {
  boolean: [true, false],
  null: [null],
};

/** None of them: certain. Some of them, or unknown ones: possible. */
function judgeValues(
  values: readonly JsonPrimitive[] | undefined,
  holds: (value: JsonPrimitive) => boolean,
  finding: Finding,
): readonly Finding[] {
  if (!values) return [{ ...finding, severity: "warning" }];
  const bad = values.filter((value) => !holds(value));
  if (bad.length === 0) return [];
  return [{ ...finding, severity: bad.length === values.length ? "error" : "warning" }];
}

type Bound = readonly [string, (value: JsonPrimitive, limit: number) => boolean, string];

const BOUNDS: readonly Bound[] = [
  ["minimum", (value, limit) => typeof value !== "number" || value >= limit, "at least"],
  ["maximum", (value, limit) => typeof value !== "number" || value <= limit, "at most"],
  ["exclusiveMinimum", (value, limit) => typeof value !== "number" || value > limit, "more than"],
  ["exclusiveMaximum", (value, limit) => typeof value !== "number" || value < limit, "less than"],
  [
    "minLength",
    (value, limit) => typeof value !== "string" || [...value].length >= limit,
    "of length at least",
  ],
  [
    "maxLength",
    (value, limit) => typeof value !== "string" || [...value].length <= limit,
    "of length at most",
  ],
];
