import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { readDefinition } from "../../../src/adapters/files/definition.ts";
import { workflowSchema } from "../../../src/core/definition/language/workflow-schema.ts";
import type { JsonValue } from "../../../src/core/json.ts";
import { brokenWorkflows } from "../../corpus/broken.ts";

const ajv = new Ajv2020({ strict: false, allErrors: true });
const validate = ajv.compile(workflowSchema);
const complaints = (value: JsonValue | undefined) => {
  validate(value);
  return (validate.errors ?? []).filter(({ keyword }) => keyword !== "if");
};
const read = (text: string) => readDefinition({ text, format: "yaml", file: "x.yaml" }).value;

const folders = ["test/corpus/valid", "environments/default/workflows", "test/chaos/workflows"];
const valid = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml") && !name.endsWith(".test.yaml"))
    .map((name) => `${folder}/${name}`),
);

test("is a schema by its own standard", () => {
  expect(ajv.validateSchema(workflowSchema)).toBe(true);
});

test.each(valid)("%s passes", (file) => {
  const text = readFileSync(file, "utf8");
  expect(complaints(read(text))).toEqual([]);
});

/** What a schema can see: shapes and words, not what leads where. */
const SHAPES = [
  "unknown key",
  "unknown key of the workflow",
  "misspelled key",
  "missing key",
  "missing name",
  "missing id",
  "unknown state type",
  "unknown action",
  "no states",
  "state that is no map",
];

const everyBroken = brokenWorkflows(1, 40);

test.each(SHAPES)("finds every workflow with this wrong with it: %s", (kind) => {
  const broken = everyBroken.filter((one) => one.kind === kind);
  expect(broken.length).toBeGreaterThan(2);
  const missed = broken.filter(({ text }) => complaints(read(text)).length === 0);
  expect(missed.map(({ file, at }) => `${file} ${at}`)).toEqual([]);
});
