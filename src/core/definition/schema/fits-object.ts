import { isList, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Severity } from "../diagnostic.ts";
import { pointerTo } from "../pointer.ts";
import { describeSchema, type Finding } from "./finding.ts";
import type { Judging } from "./fits.ts";
import { judgeWhole } from "./fits-scalar.ts";
import { isQuickPattern } from "./quick-pattern.ts";
import { describeShape, type ObjectVariant } from "./shape.ts";

/** Properties that are asked for, those that are there, and those that should not be. */
export function judgeObject(judging: Judging, object: ObjectVariant, schema: JsonObject): readonly Finding[] {
  const declared = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = new Set(isList(schema["required"]) ? schema["required"] : []);
  const names = new Set([
    ...Object.keys(declared),
    ...[...required].filter((name) => typeof name === "string"),
  ]);
  return [
    ...judgeWhole(judging, object, schema),
    ...[...names].flatMap((name) => judgeNamed(judging, object, name, declared[name], required.has(name))),
    ...judgeOthers(judging, object, schema, declared),
  ];
}

function judgeNamed(
  { root, pointer, judge }: Judging,
  object: ObjectVariant,
  name: string,
  demanded: JsonValue | undefined,
  isRequired: boolean,
): readonly Finding[] {
  const at = pointerTo(pointer, name);
  const property = object.properties.get(name);
  const within = property
    ? judge(property.shape, demanded, at)
    : object.rest === "any" || object.additional !== "unknown"
      ? judge(object.additional, demanded, at).map(possible)
      : [];
  // a schema's `default` is filled in before anything is checked
  const isFilled = isObject(demanded) && Object.hasOwn(demanded, "default");
  const absent = isFilled ? null : absence(object, property?.always, isRequired);
  if (!absent) return within;
  const expected = describeSchema(root, demanded);
  return [
    { ...absent, pointer: at, expected, actual: property ? describeShape(property.shape) : "nothing" },
    ...within,
  ];
}

/** What it means that a property may not be there; `always` is undefined when nobody knows of it. */
function absence(
  { rest }: ObjectVariant,
  always: boolean | undefined,
  isRequired: boolean,
): Pick<Finding, "kind" | "severity"> | null {
  if (always === true) return null;
  if (always === false) return isRequired ? { kind: "missing", severity: "warning" } : null;
  switch (rest) {
    case "none":
    case "undeclared":
      return isRequired
        ? { kind: "missing", severity: "error" }
        : { kind: "missing-optional", severity: "warning" };
    case "callers":
      return isRequired ? { kind: "missing", severity: "warning" } : null;
    case "any":
      return null;
  }
}

function judgeOthers(
  { pointer, judge }: Judging,
  object: ObjectVariant,
  schema: JsonObject,
  declared: JsonObject,
): readonly Finding[] {
  const patterns = patternsOf(schema["patternProperties"]);
  const others = schema["additionalProperties"];
  const findings: Finding[] = [];
  for (const [name, { shape, always }] of object.properties) {
    const at = pointerTo(pointer, name);
    const matching = patterns.filter(({ pattern }) => pattern?.test(name));
    findings.push(...matching.flatMap((one) => judge(shape, one.schema, at)));
    if (Object.hasOwn(declared, name) || matching.length > 0) continue;
    if (patterns.some(({ pattern }) => pattern === null)) continue;
    if (others !== false) findings.push(...judge(shape, others, at));
    else {
      const severity: Severity = always ? "error" : "warning";
      const expected = listed(Object.keys(declared));
      findings.push({
        kind: "unknown-property",
        severity,
        pointer: at,
        expected,
        actual: describeShape(shape),
      });
    }
  }
  // there need not be any of them
  if (object.rest === "any" && isObject(others))
    findings.push(...judge(object.additional, others, pointerTo(pointer, "*")).map(possible));
  return findings;
}

function possible(finding: Finding): Finding {
  return { ...finding, severity: "warning" };
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "no properties";
  return names.length > 8 ? `${names.slice(0, 8).join(", ")}, …` : names.join(", ");
}

/** `null` for a pattern that might be tried for ever: nobody knows which names it means. */
function patternsOf(
  value: JsonValue | undefined,
): readonly { readonly pattern: RegExp | null; readonly schema: JsonValue }[] {
  return Object.entries(isObject(value) ? value : {}).flatMap(([source, schema]) => {
    try {
      const pattern = new RegExp(source, "u");
      return [{ pattern: isQuickPattern(source) ? pattern : null, schema }];
    } catch {
      return [];
    }
  });
}
