/** The frontmatter of a prompt file as people write them, and what has to come of it. */
export type Shape = readonly [name: string, frontmatter: string, agent: object, warnings?: readonly string[]];

const object = { type: "object" };
const rules = (change: object) => ({ rules: change });
const output = (schema: object) => ({ outputSchema: schema });

export const SHAPES: readonly Shape[] = [
  ["nothing but a model", "model: gpt-4o-mini", { name: "file-name", model: "gpt-4o-mini", tools: [] }],
  ["an empty frontmatter", "{}", { name: "file-name", model: "" }],
  ["comments only", "# model: gpt-4o", { name: "file-name" }],
  ["a provider and a model", "model: openai/gpt-4o", { model: "openai/gpt-4o" }],
  ["a quoted model", 'model: "gemini-2.5-flash"', { model: "gemini-2.5-flash" }],
  ["a local model", "model: ollama/llama3.1:8b", { model: "ollama/llama3.1:8b" }],
  ["metadata.name", "metadata:\n  name: Pod Checker", { name: "Pod Checker" }],
  ["metadata.name with a dash", 'metadata: { name: "cost-spike-analyzer" }', { name: "cost-spike-analyzer" }],
  ["a name at the top", "name: triage", { name: "triage" }],
  ["name at the top and in metadata, equal", "name: x\nmetadata: { name: x }", { name: "x" }],
  ["a description in metadata", "metadata: { description: Looks }", { description: "Looks" }],
  [
    "a folded description",
    "metadata:\n  description: >\n    Looks at\n    pods",
    { description: textOf("Looks at pods") },
  ],
  ["a description at the top", "description: Looks", { description: "Looks" }],
  ["tags in metadata", "metadata: { tags: [sre, k8s] }", {}],
  ["tags at the top", "tags: [sre]", {}],
  ["app and app_type", "app: investigations\napp_type: incidents", {}],
  ["max_steps", "max_steps: 8", rules({ maxSteps: 8 })],
  ["max_steps in metadata", "metadata: { max_steps: 3 }", rules({ maxSteps: 3 })],
  ["station.max_steps", "station: { max_steps: 4 }", rules({ maxSteps: 4 })],
  [
    "station with all its keys",
    "station: { max_steps: 4, timeout_seconds: 30, max_retries: 2 }",
    rules({ maxSteps: 4, timeoutSeconds: 30 }),
    ["UNSUPPORTED"],
  ],
  ["harness_config.max_steps", "harness_config: { max_steps: 5 }", rules({ maxSteps: 5 })],
  ["max_steps above metadata", "max_steps: 9\nmetadata: { max_steps: 3 }", rules({ maxSteps: 9 })],
  ["no max_steps", "model: x", rules({ maxSteps: 10 })],
  ["tools with a client prefix", 'tools:\n  - "__get_pods"\n  - __logs', { tools: ["__get_pods", "__logs"] }],
  ["tools without a prefix", "tools: [get_pods]", { tools: ["get_pods"] }],
  ["a tool of a server", "tools: [kubernetes.get_pods]", { tools: ["kubernetes.get_pods"] }],
  ["all tools of a server", "tools: [kubernetes/*]", { tools: ["kubernetes/*"] }],
  ["one tool as text", "tools: __get_pods", { tools: ["__get_pods"] }],
  ["an empty list of tools", "tools: []", { tools: [] }],
  ["tools without a value", "tools:", { tools: [] }],
  ["a tool twice", "tools: [a, a]", { tools: ["a"] }],
  ["tools with comments between", "tools:\n  - a # first\n  # - b\n  - c", { tools: ["a", "c"] }],
  [
    "a tool that is safe to repeat",
    "tools: [{ name: a, idempotent: true }]",
    rules({ repeatable: [{ tool: "a", isRepeatable: true }] }),
  ],
  [
    "a tool that only reads",
    "tools: [{ name: a, readOnly: true }]",
    rules({ repeatable: [{ tool: "a", isRepeatable: true }] }),
  ],
  [
    "a tool that is not safe, whatever its server says",
    "tools: [{ name: a, idempotent: false }]",
    rules({ repeatable: [{ tool: "a", isRepeatable: false }] }),
  ],
  [
    "a tool to be asked about",
    "tools: [{ name: a, onUnknown: ask }]",
    rules({ onUnknown: [{ tool: "a", action: "ask" }] }),
  ],
  ["tools of both forms", "tools: [a, { name: b }]", { tools: ["a", "b"] }],
  ["an agent among the tools", "tools: [__agent_pod_checker]", { tools: [], agents: ["pod_checker"] }],
  [
    "an agent under its long name",
    "tools: [mcp__station__agent__pod_checker]",
    { tools: [], agents: ["pod_checker"] },
  ],
  [
    "agents by name",
    "agents:\n  - Pod Checker\n  - log-analyzer",
    { agents: ["Pod Checker", "log-analyzer"] },
  ],
  ["agents and tools", "agents: [a]\ntools: [__agent_b, c]", { tools: ["c"], agents: ["a", "b"] }],
  [
    "bare built-ins of a harness",
    "tools: [bash, read]",
    { tools: ["bash", "read"] },
    ["UNSUPPORTED", "UNSUPPORTED"],
  ],
  [
    "output.schema as JSON Schema",
    "output:\n  schema:\n    type: object\n    properties:\n      status: { type: string }\n    required: [status]",
    output({ required: ["status"] }),
  ],
  ["output.schema with a format", "output: { format: json, schema: { type: object } }", output(object)],
  ["output.format alone", "output: { format: json }", {}],
  [
    "output.schema that is a list",
    "output: { schema: { type: array, items: { type: string } } }",
    output({ type: "array" }),
  ],
  [
    "output.schema with nested objects",
    "output: { schema: { type: object, properties: { a: { type: object, properties: { b: { type: array, items: { type: object } } } } } } }",
    output(object),
  ],
  [
    "output.schema with enum and bounds",
    "output: { schema: { type: object, properties: { level: { type: string, enum: [low, high] }, score: { type: number, minimum: 0, maximum: 1 } } } }",
    output(object),
  ],
  [
    "output.schema with $ref and $defs",
    "output: { schema: { $ref: '#/$defs/a', $defs: { a: { type: object } } } }",
    output({ $ref: "#/$defs/a" }),
  ],
  [
    "output.schema with anyOf",
    "output: { schema: { anyOf: [{ type: object }, { type: 'null' }] } }",
    output({ anyOf: anything() }),
  ],
  ["output.schema without any rule", "output: { schema: {} }", output({})],
  [
    "output_schema as JSON text",
    `output_schema: '{"type": "object", "required": ["a"]}'`,
    output({ required: ["a"] }),
  ],
  [
    "output_schema as a JSON block",
    'output_schema: |\n  {\n    "type": "object",\n    "properties": {"a": {"type": "string"}}\n  }',
    output(object),
  ],
  ["output_schema as a map", "output_schema: { type: object }", output(object)],
  ["output.preset", "output: { preset: investigation }", {}, ["UNSUPPORTED"]],
  [
    "input.schema as JSON Schema",
    "input: { schema: { type: object, properties: { a: { type: string } } } }",
    { inputSchema: object },
  ],
  ["input_schema as JSON text", `input_schema: '{"type": "object"}'`, { inputSchema: object }],
  ["input.default", "input: { default: { a: 1 } }", { inputSchema: { type: "object", default: { a: 1 } } }],
  [
    "input.default with a schema",
    "input: { default: { a: 1 }, schema: { type: object } }",
    { inputSchema: { default: { a: 1 } } },
  ],
  [
    "Picoschema",
    "input:\n  schema:\n    host: string",
    { inputSchema: { type: "object", properties: { host: { type: "string" } }, required: ["host"] } },
  ],
  [
    "Picoschema with descriptions",
    "input: { schema: { 'host': 'string, where to look' } }",
    { inputSchema: { properties: { host: { description: "where to look" } } } },
  ],
  [
    "Picoschema with an optional field",
    "input: { schema: { 'host?': string } }",
    { inputSchema: { properties: { host: { type: ["string", "null"] } } } },
  ],
  [
    "Picoschema with a list",
    "output: { schema: { 'pods(array)': string } }",
    output({ properties: { pods: { type: "array", items: { type: "string" } } } }),
  ],
  [
    "Picoschema with a list of objects",
    "output: { schema: { 'pods(array, all of them)': { name: string, 'ready?': boolean } } }",
    output({ properties: { pods: { description: "all of them", items: { required: ["name"] } } } }),
  ],
  [
    "Picoschema with an enum",
    "output: { schema: { 'level(enum)': [low, high] } }",
    output({ properties: { level: { enum: ["low", "high"] } } }),
  ],
  [
    "Picoschema with an enum as a list",
    "output: { schema: { level: [low, high] } }",
    output({ properties: { level: { enum: ["low", "high"] } } }),
  ],
  [
    "Picoschema with a wildcard",
    "output: { schema: { a: string, '(*)': number } }",
    output({ additionalProperties: { type: "number" } }),
  ],
  ["Picoschema with any", "output: { schema: { a: any } }", output({ properties: { a: {} } })],
  [
    "Picoschema with fields that are maps",
    "input: { schema: { host: { type: string, description: where, required: true }, port: { type: integer, required: false } } }",
    { inputSchema: { required: ["host"], properties: { port: { type: "integer" } } } },
  ],
  [
    "Picoschema with a bare list and object",
    "output: { schema: { pods: array, raw: object } }",
    output({ properties: { pods: { type: "array" }, raw: { type: "object" } } }),
  ],
  [
    "Picoschema with a field called type",
    "output: { schema: { type: string, name: string } }",
    output({ properties: { type: { type: "string" }, name: { type: "string" } } }),
  ],
  [
    "Picoschema with a field called type that says what it is",
    "output: { schema: { type: 'string, kind of it' } }",
    output({ properties: { type: { description: "kind of it" } } }),
  ],
  [
    "Picoschema nested",
    "output: { schema: { pod: { name: string, labels: { app: string } } } }",
    output({ properties: { pod: { properties: { labels: { type: "object" } } } } }),
  ],
  ["Picoschema as one word", "output: { schema: string }", output({ type: "string" })],
  [
    "a budget",
    "budget: { max_total_tokens: 1000, max_tool_calls: 5, max_cost_usd: 0.5 }",
    rules({ budget: { maxTotalTokens: 1000, maxToolCalls: 5, maxCostUsd: 0.5, onExceeded: "fail" } }),
  ],
  [
    "a budget that pauses",
    "budget: { max_total_tokens: 10, on_exceeded: pause }",
    rules({ budget: { onExceeded: "pause" } }),
  ],
  ["a budget in camel case", "budget: { maxToolCalls: 3 }", rules({ budget: { maxToolCalls: 3 } })],
  [
    "approvals",
    "approvals: { tools: [destructive], approvers: ['team:sre'], timeout: 1h }",
    rules({ approvals: { tools: ["destructive"], approvers: ["team:sre"], timeoutSeconds: 3600 } }),
  ],
  [
    "approvals as a list",
    "approvals: [apply_yaml]",
    rules({ approvals: { tools: ["apply_yaml"], approvers: [], timeoutSeconds: null } }),
  ],
  ["approvals of everything", 'approvals: "*"', rules({ approvals: { tools: ["*"] } })],
  ["onUnknown for all", "onUnknown: ask", rules({ onUnknown: [{ tool: "*", action: "ask" }] })],
  [
    "onUnknown by tool",
    "onUnknown: { apply: fail, get_pods: retry }",
    rules({
      onUnknown: [
        { tool: "apply", action: "fail" },
        { tool: "get_pods", action: "retry" },
      ],
    }),
  ],
  ["on_unknown", "on_unknown: retry", rules({ onUnknown: [{ action: "retry" }] })],
  ["a timeout of its own", "timeout_seconds: 90", rules({ timeoutSeconds: 90 })],
  ["config", "config: { temperature: 0.2, maxOutputTokens: 800 }", { raw: { config: { temperature: 0.2 } } }],
  ["a misspelled key of config", "config: { max_tokens: 800 }", {}, ["UNKNOWN_KEY"]],
  ["a number of config in quotes", "config: { temperature: '0.2' }", {}, ["WRONG_TYPE"]],
  ["a script", "model: station/script\nscript: [{ text: hi }]", { model: "station/script" }],
  ["schedule", "schedule: { cron: '0 * * * *', enabled: true, variables: { a: b } }", {}, ["UNSUPPORTED"]],
  ["sandbox as a word", "sandbox: python", {}, ["UNSUPPORTED"]],
  ["sandbox as a map", "sandbox: { runtime: python, timeout_seconds: 60 }", {}, ["UNSUPPORTED"]],
  ["coding", "coding: { backend: opencode }", {}, ["UNSUPPORTED"]],
  ["notify", "notify: true", {}, ["UNSUPPORTED"]],
  ["cloudshipai", "cloudshipai: { enabled: true }", {}, ["UNSUPPORTED"]],
  ["harness", "harness: agentic", {}, ["UNSUPPORTED"]],
  ["a misspelled key", "max_step: 3", rules({ maxSteps: 10 }), ["UNKNOWN_KEY"]],
  ["a misspelled key of metadata", "metadata: { nmae: x }", {}, ["UNKNOWN_KEY"]],
  ["a misspelled key of a budget", "budget: { max_tokens: 3 }", {}, ["UNKNOWN_KEY"]],
];

/** A body, what is said to the model for the task "look" with input {host: "web-1"}, and what stays empty. */
export type Body = readonly [
  name: string,
  body: string,
  messages: readonly (readonly [string, string])[],
  missing?: readonly string[],
];

export const BODIES: readonly Body[] = [
  [
    "roles and the task",
    '{{role "system"}}\nYou are.\n{{role "user"}}\n{{userInput}}\n',
    [
      ["system", "You are."],
      ["user", "look"],
    ],
  ],
  [
    "roles in single quotes",
    "{{role 'system'}}You are.{{role 'user'}}{{userInput}}",
    [
      ["system", "You are."],
      ["user", "look"],
    ],
  ],
  [
    "task instead of userInput",
    '{{role "system"}}You are.\n{{role "user"}}Do: {{task}}',
    [
      ["system", "You are."],
      ["user", "Do: look"],
    ],
  ],
  [
    "no role and no task",
    "You are an agent.\n",
    [
      ["system", "You are an agent."],
      ["user", "look"],
    ],
  ],
  ["no role, with the task", "Do this: {{userInput}}", [["user", "Do this: look"]]],
  [
    "a system role alone",
    '{{role "system"}}You are.',
    [
      ["system", "You are."],
      ["user", "look"],
    ],
  ],
  [
    "text before the first role",
    'Hello\n{{role "system"}}You are.\n{{role "user"}}{{userInput}}',
    [
      ["user", "Hello"],
      ["system", "You are."],
      ["user", "look"],
    ],
  ],
  [
    "an example answer",
    '{{role "user"}}hi{{role "model"}}hello{{role "user"}}{{userInput}}',
    [
      ["user", "hi"],
      ["assistant", "hello"],
      ["user", "look"],
    ],
  ],
  ["variables", '{{role "user"}}{{userInput}} at {{host}}', [["user", "look at web-1"]]],
  [
    "a variable that nobody gave",
    '{{role "user"}}{{userInput}} at {{place}}.',
    [["user", "look at ."]],
    ["place"],
  ],
  [
    "a condition",
    '{{role "user"}}{{userInput}}{{#if host}} at {{host}}{{else}} anywhere{{/if}}',
    [["user", "look at web-1"]],
  ],
  [
    "unless",
    '{{role "user"}}{{userInput}}{{#unless place}} anywhere{{/unless}}',
    [["user", "look anywhere"]],
    ["place"],
  ],
  [
    "each",
    '{{role "user"}}{{userInput}}:{{#each pods}} {{this.name}}{{@index}}{{/each}}',
    [["user", "look: a0 b1"]],
  ],
  ["with", '{{role "user"}}{{userInput}}{{#with first}} {{name}}{{/with}}', [["user", "look a"]]],
  ["json", '{{role "user"}}{{userInput}} {{json pods}}', [["user", 'look [{"name":"a"},{"name":"b"}]']]],
  [
    "json with an indent",
    '{{role "user"}}{{userInput}} {{json first indent=1}}',
    [["user", 'look {\n "name": "a"\n}']],
  ],
  [
    "ifEquals",
    '{{role "user"}}{{userInput}}{{#ifEquals host "web-1"}} yes{{else}} no{{/ifEquals}}',
    [["user", "look yes"]],
  ],
  [
    "unlessEquals",
    '{{role "user"}}{{userInput}}{{#unlessEquals host "web-1"}} yes{{else}} no{{/unlessEquals}}',
    [["user", "look no"]],
  ],
  [
    "history",
    '{{role "system"}}You are.{{history}}{{role "user"}}{{userInput}}',
    [
      ["system", "You are."],
      ["user", "look"],
    ],
  ],
  ["three braces", '{{role "user"}}{{{userInput}}}', [["user", "look"]]],
  ["a comment", '{{! never said }}{{role "user"}}{{userInput}}', [["user", "look"]]],
  ["quotes and angle brackets stay", '{{role "user"}}{{userInput}} "<a> & b"', [["user", 'look "<a> & b"']]],
  ["an escaped brace", '{{role "user"}}{{userInput}} \\{{host}}', [["user", "look {{host}}"]]],
  ["a path", '{{role "user"}}{{userInput}} {{first.name}} {{pods.[1].name}}', [["user", "look a b"]]],
  [
    "the reserved names",
    '{{role "user"}}{{userInput}} {{agentName}} {{environment}}',
    [["user", "look x default"]],
  ],
];

/** What cannot be used: the whole file, and the line on which that is said. */
export const BROKEN: readonly (readonly [name: string, text: string, line: number, message: RegExp])[] = [
  ["an empty file", "", 1, /must start with frontmatter/],
  ["no frontmatter", "You are.\n", 1, /must start with frontmatter/],
  ["a frontmatter that is never closed", "---\nmodel: x\nYou are.\n", 1, /never closed/],
  ["broken YAML", "---\nmodel: [\n---\nx\n", 3, /./],
  ["a key twice", "---\nmodel: a\nmodel: b\n---\nx\n", 3, /./],
  ["a frontmatter that is a list", "---\n- a\n---\nx\n", 2, /map/],
  ["no prompt", "---\nmodel: x\n---\n\n", 2, /no prompt/],
  [
    "role as a block",
    '---\nmodel: x\n---\n{{role "system"}}a\n{{#role "user"}}b{{/role}}\n',
    5,
    /is no block/,
  ],
  ["an unknown role", '---\nmodel: x\n---\n{{role "sytem"}}a\n', 4, /unknown role "sytem"/],
  ["a role without quotes", "---\nmodel: x\n---\n\n{{role system}}a\n", 5, /in quotes/],
  ["a role without a name", "---\nmodel: x\n---\n{{role}}a\n", 4, /takes one name/],
  ["the original's variables", "---\nmodel: x\n---\na\nb {{ .VAR }}\n", 5, /cannot be read/],
  ["braces that are not closed", "---\nmodel: x\n---\na {{userInput\n", 4, /cannot be read/],
  ["a block that is not closed", "---\nmodel: x\n---\na {{#if b}} c\n", 5, /cannot be read/],
  ["an unknown helper", "---\nmodel: x\n---\na {{upper host}}\n", 4, /no helper "upper"/],
  ["an unknown block", "---\nmodel: x\n---\na {{#loop b}}c{{/loop}}\n", 4, /no helper "loop"/],
  ["a partial", "---\nmodel: x\n---\na {{> header}}\n", 4, /no partials/],
  ["a decorator", '---\nmodel: x\n---\na {{* inline "x"}}\n', 4, /decorators|cannot be read/],
  [
    "a role in a block with an unknown name",
    '---\nmodel: x\n---\n{{#if a}}{{role "usr"}}{{/if}}b\n',
    4,
    /unknown role "usr"/,
  ],
  ["tools as a map", "---\ntools: { a: b }\n---\nx\n", 2, /list of tool names/],
  ["a tool that is a number", "---\ntools: [1]\n---\nx\n", 2, /must be text/],
  ["agents that are no texts", "---\nagents: [{}]\n---\nx\n", 2, /must be text/],
  ["max_steps as text", "---\nmax_steps: many\n---\nx\n", 2, /whole number/],
  ["max_steps of zero", "---\nmax_steps: 0\n---\nx\n", 2, /whole number/],
  ["a budget below one", "---\nbudget: { max_total_tokens: 0 }\n---\nx\n", 2, /whole number/],
  [
    "a budget that neither fails nor pauses",
    "---\nbudget: { on_exceeded: stop }\n---\nx\n",
    2,
    /fail, pause/,
  ],
  ["an onUnknown that does not exist", "---\nonUnknown: guess\n---\nx\n", 2, /tell, ask, retry, fail/],
  ["approvals without tools", "---\napprovals: { approvers: [a] }\n---\nx\n", 2, /names no tools/],
  [
    "Picoschema of an unknown type",
    "---\noutput: { schema: { a: text } }\n---\nx\n",
    2,
    /unknown type "text"/,
  ],
  [
    "Picoschema with an unknown container",
    "---\noutput: { schema: { 'a(list)': string } }\n---\nx\n",
    2,
    /is no field/,
  ],
  [
    "a schema that is a list of objects",
    "---\noutput: { schema: [{ a: b }] }\n---\nx\n",
    2,
    /must be a JSON Schema/,
  ],
  ["broken JSON as schema", `---\noutput_schema: '{"type": '\n---\nx\n`, 2, /not valid JSON/],
  ["two names that differ", "---\nname: a\nmetadata: { name: b }\n---\nx\n", 2, /mean the same and differ/],
];

function textOf(text: string): unknown {
  return { asymmetricMatch: (actual: unknown) => String(actual).trim() === text };
}

function anything(): unknown {
  return { asymmetricMatch: (actual: unknown) => actual !== undefined };
}

/** What every one of these agents is tried with. */
export const VARIABLES = {
  userInput: "look",
  task: "look",
  host: "web-1",
  pods: [{ name: "a" }, { name: "b" }],
  first: { name: "a" },
  agentName: "x",
  environment: "default",
};
