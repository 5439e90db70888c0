import { CompletionContext } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { EditorState } from "@codemirror/state";
import { expect, it } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { completionsOf, meaningAt } from "./schema-assist.ts";

const schema: JsonObject = {
  type: "object",
  required: ["service"],
  properties: {
    service: { type: "string", description: "What is looked at" },
    severity: { enum: ["low", "high"], default: "low" },
    dryRun: { type: "boolean" },
    limits: { type: "object", properties: { cpu: { type: "number", default: 0.5 } } },
    hosts: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
  },
};

/** What is offered at the bar of a text. */
function offered(marked: string): readonly string[] {
  const pos = marked.indexOf("|");
  const state = EditorState.create({ doc: marked.replace("|", ""), extensions: [json()] });
  const result = completionsOf(schema)(new CompletionContext(state, pos, true));
  return result?.options.map(({ label }) => label) ?? [];
}

it("an object is offered the names it has not yet, also while one is being typed", () => {
  expect(offered("{|}")).toEqual(['"service"', '"severity"', '"dryRun"', '"limits"', '"hosts"']);
  expect(offered('{ "service": "a", "se| }')).toEqual(['"severity"', '"dryRun"', '"limits"', '"hosts"']);
  expect(offered('{ "limits": { | } }')).toEqual(['"cpu"']);
  expect(offered('{ "hosts": [{ "n|" }] }')).toEqual(['"name"']);
});

it("a value is offered what it may be", () => {
  expect(offered('{ "severity": | }')).toEqual(['"low"', '"high"']);
  expect(offered('{ "dryRun": t| }')).toEqual(["true", "false"]);
  expect(offered('{ "limits": { "cpu": | } }')).toEqual(["0.5"]);
  expect(offered('{ "service": | }')).toEqual([]);
});

it("of a key and its value it is said what the schema says of it", () => {
  const doc = '{ "service": "checkout", "severity": "low", "limits": { "cpu": 1 } }';
  const state = EditorState.create({ doc, extensions: [json()] });
  expect(meaningAt(schema, state, doc.indexOf("eckout"))).toBe("string – What is looked at");
  expect(meaningAt(schema, state, doc.indexOf("ervice"))).toBe("string – What is looked at");
  expect(meaningAt(schema, state, doc.indexOf("everity"))).toBe('one of "low", "high" · default "low"');
  expect(meaningAt(schema, state, doc.indexOf("cpu"))).toBe("number · default 0.5");
  expect(meaningAt(schema, state, 1)).toBe("object");
});
