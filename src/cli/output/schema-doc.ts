import { workflowSchema } from "../../core/definition/language/workflow-schema.ts";
import { STATE_TYPES } from "../../core/definition/normalise/state-types.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { CliError, EXIT } from "../errors.ts";
import type { Look } from "../terminal/look.ts";
import { pad, textWidth, wrap } from "../terminal/text.ts";

export type FoundSchema = { readonly path: string; readonly schema: JsonObject };

/** The part of the language's schema that a path names: a state type or a key, then keys below it. */
export function findSchema(path: string): FoundSchema {
  const [first = "", ...rest] = path.split(/[./]/).filter((part) => part !== "");
  if (first === "") return { path: "", schema: workflowSchema };
  const keys = Object.keys(propertiesOf(workflowSchema));
  const schema = ofType(first) ?? propertiesOf(workflowSchema)[first];
  if (!schema) throw unknown(first, "", [...Object.keys(STATE_TYPES), ...keys]);
  return rest.reduce<FoundSchema>((above, key) => below(above, key), {
    path: first,
    schema: resolved(schema),
  });
}

function below(above: FoundSchema, key: string): FoundSchema {
  const properties = propertiesOf(above.schema);
  const schema = properties[key];
  if (!schema) throw unknown(key, above.path, Object.keys(properties));
  return { path: `${above.path}.${key}`, schema: resolved(schema) };
}

function unknown(key: string, path: string, known: readonly string[]): CliError {
  const where = path === "" ? "the workflow format" : path;
  const hint = didYouMean(key, known) ?? (known.length === 0 ? null : `there are: ${known.join(", ")}`);
  return new CliError(EXIT.notFound, `there is no "${key}" in ${where}`, hint);
}

function ofType(written: string): JsonObject | null {
  if (!Object.hasOwn(STATE_TYPES, written)) return null;
  const spelling = STATE_TYPES[written];
  if (spelling?.action === "human.approval") return resolved({ $ref: "#/$defs/approvalState" });
  if (spelling?.action === "workflow.run") return resolved({ $ref: "#/$defs/callState" });
  const name = spelling?.type === "operation" ? "agentState" : `${spelling?.type}State`;
  return resolved({ $ref: `#/$defs/${name}` });
}

/** Keys in the order of the schema, other spellings left to the editors. */
export function describeSchema({ path, schema }: FoundSchema, look: Look, width: number): string {
  const title = path === "" ? "a workflow" : path;
  const required = new Set(isList(schema["required"]) ? schema["required"] : []);
  const rows = Object.entries(propertiesOf(schema))
    .filter(([, property]) => !isAlias(property))
    .map(([key, property]) => ({
      key: `${key}${required.has(key) ? " *" : ""}`,
      kind: kindOf(property),
      about: sentence(property),
    }));
  const keyWidth = Math.max(4, ...rows.map(({ key }) => textWidth(key)));
  const kindWidth = Math.min(24, Math.max(4, ...rows.map(({ kind }) => textWidth(kind))));
  const indent = keyWidth + kindWidth + 6;
  const lines = rows.flatMap(({ key, kind, about }) => {
    const [line = "", ...more] = wrap(about, Math.max(24, width - indent));
    return [
      `  ${look.paint("bold", pad(key, keyWidth))}  ${look.paint("dim", pad(kind, kindWidth))}  ${line}`,
      ...more.map((text) => `${" ".repeat(indent)}${text}`),
    ];
  });
  const types = path === "" ? [`state types: ${Object.keys(STATE_TYPES).join(", ")}`] : [];
  const required_ = rows.some(({ key }) => key.endsWith(" *")) ? ["* required"] : [];
  const about = sentence(schema);
  const head = `${look.paint("bold", title)}${kindOf(schema) === "map" ? "" : ` (${kindOf(schema)})`}${about === "" ? "" : `: ${about}`}`;
  return look.typeset(
    [
      ...wrap(head, width),
      ...lines,
      ...wrap([...types, ...required_].join("\n"), width).filter((one) => one !== ""),
    ]
      .map((line) => `${line.trimEnd()}\n`)
      .join(""),
  );
}

function propertiesOf(schema: JsonObject): Readonly<Record<string, JsonObject>> {
  return (isObject(schema["properties"]) ? schema["properties"] : {}) as Readonly<Record<string, JsonObject>>;
}

function isAlias(schema: JsonObject): boolean {
  return schema["deprecated"] === true || sentence(schema).startsWith("Another spelling of");
}

/** A reference followed, its own description first. */
function resolved(schema: JsonObject): JsonObject {
  const reference = schema["$ref"];
  if (typeof reference !== "string") return schema;
  const defs = workflowSchema["$defs"] as Readonly<Record<string, JsonObject>>;
  const { $ref: _, ...own } = schema;
  return { ...resolved(defs[reference.replace("#/$defs/", "")] ?? {}), ...own };
}

function kindOf(written: JsonObject): string {
  const schema = resolved(written);
  const type: JsonValue | undefined = schema["type"];
  if (isList(schema["enum"])) return schema["enum"].join(" | ");
  if (schema["const"] !== undefined) return String(schema["const"]);
  if (isList(type)) return type.map((one) => nameOf(String(one))).join(" or ");
  if (typeof type === "string") return nameOf(type);
  if (schema["if"] !== undefined) return "map or list"; // a block
  const choices = isList(schema["anyOf"])
    ? schema["anyOf"].filter(isObject).filter((one) => kindOf(one) !== "")
    : [];
  return [...new Set(choices.map(kindOf))].join(" or ");
}

function nameOf(type: string): string {
  const names: Readonly<Record<string, string>> = {
    object: "map",
    array: "list",
    string: "text",
    integer: "whole number",
  };
  return names[type] ?? type;
}

function sentence(schema: JsonObject): string {
  const description = resolved(schema)["description"];
  return typeof description === "string" ? description : "";
}
