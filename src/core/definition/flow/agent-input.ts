import { isList, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { pointerKeys } from "../pointer.ts";
import { explain, type Finding } from "../schema/finding.ts";
import { fits, undecided } from "../schema/fits.ts";
import {
  anyObject,
  emptyObject,
  type ObjectVariant,
  objectsIn,
  type Shape,
  scalar,
  shapeOfValue,
} from "../schema/shape.ts";
import type { AgentState } from "../types.ts";
import { overlay } from "./overlay.ts";
import { filled, type View } from "./scene.ts";

/** What must be known of an agent to follow data through it; no schema, nothing known. */
export type AgentSchemas = {
  readonly name: string;
  /** Every spelling a workflow may use. */
  readonly aliases: readonly string[];
  readonly inputSchema?: JsonObject | null;
  readonly outputSchema?: JsonObject | null;
};

/** A finding, and the canonical key of the state that it is about. */
export type InputFinding = Finding & { readonly key: string; readonly text: string };

/**
 * How what flows into an agent may break its schema. The input is put together as `adapters/agents/input.ts` does
 * it: the schema's default < the previous result < variables < task.
 */
export function judgeInput(view: View, state: AgentState, schema: JsonObject): readonly InputFinding[] {
  const { inputs, reserved, flowsThrough } = inputsOf(view, state, schema);
  return fits(inputs, schema)
    .filter((finding) => isWorthSaying(finding, state, flowsThrough))
    .map((finding) => ({ ...finding, key: keyOf(finding, state, reserved), text: explain(finding) }));
}

/** What of an agent's input nothing is known of, though its schema asks for something. */
export function undecidedInput(view: View, state: AgentState, schema: JsonObject): readonly Finding[] {
  return undecided(inputsOf(view, state, schema).inputs, schema);
}

/** What may flow into an agent, whichever way it comes. */
function inputsOf(view: View, state: AgentState, schema: JsonObject) {
  const written = writtenVariables(view, state);
  const fallback = isObject(schema["default"]) ? shapeOfValue(schema["default"]) : [emptyObject];
  const [base = emptyObject] = fallback === "unknown" ? [] : objectsIn(fallback);
  const inherited = inheritedFrom(view.scene.previous).map((object) => declaredOnly(schema, object));
  const reserved = reservedNames(schema, state);
  const inputs = inherited.map((object) => overlay(overlay(overlay(base, object), written), reserved));
  const flowsThrough = inherited.some((object) => brings(object, schema, written));
  return { inputs, reserved, flowsThrough };
}

function writtenVariables(view: View, state: AgentState): ObjectVariant {
  const shape = state.variables === undefined ? [emptyObject] : filled(view, state.variables);
  const [variables = emptyObject] = shape === "unknown" ? [anyObject] : objectsIn(shape);
  return variables;
}

/** A previous result that is no object gives nothing. */
function inheritedFrom(previous: Shape): readonly ObjectVariant[] {
  if (previous === "unknown") return [anyObject];
  const objects = objectsIn(previous);
  return objects.length < previous.length || objects.length === 0 ? [...objects, emptyObject] : objects;
}

/** What a closed schema has no place for is not handed on. */
function declaredOnly(schema: JsonObject, object: ObjectVariant): ObjectVariant {
  if (schema["additionalProperties"] !== false || schema["patternProperties"] !== undefined) return object;
  const properties = [...object.properties].filter(([key]) => declares(schema, key));
  return { ...object, properties: new Map(properties) };
}

function reservedNames(schema: JsonObject, { task }: AgentState): ObjectVariant {
  const isComposed = ["$ref", "allOf", "anyOf", "oneOf"].some((keyword) => Object.hasOwn(schema, keyword));
  const names = task === undefined ? [] : ["userInput", "task"];
  const declared = names.filter((name) => isComposed || declares(schema, name));
  const text = { shape: scalar("string"), always: true };
  return { ...emptyObject, properties: new Map(declared.map((name) => [name, text])) };
}

function declares({ properties, required }: JsonObject, key: string): boolean {
  return (
    (isObject(properties) && Object.hasOwn(properties, key)) || (isList(required) && required.includes(key))
  );
}

/** True when the agent takes something from the result before it: then what is missing there matters. */
function brings(object: ObjectVariant, schema: JsonObject, written: ObjectVariant): boolean {
  return [...object.properties.keys()].some((key) => declares(schema, key) && !written.properties.has(key));
}

/** An optional field is only missed where its neighbours come from the previous result (PRD §9.3). */
function isWorthSaying({ kind, pointer }: Finding, state: AgentState, flowsThrough: boolean): boolean {
  if (kind !== "missing-optional") return true;
  const [root = "", ...below] = pointerKeys(pointer);
  if (Object.hasOwn(state.variables ?? {}, root)) return false;
  if (below.length === 0 && ["userInput", "task"].includes(root)) return false;
  return flowsThrough;
}

function keyOf({ pointer }: Finding, state: AgentState, reserved: ObjectVariant): string {
  const [root] = pointerKeys(pointer);
  const first = pointer.split("/")[1] ?? "";
  if (root !== undefined && reserved.properties.has(root)) return "task";
  if (root !== undefined && Object.hasOwn(state.variables ?? {}, root)) return `variables/${first}`;
  return "agent";
}

/** What to do about it. */
export function inputHint(
  { kind, pointer, severity }: Finding,
  state: AgentState,
  view: View,
  schema: JsonValue,
): string | undefined {
  const [root, ...below] = pointerKeys(pointer);
  if (root === undefined || below.length > 0) return undefined;
  if (kind === "unknown-property")
    return `agent "${state.agent}" takes ${namesOf(schema).join(", ") || "nothing"}`;
  if (kind !== "missing" && kind !== "missing-optional") return undefined;
  const source = sourceOf(view, root);
  if (source !== null) return `write it in "variables": ${root}: "{{ ${source} }}"`;
  const when = severity === "warning" && kind === "missing" ? " on every path" : "";
  return `provide "${root}"${when}, or write it in "variables"`;
}

function namesOf(schema: JsonValue): readonly string[] {
  return isObject(schema) && isObject(schema["properties"]) ? Object.keys(schema["properties"]) : [];
}

/** Where the context has something of that name. */
function sourceOf({ context }: View, name: string): string | null {
  if (!/^[A-Za-z_]\w*$/.test(name)) return null;
  if (context.properties.get(name)?.always) return name;
  const steps = context.properties.get("steps")?.shape;
  for (const object of steps === undefined || steps === "unknown" ? [] : objectsIn(steps))
    for (const [step, { shape, always }] of object.properties) {
      const holders = shape === "unknown" ? [] : objectsIn(shape);
      if (always && /^[\w-]+$/.test(step) && holders.some((holder) => holder.properties.get(name)?.always))
        return `steps.${step}.${name}`;
    }
  return null;
}
