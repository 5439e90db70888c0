import { expect, test } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { createCatalogue } from "./catalogue.ts";
import { agent, loading } from "./test-agents.ts";

const clock = { now: () => 0, random: () => 0 };

/** What a list says of an agent whose prompt begins on line 5 of its file. */
async function said(body: string, inputSchema?: JsonObject) {
  const parts = { body, bodyLine: 5, ...(inputSchema && { inputSchema }) };
  const catalogue = createCatalogue({ load: loading(agent("a", parts)), clock });
  const [info] = await catalogue.list("default");
  return info?.problems.map(({ code, severity, line, column, message, hint }) => [
    `${severity} ${code} ${line}:${column}`,
    message,
    hint,
  ]);
}

const pods = { type: "array", items: { type: "object", properties: { name: { type: "string" } } } };
const schema = { type: "object", properties: { namespace: { type: "string" }, pods } };

test("a variable that the input schema does not declare is a warning in the line of the file", async () => {
  const body =
    '{{role "system"}}You look after {{namespace}}.\n{{#if nosuch}}{{json nosuch}}{{/if}} {{ namespce }}';
  expect(await said(body, schema)).toEqual([
    [
      "warning UNKNOWN_NAME 6:7",
      'the prompt reads "nosuch", which the input schema does not declare',
      'declare "nosuch" in the input schema',
    ],
    [
      "warning UNKNOWN_NAME 6:41",
      'the prompt reads "namespce", which the input schema does not declare',
      'did you mean "namespace"?',
    ],
  ]);
});

test.each<[string, string, JsonObject | undefined]>([
  ["what every prompt has", "{{task}} {{userInput}} {{agentName}} {{environment}}", schema],
  [
    "names of items, and of what is around them",
    "{{#each pods}}{{name}} {{@index}} {{../namespace}}{{/each}}",
    schema,
  ],
  ["what may be an item's", "{{#each pods}}{{#each this}}{{../name}}{{/each}}{{/each}}", schema],
  ["what has a default", "{{region}}", { ...schema, default: { region: "eu" } }],
  ["anything, where nothing is declared", "{{nosuch}}", undefined],
  ["anything, where more may come", "{{nosuch}}", { ...schema, additionalProperties: true }],
  ["anything, where it is declared elsewhere", "{{nosuch}}", { ...schema, allOf: [{ type: "object" }] }],
])("nothing is said of %s", async (_what, body, inputSchema) => {
  expect(await said(body, inputSchema)).toEqual([]);
});

test("what goes on around the items of a list is told from them", async () => {
  expect(await said("{{#each pods}}{{../nosuch}}{{/each}}", schema)).toMatchObject([
    ["warning UNKNOWN_NAME 5:17", expect.stringContaining('"nosuch"'), expect.anything()],
  ]);
});
