import { expect, it } from "vitest";
import { isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { STATE_TYPES } from "../normalise/state-types.ts";
import { normalise } from "../normalise.ts";
import { workflowSchema } from "./workflow-schema.ts";

const defs = workflowSchema["$defs"] as Readonly<Record<string, JsonObject>>;

/** The parser and the schema are two texts about one language: each key of the one must be a key of the other. */
const unknownTo = (definition: JsonObject): readonly string[] =>
  normalise(definition).issues.flatMap(({ code, path }) => (code === "UNKNOWN_KEY" ? [path] : []));

const keysOf = (schema: JsonObject | undefined): JsonObject =>
  Object.fromEntries(Object.keys((schema?.["properties"] ?? {}) as JsonObject).map((key) => [key, null]));

it("has a schema for every spelling of a state's type", () => {
  const { properties } = defs["state"] as { properties: { type: { enum: JsonValue } } };
  expect(properties.type.enum).toEqual(Object.keys(STATE_TYPES));
});

it("allows no key of the workflow that the parser does not know", () => {
  expect(unknownTo({ ...keysOf(workflowSchema), states: [{ name: "a" }] })).toEqual([]);
});

const types = Object.entries(STATE_TYPES).map(([written, { type, action }]) => {
  if (action === "human.approval") return [written, "approvalState"] as const;
  if (action === "workflow.run") return [written, "callState"] as const;
  return [written, type === "operation" ? "agentState" : `${type}State`] as const;
});

it.each(types)("allows no key of a state of type %s that the parser does not know", (written, name) => {
  const schema = defs[name];
  const { input, join, onError, retry } = (schema?.["properties"] ?? {}) as Record<
    string,
    JsonObject | undefined
  >;
  const state = {
    ...keysOf(schema),
    type: written,
    ...(input && { input: keysOf(input) }),
    ...(join && { join: keysOf(join) }),
    ...(onError && { onError: keysOf(onError) }),
    ...(retry && { retry: keysOf(retry) }),
    ...(written === "operation" && { action: "agent.run" }),
  };
  expect(unknownTo({ id: "x", states: [state] })).toEqual([]);
});

it.each(types)("offers a timeout for a state of type %s if it has an effect there", (written, name) => {
  const offered = (defs[name]?.["properties"] ?? {}) as Readonly<Record<string, JsonObject>>;
  const state = { name: "a", type: written, ...(written === "operation" && { action: "agent.run" }) };
  const { issues } = normalise({ id: "x", states: [{ ...state, timeoutSeconds: 5 }] });
  expect(offered["timeoutSeconds"]?.["deprecated"] === true).toBe(
    issues.some(({ code }) => code === "NO_EFFECT"),
  );
});

it.each([
  ["user:ana@example.com", true],
  ["{{ input.owner }}", true],
  ["team:{{ input.team }}", true],
  ["$.owner", true],
  ["$" + "{owner}", true],
  ["ana", false],
  ["$owner", false],
])("lets %s approve, or not, as the parser does", (approver, may) => {
  const { pattern } = defs["approver"] as { pattern: string };
  const ask = { name: "a", type: "approval", message: "Go?", approvers: [approver], end: true };
  const errors = normalise({ id: "x", states: [ask] }).issues;
  expect([new RegExp(pattern, "u").test(approver), errors.length === 0]).toEqual([may, may]);
});

it("does not say that an escalation's note decides how people are told", () => {
  const { notify } = (defs["escalation"]?.["properties"] ?? {}) as Readonly<Record<string, JsonObject>>;
  expect(notify?.["description"]).toMatch(/It chooses no channel/);
});

it("says of every key what it is for", () => {
  const silent: string[] = [];
  const look = (schema: JsonValue | undefined, path: string): void => {
    if (!isObject(schema)) return;
    for (const [key, below] of Object.entries((schema["properties"] ?? {}) as JsonObject)) {
      const isSaid = isObject(below) && ("description" in below || "$ref" in below || "const" in below);
      if (!isSaid) silent.push(`${path}/${key}`);
      look(below, `${path}/${key}`);
    }
  };
  look(workflowSchema, "");
  for (const [name, schema] of Object.entries(defs)) if (name !== "operationState") look(schema, name);
  expect(silent).toEqual([]);
});
