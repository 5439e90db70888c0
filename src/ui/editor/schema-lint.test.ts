import { json } from "@codemirror/lang-json";
import { EditorState } from "@codemirror/state";
import { expect, it } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { faultsOfJson } from "./schema-lint.ts";

const schema: JsonObject = {
  type: "object",
  required: ["service", "replicas"],
  properties: {
    service: { type: "string" },
    severity: { enum: ["low", "high"] },
    replicas: { type: "integer", default: 2 },
    owner: { type: ["string", "null"] },
    limits: { type: "object", additionalProperties: false, properties: { cpu: { type: "number" } } },
    hosts: { type: "array", items: { type: "object", required: ["name"], properties: { name: {} } } },
  },
};

/** `the text at its place: what is wrong with it`. */
function faults(doc: string, by: JsonObject = schema): readonly string[] {
  const state = EditorState.create({ doc, extensions: [json()] });
  return faultsOfJson(by, state).map(({ from, to, message }) => `${doc.slice(from, to)}: ${message}`);
}

it("an input that the schema takes is left alone, also where a default is left out", () => {
  expect(faults('{ "service": "a", "severity": "low", "owner": null, "limits": { "cpu": 0.5 } }')).toEqual(
    [],
  );
  expect(faults("")).toEqual([]);
  expect(faults('{ "anything": 1 }', {})).toEqual([]);
});

it("what is missing, of another type or none of the choices is marked where it stands", () => {
  expect(faults('{ "replicas": 1.5, "severity": "hihg" }')).toEqual([
    "1.5: This is a number, and should be a whole number",
    '"hihg": This is none of "low", "high": did you mean "high"?',
    '{: "service" is missing',
  ]);
  expect(faults('{ "service": "a", "hosts": [{ "name": "x" }, {}, 3] }')).toEqual([
    '{: "name" is missing',
    "3: This is a number, and should be an object",
  ]);
  expect(faults("[]")).toEqual(["[]: This is a list, and should be an object"]);
  expect(faults('{ "service": "a", "owner": 1 }')).toEqual([
    "1: This is a number, and should be a text or null",
  ]);
});

it("an unknown key is wrong where the schema is closed, and pointed out where it is not", () => {
  const doc = '{ "servce": "a", "service": "a", "limits": { "memory": 1 } }';
  const state = EditorState.create({ doc, extensions: [json()] });
  expect(faultsOfJson(schema, state).map(({ severity, message }) => [severity, message])).toEqual([
    ["warning", 'The schema names no "servce": did you mean "service"?'],
    ["error", 'There is no "memory": it knows cpu'],
  ]);
  expect(faults('{ "x": 1 }', { ...schema, required: [], additionalProperties: true })).toEqual([]);
  expect(faults('{ "x": 1 }', { ...schema, required: [], anyOf: [{}] })).toEqual([]);
});

it("a text that is no JSON is marked where it stops being that", () => {
  expect(faults('{ "service": }')[0]).toMatch(/^\W*: This is not JSON: /);
  expect(faults('{ "service": "a" ')).toHaveLength(1);
  expect(faults("{ service: 1 }")[0]).toMatch(/^s[^{]*: This is not JSON/);
});
