import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEFAULT_RULES } from "../../core/agent/rules.ts";
import { readPrompt } from "./prompt.ts";

function read(text: string, file = "agents/pod checker.prompt") {
  return readPrompt({ text, file, environment: "default" });
}

/** A prompt file with the given frontmatter, which starts on line 2. */
function prompt(...frontmatter: readonly string[]): string {
  return `---\n${frontmatter.join("\n")}\n---\n{{role "user"}}\n{{userInput}}\n`;
}

function findings(text: string) {
  return read(text).diagnostics.map(({ code, severity, line, column }) => [code, severity, line, column]);
}

test("a prompt file becomes an agent with all its names", () => {
  const text = prompt(
    "model: station/script",
    "metadata: { name: Pod Checker!, description: Looks at pods, tags: [k8s] }",
    "max_steps: 7",
    "tools: [__kubectl]",
    "output: { schema: { type: object, properties: { pods: { type: array } } } }",
    "script: [{ sleep_ms: 5 }, { output: { pods: [] } }]",
  );
  const { agent, diagnostics } = read(text);
  expect(diagnostics).toEqual([]);
  expect(agent).toEqual({
    name: "Pod Checker!",
    aliases: ["Pod Checker!", "pod checker", "pod-checker"],
    file: "agents/pod checker.prompt",
    environment: "default",
    checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    model: "station/script",
    description: "Looks at pods",
    outputSchema: { type: "object", properties: { pods: { type: "array" } } },
    schemasAt: { outputSchema: { path: "/output/schema", line: 6, column: 11, endColumn: 17 } },
    script: [{ sleep_ms: 5 }, { output: { pods: [] } }],
    body: '{{role "user"}}\n{{userInput}}\n',
    bodyLine: 9,
    tools: ["__kubectl"],
    agents: [],
    rules: { ...DEFAULT_RULES, maxSteps: 7 },
    raw: expect.objectContaining({ tools: ["__kubectl"] }),
    warnings: [],
  });
});

test("without a name the file's name is the agent's", () => {
  expect(read(prompt("model: gpt-4o")).agent).toMatchObject({
    name: "pod checker",
    rules: DEFAULT_RULES,
    description: null,
  });
});

test.each([
  ["name at the top", "name: x", { name: "x" }],
  ["description at the top", "description: x", { description: "x" }],
  ["max_steps in metadata", "metadata: { max_steps: 3 }", { rules: { maxSteps: 3 } }],
  ["max_steps in station", "station: { max_steps: 4, timeout_seconds: 9 }", { rules: { maxSteps: 4 } }],
  ["max_steps in harness_config", "harness_config: { max_steps: 5 }", { rules: { maxSteps: 5 } }],
  ["output_schema as JSON text", `output_schema: '{"type": "object"}'`, { outputSchema: { type: "object" } }],
  ["output_schema as a map", "output_schema: { type: object }", { outputSchema: { type: "object" } }],
  [
    "Picoschema whose fields are called as keywords",
    "output_schema: { items: array, title: string }",
    { outputSchema: { properties: { items: { type: "array" }, title: { type: "string" } } } },
  ],
  ["input_schema as a map", "input_schema: { type: object }", { inputSchema: { type: "object" } }],
  [
    "input.default",
    "input: { default: { a: 1 }, schema: { type: object } }",
    { inputSchema: { type: "object", default: { a: 1 } } },
  ],
  [
    "input.default alone",
    "input: { default: { a: 1 } }",
    { inputSchema: { type: "object", default: { a: 1 } } },
  ],
])("%s is understood", (_name, line, expected) => {
  const { agent, diagnostics } = read(prompt(line));
  expect(diagnostics).toEqual([]);
  expect(agent).toMatchObject(expected);
});

test("a byte order mark, blank and comment lines may stand before the frontmatter, lines still count from the top", () => {
  const { agent, diagnostics } = read(`\uFEFF\n# a comment\n${prompt("model: x", "zzz: 1")}`);
  expect(agent).not.toBeNull();
  expect(diagnostics).toMatchObject([{ code: "UNKNOWN_KEY", severity: "warning", line: 5, column: 1 }]);
});

test("Windows line ends", () => {
  const { agent, diagnostics } = read(prompt("model: x").replaceAll("\n", "\r\n"));
  expect(diagnostics).toEqual([]);
  expect(agent).toMatchObject({ model: "x", body: '{{role "user"}}\r\n{{userInput}}\r\n' });
});

test("--- in the prompt is part of the prompt", () => {
  expect(read("---\nmodel: x\n---\na\n---\nb\n").agent?.body).toBe("a\n---\nb\n");
});

test.each<[string, string, readonly (readonly [string, string, number, number])[]]>([
  ["no frontmatter", "You are an agent.\n", [["SYNTAX", "error", 1, 1]]],
  ["an empty file", "", [["SYNTAX", "error", 1, 1]]],
  ["frontmatter that is never closed", "# c\n---\nmodel: x\nYou are\n", [["SYNTAX", "error", 2, 1]]],
  ["broken YAML", "---\nmodel: x\nmetadata: { name: a\n---\nx\n", [["SYNTAX", "error", 4, 1]]],
  ["a duplicate key", prompt("model: x", "model: y"), [["DUPLICATE_KEY", "error", 3, 1]]],
  ["no prompt and no script", "---\nmodel: x\n---\n\n", [["SYNTAX", "error", 2, 1]]],
  ["a list as frontmatter", prompt("- a"), [["WRONG_TYPE", "error", 2, 1]]],
  [
    "Picoschema of an unknown type",
    prompt("input:", "  schema:", "    name: text"),
    [["INVALID_SCHEMA", "error", 4, 11]],
  ],
  [
    "Picoschema with a field called type",
    prompt("output:", "  schema: { type: Kind of it }"),
    [["INVALID_SCHEMA", "error", 3, 19]],
  ],
  ["Picoschema as an unknown word", prompt("output: { schema: text }"), [["INVALID_SCHEMA", "error", 2, 19]]],
  ["a schema that is a list", prompt("output: { schema: [a] }"), [["INVALID_SCHEMA", "error", 2, 19]]],
  ["broken JSON as schema", prompt(`output_schema: '{"type": '`), [["INVALID_SCHEMA", "error", 2, 16]]],
  ["a name with a slash", prompt("name: a/b"), [["INVALID_NAME", "error", 2, 7]]],
  [
    "two names that differ",
    prompt("name: a", "metadata: { name: b }"),
    [["CONFLICTING_KEYS", "error", 2, 1]],
  ],
  ["a bad max_steps", prompt("max_steps: many"), [["WRONG_TYPE", "error", 2, 12]]],
  [
    "approvers who are nobody",
    prompt("approvals:", "  tools: [destructive]", '  approvers: ["user:ana", sre, "{{ owner }}"]'),
    [
      ["INVALID_APPROVERS", "error", 4, 27],
      ["INVALID_APPROVERS", "error", 4, 32],
    ],
  ],
  [
    "a misspelt word for tools that need an approval",
    prompt("approvals: [k8s/*, destructve, Destructive, destructive, describe]"),
    [
      ["INVALID_VALUE", "error", 2, 20],
      ["INVALID_VALUE", "error", 2, 32],
    ],
  ],
  ["an unknown key", prompt("modle: x"), [["UNKNOWN_KEY", "warning", 2, 1]]],
  ["an unknown key of metadata", prompt("metadata: { nmae: x }"), [["UNKNOWN_KEY", "warning", 2, 13]]],
  [
    "an unknown key of station",
    prompt("station: { max_stepz: 4, foo: 1 }"),
    [
      ["UNKNOWN_KEY", "warning", 2, 12],
      ["UNKNOWN_KEY", "warning", 2, 26],
    ],
  ],
  [
    "an unknown key of harness_config",
    prompt("harness_config: { steps: 4 }"),
    [["UNKNOWN_KEY", "warning", 2, 19]],
  ],
  [
    "what of station and harness_config is not supported",
    prompt("station: { max_retries: 3 }", "harness_config: { timeout: 30m }"),
    [
      ["UNSUPPORTED", "warning", 2, 12],
      ["UNSUPPORTED", "warning", 3, 19],
    ],
  ],
  [
    "a built-in tool of the original",
    prompt("tools: [bash, files.read, { name: write, idempotent: true }, __grep]"),
    [
      ["UNSUPPORTED", "warning", 2, 9],
      ["UNSUPPORTED", "warning", 2, 35],
    ],
  ],
  ["a map that is none", prompt("station: 4"), [["WRONG_TYPE", "error", 2, 10]]],
  [
    "what is not supported",
    prompt("sandbox: true", "output: { preset: investigation }"),
    [
      ["UNSUPPORTED", "warning", 2, 1],
      ["UNSUPPORTED", "warning", 3, 11],
    ],
  ],
])("%s is said with line and column", (_name, text, expected) => {
  expect(findings(text)).toEqual(expected);
  expect(read(text).agent === null).toBe(expected.some(([, severity]) => severity === "error"));
});

const examples = new URL("../../../environments/default/agents/", import.meta.url);

test.each(readdirSync(examples))("the example %s is an agent without a single finding", (file) => {
  const { agent, diagnostics } = read(readFileSync(new URL(file, examples), "utf8"), `agents/${file}`);
  expect(diagnostics).toEqual([]);
  expect(agent).toMatchObject({ model: "station/script", name: file.replace(".prompt", "") });
});

test("what takes the place of a tool of the original, or of a key, is said", () => {
  const text = prompt("tools: [bash, read]", "station: { max_stepz: 4, max_retries: 1 }");
  expect(read(text).diagnostics.map(({ message, hint }) => [message, hint])).toEqual([
    [
      '"tools" of the agent: the built-in tool "bash" is not supported, tools are those of MCP servers',
      'add a server to mcp-servers: one that runs commands, and write "<server>.<tool>"',
    ],
    [
      '"tools" of the agent: the built-in tool "read" is not supported, tools are those of MCP servers',
      'add a server to mcp-servers: @modelcontextprotocol/server-filesystem has "<server>.read_text_file"',
    ],
    ['"station" of the agent has no key "max_stepz"', 'did you mean "max_steps"?'],
    [
      '"max_retries" of "station" of the agent is not supported yet',
      'write "retry" at the state of the workflow that names the agent',
    ],
  ]);
});
