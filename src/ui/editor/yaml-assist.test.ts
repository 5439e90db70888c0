import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { expect, it } from "vitest";
import { workflowSchema } from "../../core/definition/language/workflow-schema.ts";
import { yamlCompletionsOf, yamlMeaningAt } from "./yaml-assist.ts";

const agents = { current: ["pod-checker", "fixer"] };

/** What is offered at the bar of a text. */
function offered(marked: string): readonly string[] {
  const pos = marked.indexOf("|");
  const state = EditorState.create({ doc: marked.replace("|", "") });
  const result = yamlCompletionsOf(workflowSchema, agents)(new CompletionContext(state, pos, true));
  return result?.options.map(({ label }) => label) ?? [];
}

const head = "id: a\nname: A\nstart: first\nstates:\n";

it("a workflow is offered the names it has not yet, without their other spellings", () => {
  const names = offered("id: a\nname: A\n|\nstates: []\n");
  expect(names).toEqual(expect.arrayContaining(["version", "inputSchema", "start", "timeoutSeconds"]));
  for (const gone of ["id", "name", "states", "timeout_seconds"]) expect(names).not.toContain(gone);
});

it("a state is offered what its type knows, in a block as in braces", () => {
  const block = offered(
    `${head}  - name: first\n    type: switch\n    |\n  - name: second\n    type: timer\n`,
  );
  expect(block).toEqual(expect.arrayContaining(["conditions", "defaultNext", "dataPath"]));
  expect(block).not.toContain("expression");
  const braces = offered(`${head}  - { name: first, type: transform, | }\n`);
  expect(braces).toEqual(expect.arrayContaining(["expression", "resultPath", "next"]));
  expect(braces).not.toContain("conditions");
});

it("a state without a type is offered the type, and what all types know", () => {
  expect(offered(`${head}  - |\n`)).toEqual(expect.arrayContaining(["type", "name"]));
  expect(offered(`${head}  - name: first\n    type: |\n`)).toEqual(
    expect.arrayContaining(["operation", "switch", "foreach", "transform"]),
  );
});

it("what leads to a state is offered the states of the same list, and no others", () => {
  const text = (first: string, inner: string) =>
    `${head}  - name: first\n    type: inject\n    next: ${first}\n  - name: each\n    type: foreach\n    itemsPath: xs\n    iterator:\n      states:\n        - { name: probe, type: inject, data: {}, next: ${inner} }\n        - { name: tell, type: inject, data: {}, end: true }\n    next: last\n  - { name: last, type: inject, data: {}, end: true }\n`;
  expect(offered(text("|", "tell"))).toEqual(["first", "each", "last"]);
  expect(offered(text("each", "|"))).toEqual(["probe", "tell"]);
  expect(offered(`id: a\nstart: |\nstates:\n- name: first\n- name: second\n`)).toEqual(["first", "second"]);
  expect(
    offered(
      `${head}  - name: first\n    type: switch\n    conditions: [{ if: "a > 1", next: | }]\n  - name: b\n`,
    ),
  ).toEqual(["first", "b"]);
});

it("an agent is offered by its name, also within the input of an operation", () => {
  const text = (rest: string) =>
    `${head}  - name: first\n    type: operation\n    action: agent.run\n${rest}`;
  expect(offered(text("    agent: |\n"))).toEqual(agents.current);
  expect(offered(text("    input:\n      agent: p|\n"))).toEqual(agents.current);
  expect(offered(text("    input: { agent: | }\n"))).toEqual(agents.current);
  expect(offered(text("    |\n"))).toEqual(expect.arrayContaining(["agent", "retry", "onError"]));
});

it("nothing is offered in comments and in texts of many lines", () => {
  expect(offered(`${head}  # |\n`)).toEqual([]);
  expect(offered(`${head}  - name: first\n    type: transform\n    expression: >-\n      a|\n`)).toEqual([]);
});

it("of a name it is said what the language says of it", () => {
  const doc = `${head}  - { name: first, type: switch, defaultNext: b }\n`;
  const state = EditorState.create({ doc });
  expect(yamlMeaningAt(workflowSchema, state, doc.indexOf("efaultNext"))).toMatch(/./);
  expect(yamlMeaningAt(workflowSchema, state, doc.indexOf("first, "))).toBeNull();
});
