import { expect, it } from "vitest";
import { readDefinition } from "../adapters/files/definition.ts";
import { workflowSchema } from "../core/definition/language/workflow-schema.ts";
import { routeList } from "./contract.ts";
import { EXAMPLE, llmsText } from "./llms.ts";

it("the page for language models shows a workflow that is one", () => {
  const { definition, diagnostics } = readDefinition({
    text: EXAMPLE,
    format: "yaml",
    file: "w.workflow.yaml",
  });
  expect(diagnostics).toEqual([]);
  expect(definition?.states.map(({ type }) => type)).toEqual([
    "operation",
    "switch",
    "operation",
    "operation",
    "inject",
  ]);
  expect(llmsText()).toContain(`\`\`\`yaml\n${EXAMPLE}\`\`\``);
});

it("it names every type of state and every route", () => {
  const text = llmsText();
  const { state } = workflowSchema["$defs"] as Record<string, { properties: { type: { enum: string[] } } }>;
  const named = [...text.matchAll(/^- `(\w+)`: \S/gm)].map(([, name]) => name);
  const spellings = "human_approval set context for loop sleep delay wait await await.signal try_catch".split(
    " ",
  );
  const types = state?.properties.type.enum.filter((type) => !spellings.includes(type));
  expect(named.sort()).toEqual(types?.sort());
  for (const [, { method, path }] of routeList) expect(text).toContain(`\`${method.toUpperCase()} ${path}\``);
  expect(text).not.toMatch(/undefined|null/);
});
