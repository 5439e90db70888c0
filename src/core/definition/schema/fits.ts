import { isList, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { describeSchema, type Finding } from "./finding.ts";
import { judgeList } from "./fits-list.ts";
import { judgeObject } from "./fits-object.ts";
import { judgeScalar, judgeType } from "./fits-scalar.ts";
import { resolveRef } from "./refs.ts";
import { describeShape, type Shape, type Variant } from "./shape.ts";

/** What judging one place needs to know of the rest. */
export type Judging = {
  readonly root: JsonObject;
  readonly pointer: string;
  /** Judges something within, or the same in the light of another schema. */
  readonly judge: (shape: Shape, schema: JsonValue | undefined, pointer: string) => readonly Finding[];
};

/** Work done at most; what lies beyond is not decided. */
const MAX_STEPS = 20_000;
const MAX_DEPTH = 40;
const MAX_SPLIT = 16;

/** Where `schema` asks for something and nothing is known of the value: what `fits` could not decide. */
export function undecided(shape: Shape, schema: JsonValue): readonly Finding[] {
  const found = new Map<string, Finding>();
  fits(shape, schema, (finding) => found.set(finding.pointer, finding));
  return [...found.values()];
}

/** How values of `shape` may break `schema`. What cannot be decided is no finding, and told to `open`. */
export function fits(
  shape: Shape,
  schema: JsonValue,
  open?: (unchecked: Finding) => void,
): readonly Finding[] {
  const root = isObject(schema) ? schema : {};
  const budget = { left: MAX_STEPS };
  const judgeAt =
    (depth: number): Judging["judge"] =>
    (below, demanded, pointer) => {
      if (depth > MAX_DEPTH || --budget.left < 0 || demanded === undefined || demanded === true) return [];
      if (demanded !== false && !isObject(demanded)) return [];
      if (below === "unknown") {
        if (!asksNothing(demanded)) open?.(unchecked(root, demanded, pointer));
        return [];
      }
      const judging = { root, pointer, judge: judgeAt(depth + 1) };
      const each = below.map((variant) =>
        demanded === false ? [nothingAllowed(variant, pointer)] : judgeVariant(judging, variant, demanded),
      );
      return together(each, below, pointer);
    };
  return judgeAt(0)(shape, schema, "");
}

const ANNOTATIONS = new Set(["title", "description", "default", "examples", "$comment", "$schema", "$id"]);

/** True for a schema that every value satisfies. */
export function asksNothing(schema: JsonValue): boolean {
  return schema === true || (isObject(schema) && Object.keys(schema).every((key) => ANNOTATIONS.has(key)));
}

/** That nothing can be said, since nothing is known of the value. */
export function unchecked(root: JsonObject, schema: JsonValue, pointer: string): Finding {
  const expected = describeSchema(root, schema);
  return { kind: "unchecked", severity: "warning", pointer, expected, actual: "anything" };
}

/** Judgements of alternatives: what breaks all of them is certain, what breaks some is a possibility. */
function together(each: readonly (readonly Finding[])[], shape: readonly Variant[], pointer: string) {
  const broken = each.filter(hasErrors);
  const all = distinct(each.flat());
  if (each.length === 1 || all.length === 0) return all;
  if (broken.length === each.length) {
    const here = all.find((finding) => finding.pointer === pointer && finding.kind !== "missing");
    return here ? [{ ...here, actual: describeShape(shape) }] : (broken[0] ?? []);
  }
  return distinct(all.map((finding) => ({ ...finding, severity: "warning" }) as const));
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.kind} ${finding.pointer}`;
    const known = seen.get(key);
    if (!known || (known.severity === "warning" && finding.severity === "error")) seen.set(key, finding);
  }
  return [...seen.values()];
}

function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === "error");
}

function nothingAllowed(variant: Variant, pointer: string): Finding {
  return {
    kind: "form",
    severity: "error",
    pointer,
    expected: "nothing",
    actual: describeShape([variant]),
  };
}

function judgeVariant(judging: Judging, variant: Variant, schema: JsonObject): readonly Finding[] {
  const wrongType = judgeType(judging, variant, schema);
  if (hasErrors(wrongType)) return wrongType;
  const { judge, root, pointer } = judging;
  const parts = isList(schema["allOf"]) ? schema["allOf"] : [];
  return distinct([
    ...wrongType,
    ...judgeInside(judging, variant, schema),
    ...judge([variant], resolveRef(root, schema["$ref"]), pointer),
    ...parts.flatMap((part) => judge([variant], part, pointer)),
    ...judgeOptions(judging, variant, schema["anyOf"]),
    ...judgeOptions(judging, variant, schema["oneOf"]),
  ]);
}

function judgeInside(judging: Judging, variant: Variant, schema: JsonObject): readonly Finding[] {
  switch (variant.type) {
    case "object":
      return judgeObject(judging, variant, schema);
    case "array":
      return judgeList(judging, variant, schema);
    case "string":
    case "number":
    case "integer":
    case "boolean":
    case "null":
      return judgeScalar(judging, variant, schema);
  }
}

/** Which of the alternatives a value takes is its own affair: it must only fit one. */
function judgeOptions(
  judging: Judging,
  variant: Variant,
  options: JsonValue | undefined,
): readonly Finding[] {
  if (!isList(options) || options.length === 0) return [];
  const { judge, root, pointer } = judging;
  const split = oneByOne(variant);
  if (split.length > 1)
    return together(
      split.map((one) => judgeOptions(judging, one, options)),
      split,
      pointer,
    );
  const results = options.map((option) => judge([variant], option, pointer));
  const possible = results.filter((findings) => !hasErrors(findings));
  if (possible.length > 0)
    return possible.reduce((best, other) => (other.length < best.length ? other : best));
  const near = results.filter(
    (findings) => !findings.some((found) => found.pointer === pointer && found.kind !== "missing"),
  );
  if (near.length === 1) return near[0] ?? [];
  const expected = describeSchema(root, { anyOf: options });
  return [{ kind: "form", severity: "error", pointer, expected, actual: describeShape([variant]) }];
}

/** A value of few possible ones, each on its own. */
function oneByOne(variant: Variant): readonly Variant[] {
  if (variant.type === "object" || variant.type === "array") return [variant];
  const values = variant.type === "boolean" && !variant.values ? [true, false] : variant.values;
  if (!values || values.length < 2 || values.length > MAX_SPLIT) return [variant];
  return values.map((value) => ({ type: variant.type, values: [value] }));
}
