import { pointerTo } from "../../../src/core/definition/pointer.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../../src/core/json.ts";
import { readPath } from "../../../src/core/path.ts";
import { corpusAgents } from "../agents.ts";
import { eachState, type Kind, put, type RawState, rawStates } from "../mutate.ts";

const TEMPLATED = ["task", "message", "prompt"];

function texts({ pointer, state }: RawState): readonly (readonly [string, string])[] {
  return TEMPLATED.flatMap((key) => {
    const value = state[key];
    return typeof value === "string" ? [[`${pointer}/${key}`, value] as const] : [];
  });
}

/** The conditions and transforms of a state. */
function programs({ pointer, state }: RawState): readonly (readonly [string, string])[] {
  const arms = isList(state["conditions"]) ? state["conditions"] : [];
  const conditions = arms.flatMap((arm, index) => {
    const text = isObject(arm) ? arm["if"] : undefined;
    return typeof text === "string" ? [[`${pointer}/conditions/${index}/if`, text] as const] : [];
  });
  const { expression } = state;
  return typeof expression === "string" ? [...conditions, [`${pointer}/expression`, expression]] : conditions;
}

/** Something of another type than a schema asks for. */
function wrongFor(schema: JsonValue | undefined): JsonValue | null {
  const type = isObject(schema) ? schema["type"] : undefined;
  return type === "string"
    ? 5
    : type === "integer" || type === "number"
      ? "many"
      : type === "array"
        ? "one"
        : null;
}

function inputSchemaOf(name: JsonValue | undefined): JsonObject | null {
  return corpusAgents.find((agent) => agent.name === name)?.inputSchema ?? null;
}

/** The states before one in its list that always give the same known keys. */
function earlier(workflow: JsonObject, { pointer }: RawState): readonly string[] {
  const before = rawStates(workflow).filter(
    (raw) => raw.pointer < pointer && /^\/states\/\d$/.test(raw.pointer),
  );
  return before
    .filter(({ state }) => state["type"] === "inject" || state["type"] === "approval")
    .map(({ name }) => name)
    .filter((name) => /^\w+$/.test(name));
}

/** What is wrong with templates, expressions, and the data that flows. */
export const data: Readonly<Record<string, Kind>> = {
  "unclosed template": (workflow) =>
    eachState(workflow, (raw) => texts(raw).map(([at, text]) => put(workflow, at, `${text} {{ ctx.x`))),
  "empty template": (workflow) =>
    eachState(workflow, (raw) => texts(raw).map(([at, text]) => put(workflow, at, `${text} {{ }}`))),
  "bad template": (workflow) =>
    eachState(workflow, (raw) =>
      texts(raw).flatMap(([at, text]) => [
        put(workflow, at, `${text} {{ 1 + }}`),
        put(workflow, at, `${text} {{ ctx.a ctx.b }}`),
        put(workflow, at, `${text} {{ a ? b : c }}`),
      ]),
    ),
  "bad Starlark": (workflow) =>
    eachState(workflow, (raw) =>
      programs(raw).flatMap(([at, text]) => [
        put(workflow, at, `${text} ==`),
        put(workflow, at, `(${text}`),
        put(workflow, at, text.includes("==") ? text.replace("==", "===") : `${text} && True`),
      ]),
    ),
  "unknown name in a template": (workflow) =>
    eachState(workflow, (raw) =>
      texts(raw).map(([at, text]) => put(workflow, at, `${text} {{ steps.no_such_state.x }}`)),
    ),
  "unknown name in an expression": (workflow) =>
    eachState(workflow, (raw) =>
      programs(raw)
        .filter(([, text]) => !text.includes("\n"))
        .map(([at, text]) => put(workflow, at, `len(steps.no_such_state) > 0 or ${text}`)),
    ),
  "undeclared input": (workflow) =>
    isObject(workflow["inputSchema"]) && workflow["inputSchema"]["additionalProperties"] === false
      ? eachState(workflow, (raw) =>
          texts(raw).map(([at, text]) => put(workflow, at, `${text} {{ no_such_input }}`)),
        )
      : [],
  "value of another type than the agent asks for": (workflow) =>
    eachState(workflow, ({ pointer, state }) => {
      const schema = inputSchemaOf(state["agent"]);
      const properties = isObject(schema?.["properties"]) ? schema["properties"] : {};
      return Object.entries(properties).flatMap(([key, property]) => {
        const wrong = wrongFor(property);
        return wrong === null ? [] : [put(workflow, pointerTo(pointer, "input", "variables", key), wrong)];
      });
    }),
  "value outside of what the agent allows": (workflow) =>
    eachState(workflow, ({ pointer, state }) => [
      ...(state["agent"] === "ticket-writer"
        ? [put(workflow, `${pointer}/input/variables/severity`, "terrible")]
        : []),
      ...(state["agent"] === "cost-reporter" ? [put(workflow, `${pointer}/input/variables/days`, 365)] : []),
    ]),
  "value that the agent does not know": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      inputSchemaOf(state["agent"])?.["additionalProperties"] === false
        ? [put(workflow, `${pointer}/input/variables/colour`, "red")]
        : [],
    ),
  "agent whose output is not what the next one takes": (workflow) =>
    eachState(workflow, ({ pointer, state }) => {
      const next = rawStates(workflow).find(({ name }) => name === state["next"]);
      const needs = next && inputSchemaOf(next.state["agent"])?.["required"];
      const given = readPath(next?.state, ["input", "variables"]);
      if (state["type"] !== "agent" || !next || !isList(needs)) return [];
      const lacks = needs.some(
        (key) => typeof key === "string" && !(isObject(given) && Object.hasOwn(given, key)),
      );
      if (!lacks) return [];
      return [{ ...put(workflow, `${pointer}/agent`, "health-checker"), at: `${next.pointer}/agent` }];
    }),
  "path to nothing": (workflow) =>
    eachState(workflow, (raw) =>
      earlier(workflow, raw).flatMap((name) =>
        texts(raw).map(([at, text]) => put(workflow, at, `${text} {{ steps.${name}.nope }}`)),
      ),
    ),
  "dataPath to nothing": (workflow) =>
    eachState(workflow, (raw) =>
      raw.state["type"] === "switch"
        ? earlier(workflow, raw).map((name) => put(workflow, `${raw.pointer}/dataPath`, `steps.${name}.nope`))
        : [],
    ),
  "items that are no list": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      Object.hasOwn(state, "itemsPath")
        ? ["steps", ...(isObject(workflow["inputSchema"]) ? ["workflow.id"] : [])].map((path) =>
            put(workflow, `${pointer}/itemsPath`, path),
          )
        : [],
    ),
  "result of a state that comes later": (workflow) =>
    eachState(workflow, (raw) => {
      const last = raw.siblings.at(-1) ?? "";
      const isBefore = raw.pointer.startsWith("/states/0") && !raw.isLast && /^\w+$/.test(last);
      const hasLoop = JSON.stringify(workflow).includes('"timer"');
      return isBefore && !hasLoop && /^\/states\/0$/.test(raw.pointer)
        ? texts(raw).map(([at, text]) => put(workflow, at, `${text} {{ steps.${last}.x }}`))
        : [];
    }),
  "output that leads nowhere": (workflow) => [put(workflow, "/output", "steps.no_such_state.x")],
  "schedule whose input the workflow refuses": (workflow) => {
    const required = isObject(workflow["inputSchema"]) ? workflow["inputSchema"]["required"] : null;
    const [name] = isList(required) ? required : [];
    if (typeof name !== "string") return [];
    return [put(workflow, "/schedule", { cron: "@daily", input: { [name]: null } })];
  },
};
