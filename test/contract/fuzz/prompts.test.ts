import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderPrompt } from "../../../src/adapters/agents/render.ts";
import { openTemplates, type Templates } from "../../../src/adapters/agents/template.ts";
import { keepingLog, request } from "../../../src/adapters/agents/test-agents.ts";
import { readPrompt } from "../../../src/adapters/files/prompt.ts";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import { createStarlark } from "../../../src/adapters/starlark/starlark.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { fillTemplate } from "../../../src/engine/fill-template.ts";
import { systemClock } from "../../../src/main/clock.ts";
import { createTestRunner } from "../../support/agent-runner.ts";
import { found, fuzz, inTime, TIMEOUT_MS } from "./fuzzing.ts";
import { hostileText, hostileValue, mutatedText } from "./hostile.ts";

const folder = join(import.meta.dirname, "../../../environments/default/agents");
const SCRIPT = `---
model: station/script
metadata: { name: Script }
input:
  default: { namespace: default }
  schema: { type: object, properties: { namespace: { type: string, pattern: "^[a-z-]+$" } } }
output: { schema: { $ref: "#/$defs/a", $defs: { a: { type: object, properties: { said: {} } } } } }
script:
  - attempt: 1
    error: { code: flaky, message: "no route to {{namespace}}", retryable: true }
  - output: { said: "{{input.namespace}} {{task}}", list: ["{{namespace}}"] }
---
{{role "system"}}You are {{name}}.{{#each items}}{{@index}} {{this.a}}{{/each}}
{{role "user"}}{{#ifEquals a "b"}}{{json input indent=2}}{{else}}{{userInput}}{{/ifEquals}}
`;
const texts = [
  SCRIPT,
  ...readdirSync(folder)
    .filter((name) => name.endsWith(".prompt"))
    // A script that sleeps as it says tries nothing else meanwhile.
    .map((name) => readFileSync(join(folder, name), "utf8").replace(/sleep_ms: \d+/g, "sleep_ms: 0")),
];
const schemas = createSchemas();
const expressions = createStarlark();
let templates: Templates;
beforeAll(async () => {
  await expressions.ready();
  templates = await openTemplates();
});
afterAll(() => expressions.close());

type Case = { readonly text: string; readonly variables: JsonObject };

/** The file is refused at a line of it, or is an agent that answers or fails; its prompt can be filled in or says why. */
async function isReadOrRefused({ text, variables }: Case): Promise<void> {
  const { agent, diagnostics } = readPrompt({ text, file: "agents/a.prompt", environment: "default" });
  for (const { line, message } of diagnostics) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(text.split("\n").length);
    expect(message).not.toMatch(/^$|\[object/);
  }
  if (agent === null) {
    expect(diagnostics).not.toEqual([]);
    return;
  }
  const runner = createTestRunner({
    load: async () => ({ agents: [agent], problems: [] }),
    schemas,
    clock: systemClock,
    log: keepingLog(),
  });
  expect(await runner.list("default")).toHaveLength(1);
  if (agent.script !== undefined) {
    const { status } = await runner.run(request(agent.name, { variables }), AbortSignal.timeout(500));
    expect(["completed", "failed"]).toContain(status);
  }
  const template = templates(agent.body);
  if (template.ok) renderPrompt(agent, template, variables);
  else expect(template.problems).not.toEqual([]);
}

const variables = fc.dictionary(
  fc.oneof(
    fc.constantFrom("namespace", "items", "a", "name", "input", "task", "this", "userInput"),
    hostileText,
  ),
  hostileValue,
  { maxKeys: 5 },
) as fc.Arbitrary<JsonObject>;

test.each(found("prompts"))("a prompt that once broke something: $name", ({ text }) =>
  inTime({ text, variables: {} }, isReadOrRefused),
);

test(
  "whatever stands in a prompt file is refused at a line of it, or is an agent that answers or fails",
  () => fuzz(fc.record({ text: mutatedText(texts), variables }), isReadOrRefused),
  TIMEOUT_MS,
);

const TEMPLATES = [
  "{{ ctx.a[0].b }} and {{ input.name }}",
  "{{ [x for x in input.list] }}",
  '{{ "}}" + str(input.n) }}',
  "{{input}}",
];

test(
  "a template of any text is filled in, or the answer says what is wrong with it",
  () =>
    fuzz(fc.record({ text: mutatedText(TEMPLATES, 3), scope: variables }), async ({ text, scope }) => {
      const filled = await fillTemplate({ expressions }, text, { ctx: {}, input: { list: [1] }, ...scope });
      if (!filled.ok) expect(filled.message).not.toMatch(/^$|\[object/);
    }),
  TIMEOUT_MS,
);
