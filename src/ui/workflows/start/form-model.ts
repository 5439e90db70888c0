import { define, isList, isObject, type JsonObject, type JsonValue } from "../../../core/json.ts";
import { parseJson } from "../../kit/parse-json.ts";

/** A field of a form that was made from a schema. */
export type FormField = {
  /** JSON pointer into the input: `/service`, `/limits/cpu`. */
  readonly pointer: string;
  readonly key: string;
  readonly label: string;
  readonly description: string | null;
  readonly isRequired: boolean;
  readonly control: Control;
  readonly initial: JsonValue | undefined;
};

type Control =
  | { readonly kind: "text" | "number" | "integer" | "boolean" }
  | { readonly kind: "choice"; readonly choices: readonly JsonValue[] }
  | { readonly kind: "group"; readonly fields: readonly FormField[] }
  /** A list, a row for each item; in the draft it is JSON. Without names the items are values themselves. */
  | { readonly kind: "rows"; readonly columns: readonly Column[]; readonly isOfObjects: boolean }
  /** What no control fits: a list of lists, anything with several shapes. */
  | { readonly kind: "json"; readonly shape: string };

/** A field of the items of a list. */
export type Column = Pick<FormField, "key" | "label" | "isRequired"> & { readonly control: Cell };

type Rows = Extract<Control, { readonly kind: "rows" }>;
type Cell = Extract<Control, { readonly kind: "text" | "number" | "integer" | "boolean" | "choice" }>;

/** What was typed so far, by pointer; a field that was left alone is not in it. */
export type Draft = Readonly<Record<string, string>>;

/** The fields of an object's schema, in its order. */
export function fieldsOf(schema: JsonObject | undefined, at = ""): readonly FormField[] {
  const properties = schema?.["properties"];
  if (!isObject(properties)) return [];
  const required = isList(schema?.["required"]) ? schema["required"] : [];
  return Object.entries(properties).map(([key, value]) => {
    const below = isObject(value) ? value : {};
    const pointer = `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    return {
      pointer,
      key,
      label: typeof below["title"] === "string" ? below["title"] : key,
      description: typeof below["description"] === "string" ? below["description"] : null,
      isRequired: required.includes(key),
      control: controlOf(below, pointer),
      initial: below["default"],
    };
  });
}

function controlOf(schema: JsonObject, pointer: string): Control {
  if (isList(schema["enum"]) && schema["enum"].length > 0) return { kind: "choice", choices: schema["enum"] };
  switch (schema["type"]) {
    case "string":
      return { kind: "text" };
    case "number":
    case "integer":
    case "boolean":
      return { kind: schema["type"] };
    case "object": {
      const fields = fieldsOf(schema, pointer);
      return fields.length > 0 ? { kind: "group", fields } : { kind: "json", shape: "object" };
    }
    case "array": {
      const columns = columnsOf(schema["items"], pointer);
      return columns === null ? { kind: "json", shape: "array" } : { kind: "rows", ...columns };
    }
    default:
      return { kind: "json", shape: typeof schema["type"] === "string" ? schema["type"] : "value" };
  }
}

/** Of items that are plain values, or objects of such; null for any others. */
function columnsOf(
  items: JsonValue | undefined,
  pointer: string,
): { readonly columns: readonly Column[]; readonly isOfObjects: boolean } | null {
  if (!isObject(items)) return null;
  if (items["type"] !== "object") {
    const control = controlOf(items, pointer);
    if (!isCell(control)) return null;
    const label = typeof items["title"] === "string" ? items["title"] : "Value";
    return { columns: [{ key: "", label, isRequired: false, control }], isOfObjects: false };
  }
  const columns = fieldsOf(items, pointer).flatMap(({ key, label, isRequired, control }) =>
    isCell(control) ? [{ key, label, isRequired, control }] : [],
  );
  const isPlain = columns.length > 0 && columns.length === fieldsOf(items, pointer).length;
  return isPlain ? { columns, isOfObjects: true } : null;
}

function isCell(control: Control): control is Cell {
  return control.kind !== "group" && control.kind !== "rows" && control.kind !== "json";
}

/** What an item of a list means whose cells are still as they were typed. */
function meantBy({ columns, isOfObjects }: Rows, item: JsonValue): JsonValue {
  const [only] = columns;
  if (!isOfObjects) return only ? cellValue(only.control, item) : item;
  if (!isObject(item)) return item;
  const meant: JsonObject = { ...item };
  for (const { key, control } of columns)
    if (Object.hasOwn(item, key)) define(meant, key, cellValue(control, item[key] ?? null));
  return meant;
}

/** What a cell means: what cannot be read stays a text, for the server to say what it should be. */
function cellValue(control: Cell, cell: JsonValue): JsonValue {
  if (typeof cell !== "string" || cell === "") return cell;
  const read = readControl(control, cell);
  return "value" in read ? read.value : cell;
}

/** What the form shows for an input; without one, the schema's defaults. */
export function draftOf(fields: readonly FormField[], input?: JsonObject): Draft {
  const entries = fields.flatMap((field): (readonly [string, string])[] => {
    const value = input === undefined ? field.initial : own(input, field.key);
    if (field.control.kind === "group")
      return Object.entries(draftOf(field.control.fields, isObject(value) ? value : input && {}));
    return value === undefined ? [] : [[field.pointer, written(field.control, value)]];
  });
  return Object.fromEntries(entries);
}

/** The input that a draft means, and what of it cannot be understood. */
export function inputOf(
  fields: readonly FormField[],
  draft: Draft,
  base: JsonObject = {},
): { readonly input: JsonObject; readonly wrong: Readonly<Record<string, string>> } {
  const known = new Set(fields.map(({ key }) => key));
  // What the form has no field for stays as it was written in the JSON.
  const input = Object.fromEntries(Object.entries(base).filter(([key]) => !known.has(key)));
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    if (field.control.kind === "group") {
      const before = own(base, field.key);
      const below = inputOf(field.control.fields, draft, isObject(before) ? before : {});
      Object.assign(wrong, below.wrong);
      if (field.isRequired || Object.keys(below.input).length > 0) define(input, field.key, below.input);
      continue;
    }
    const text = draft[field.pointer];
    if (text === undefined || text === "") continue;
    const read = readControl(field.control, text);
    if ("value" in read) define(input, field.key, read.value);
    else wrong[field.pointer] = read.wrong;
  }
  return { input, wrong };
}

function readControl(
  control: Exclude<Control, { kind: "group" }>,
  text: string,
): { readonly value: JsonValue } | { readonly wrong: string } {
  switch (control.kind) {
    case "text":
      return { value: text };
    case "boolean":
      return { value: text === "true" };
    case "choice": {
      const value = control.choices.find((choice) => choiceText(choice) === text);
      return value === undefined ? { wrong: "This is none of the choices" } : { value };
    }
    case "number":
    case "integer": {
      const value = Number(text.trim());
      if (text.trim() === "" || !Number.isFinite(value)) return { wrong: `“${text}” is not a number` };
      if (control.kind === "integer" && !Number.isInteger(value))
        return { wrong: `“${text}” is not a whole number` };
      if (/^[+-]?\d+$/.test(text.trim()) && !Number.isSafeInteger(value))
        return { wrong: `“${text}” has more digits than a number keeps` };
      return { value };
    }
    case "rows":
    case "json": {
      const parsed = parseJson(text);
      if (!parsed.ok) return { wrong: parsed.message };
      const { value } = parsed;
      const isRows = control.kind === "rows" && isList(value);
      return { value: isRows ? value.map((item) => meantBy(control, item)) : value };
    }
  }
}

/** A choice as it is shown. */
export function choiceText(choice: JsonValue): string {
  return typeof choice === "string" ? choice : JSON.stringify(choice);
}

function written({ kind }: Control, value: JsonValue): string {
  if (kind === "json" || kind === "rows") return JSON.stringify(value, null, 2);
  return choiceText(value);
}

function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The server's faults by the field they are about; what belongs to none is in `rest`. */
export function faultsByField(
  fields: readonly FormField[],
  faults: readonly { readonly pointer: string; readonly message: string; readonly hint?: string }[],
): { readonly at: Readonly<Record<string, string>>; readonly rest: readonly string[] } {
  const pointers = leavesOf(fields);
  const at: Record<string, string> = {};
  const rest: string[] = [];
  for (const { pointer, message, hint } of faults) {
    const said = hint === undefined ? message : `${message} – ${hint}`;
    const inside = pointer.replace(/^\/input/, "");
    const field = pointers.find((one) => inside === one || inside.startsWith(`${one}/`));
    if (field === undefined) rest.push(`${inside === "" ? "" : `${inside}: `}${said}`);
    else at[field] ??= inside === field ? said : `${inside.slice(field.length)}: ${said}`;
  }
  return { at, rest };
}

function leavesOf(fields: readonly FormField[]): readonly string[] {
  return fields.flatMap(({ pointer, control }) =>
    control.kind === "group" ? leavesOf(control.fields) : [pointer],
  );
}
