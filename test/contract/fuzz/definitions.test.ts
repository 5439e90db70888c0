import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { createUnderstudy } from "../../../src/adapters/agents/understudy.ts";
import { readDefinition } from "../../../src/adapters/files/definition.ts";
import { parseSource } from "../../../src/adapters/files/yaml.ts";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import { createStarlark } from "../../../src/adapters/starlark/starlark.ts";
import type { Diagnostic } from "../../../src/core/definition/diagnostic.ts";
import type { Definition } from "../../../src/core/definition/types.ts";
import type { JsonValue } from "../../../src/core/json.ts";
import { type RehearsalPorts, rehearse } from "../../../src/engine/rehearsal/rehearse.ts";
import { createImport } from "../../../src/main/import.ts";
import { corpusAgents } from "../../corpus/agents.ts";
import { createChecker } from "../definition/checker.ts";
import { found, fuzz, inTime, TIMEOUT_MS } from "./fuzzing.ts";
import { mutatedText, mutatedValue } from "./hostile.ts";

const corpus = join(import.meta.dirname, "../../corpus/valid");
const texts = readdirSync(corpus).map((name) => readFileSync(join(corpus, name), "utf8"));
const values = texts.map((text) => parseSource(text, "yaml").value as JsonValue);
const checker = createChecker(corpusAgents);
const expressions = createStarlark();
const schemas = createSchemas();
const understudy = createUnderstudy(async () => corpusAgents, schemas);
const importText = createImport({ environmentsDir: "environments" });
beforeAll(() => expressions.ready());
afterAll(() => Promise.all([checker.close(), expressions.close()]));

/** What an accepted definition is rehearsed for, at most: one may loop for ever. */
const MOST_CALLS = 300;
const ENOUGH = "enough of it was seen";

/** It is refused with places an author can find, or it is one that can be run. */
async function isReadOrRefused(text: string): Promise<void> {
  const { definition, errors, warnings } = await checker.check(text);
  const lines = text.split("\n").length;
  for (const one of [...errors, ...warnings]) expectPlace(one, lines);
  if (errors.length > 0 || !definition) {
    expect(errors).not.toEqual([]);
    return;
  }
  await isRun(definition);
}

function expectPlace({ line, column, message }: Diagnostic, lines: number): void {
  expect(message).not.toMatch(/^$|undefined|\[object/);
  expect(line).toBeGreaterThanOrEqual(1);
  expect(line).toBeLessThanOrEqual(lines);
  expect(column).toBeGreaterThanOrEqual(1);
}

async function isRun(definition: Definition): Promise<void> {
  let calls = 0;
  const counted = <Arguments extends readonly unknown[], Result>(call: (...args: Arguments) => Result) => {
    return (...args: Arguments): Result => {
      if (++calls > MOST_CALLS) throw new Error(ENOUGH);
      return call(...args);
    };
  };
  const ports: RehearsalPorts = {
    expressions: { ...expressions, evaluate: counted(expressions.evaluate) },
    schemas,
    understudy: { perform: counted(understudy.perform) },
  };
  const scenario = {
    input: {},
    agents: {},
    workflows: {},
    approvals: {},
    signals: [],
    assumesConsent: true,
  } as const;
  try {
    await rehearse(ports, { definition, environment: "default", version: 1, scenario });
  } catch (error) {
    if (!(error instanceof Error) || error.message !== ENOUGH) throw error;
  }
}

const written = fc.oneof(
  mutatedText(texts),
  mutatedValue(values).map((value) => stringify(value)),
  mutatedValue(values).map((value) => JSON.stringify(value)),
);

test.each(found("definitions"))("a definition that once broke something: $name", ({ text }) =>
  inTime(text, isReadOrRefused),
);

test(
  "whatever is sent as a workflow is refused at a place in its text, or can be run",
  () => fuzz(written, isReadOrRefused),
  TIMEOUT_MS,
);

test(
  "what is read from JSON is what is read from the same text as YAML",
  () =>
    fuzz(mutatedValue(values), (value) => {
      const text = JSON.stringify(value);
      const [yaml, json] = (["yaml", "json"] as const).map(
        (format) => readDefinition({ text, format, file: "workflow" }).definition,
      );
      expect(json).toEqual(yaml);
    }),
  TIMEOUT_MS,
);

const foreign = parseSource(
  String.raw`
document: { dsl: "1.0.0", namespace: shop, name: order, version: "0.2.0", title: Order }
timeout: { after: { hours: 5 } }
do:
  - prepare: { set: { limit: 3, who: "\${ .customer.name }" } }
  - check: { call: checker, with: { task: "\${ \"Look at \" + .who }", limit: "\${ .limit }" } }
  - decide: { switch: [{ risky: { when: .score > 2, then: stop } }, { fine: { then: each } }] }
  - each: { for: { each: item, in: .items, at: i }, do: [{ one: { set: { a: "\${ .item }" } } }] }
  - both: { fork: { branches: [{ a: { wait: { minutes: 1 } } }, { b: { listen: { to: { one: {} } } } }] } }
  - safe: { try: [{ x: { call: shipper } }], catch: { retry: { limit: { attempt: { count: 2 } } } } }
  - stop: { raise: { error: { type: t, status: 400 } } }
`.replaceAll("\\$", "$"),
  "yaml",
).value as JsonValue;

test(
  "whatever is imported is refused at a place in its text, or comes out as a workflow",
  () =>
    fuzz(mutatedValue([foreign]), async (value) => {
      const text = stringify(value);
      const { yaml, diagnostics } = await importText({ text, format: "yaml", file: "order.yaml" });
      expect(yaml === null).toBe(diagnostics.length > 0);
      for (const one of diagnostics) expect(one.line).toBeGreaterThanOrEqual(1);
    }),
  TIMEOUT_MS,
);
