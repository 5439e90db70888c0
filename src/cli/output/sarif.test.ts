import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { expect, it } from "vitest";
import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import { sarifLog } from "./sarif.ts";

const finding: Diagnostic = {
  code: "AGENT_NOT_FOUND",
  severity: "error",
  path: "/states/0/agent",
  line: 3,
  column: 12,
  endColumn: 26,
  message: 'agent not found: "k8s-pod-cheker"',
  hint: 'did you mean "k8s-pod-checker"?',
};
const warning: Diagnostic = {
  code: "IMPLICIT_END",
  severity: "warning",
  path: "/states/1",
  line: 7,
  column: 5,
  message: "it ends here",
};

const log = sarifLog(
  [
    {
      file: "environments/default/workflows/größe 1.workflow.yaml",
      text: "",
      diagnostics: [finding, warning],
    },
    { file: "/elsewhere/a.workflow.yaml", text: null, diagnostics: [finding] },
    { file: "right.workflow.yaml", text: "", diagnostics: [] },
  ],
  "1.2.3",
);

const text = { type: "string", minLength: 1 };
const count = { type: "integer", minimum: 1 };
const index = { type: "integer", minimum: 0 };
const message = object({ text }, ["text"]);
const artifactLocation = object({ uri: { type: "string", format: "uri-reference" }, uriBaseId: text, index });

/** SARIF 2.1.0 §3, of what is written here: every object closed, every value as the standard has it. */
const standard = object(
  {
    $schema: { type: "string", format: "uri" },
    version: { const: "2.1.0" }, // §3.13.2
    runs: {
      type: "array",
      items: object(
        {
          // §3.18, §3.19: a tool has a driver, a driver a name, a rule an id that no other has
          tool: object(
            {
              driver: object(
                {
                  name: text,
                  semanticVersion: { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+" },
                  rules: {
                    type: "array",
                    uniqueItems: true,
                    items: object({ id: text, shortDescription: message }, ["id"]),
                  },
                },
                ["name"],
              ),
            },
            ["driver"],
          ),
          columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] }, // §3.14.27
          artifacts: { type: "array", uniqueItems: true, items: object({ location: artifactLocation }) },
          results: {
            type: "array",
            items: object(
              {
                ruleId: text,
                ruleIndex: index,
                level: { enum: ["none", "note", "warning", "error"] }, // §3.27.10
                message,
                locations: {
                  type: "array",
                  items: object({
                    physicalLocation: object(
                      {
                        artifactLocation,
                        // §3.30: lines and columns count from 1
                        region: object({ startLine: count, startColumn: count, endColumn: count }, [
                          "startLine",
                        ]),
                      },
                      ["artifactLocation"],
                    ),
                    logicalLocations: {
                      type: "array",
                      items: object({ fullyQualifiedName: { type: "string" }, kind: text }),
                    },
                  }),
                },
              },
              ["message"],
            ),
          },
        },
        ["tool"],
      ),
    },
  },
  ["version", "runs"],
);

function object(properties: object, required: readonly string[] = []) {
  return { type: "object", properties, required, additionalProperties: false };
}

function validator() {
  const ajv = new Ajv({ allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(standard);
}

it("keeps to the rules of the standard, with findings and without", () => {
  const validate = validator();
  for (const one of [log, sarifLog([], "1.2.3")]) {
    validate(one);
    expect(validate.errors).toBeNull();
  }
  expect(validate({ ...log, version: "2.2.0" })).toBe(false);
});

it("places every finding in its file, with what to do about it", () => {
  const [run] = log.runs;
  expect(run?.results[0]).toEqual({
    ruleId: "agent-not-found",
    ruleIndex: 0,
    level: "error",
    message: { text: 'agent not found: "k8s-pod-cheker" (did you mean "k8s-pod-checker"?)' },
    locations: [
      {
        physicalLocation: {
          artifactLocation: {
            uri: "environments/default/workflows/gr%C3%B6%C3%9Fe%201.workflow.yaml",
            uriBaseId: "%SRCROOT%",
            index: 0,
          },
          region: { startLine: 3, startColumn: 12, endColumn: 26 },
        },
        logicalLocations: [{ fullyQualifiedName: "/states/0/agent", kind: "member" }],
      },
    ],
  });
  expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(["agent-not-found", "implicit-end"]);
  expect(run?.results[2]?.locations[0]?.physicalLocation.artifactLocation).toEqual({
    uri: "file:///elsewhere/a.workflow.yaml",
    index: 1,
  });
});
