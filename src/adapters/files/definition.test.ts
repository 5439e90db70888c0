import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readDefinition } from "./definition.ts";

/** `»` marks where the finding must be placed; it is not part of the text. */
function marked(text: string) {
  const before = text.slice(0, text.indexOf("»")).split("\n");
  return { text: text.replace("»", ""), line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

function read(text: string, format: "yaml" | "json" = "yaml") {
  return readDefinition({ text, format, file: "w.yaml" });
}

/** A workflow with one state of the given lines. */
function state(...lines: readonly string[]): string {
  return `id: w\nstates:\n  - name: s\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

const agent = ["type: agent", "agent: a", "end: true"];
const approval = ["type: approval", "message: m", "end: true"];
const parallel = ["type: parallel", "end: true"];

type Row = [what: string, code: string, text: string, hint?: RegExp];

const ERRORS: Row[] = [
  ["not a map", "WRONG_TYPE", "»- a\n- b\n"],
  ["empty text", "WRONG_TYPE", "»"],
  ["no id", "MISSING_KEY", "»name: x\nstates: [{ name: s, type: inject, data: {}, end: true }]\n"],
  ["a bad id", "INVALID_NAME", 'id: »"a b"\nstates: [{ name: s, type: inject, data: {}, end: true }]\n'],
  [
    "a number as id",
    "WRONG_TYPE",
    "id: »7\nstates: [{ name: s, type: inject, data: {}, end: true }]\n",
    /quotes/,
  ],
  ["no states", "EMPTY_WORKFLOW", "id: w\nstates: »[]\n"],
  ["states that are no list", "WRONG_TYPE", "id: w\nstates: »{ a: 1 }\n"],
  ["an unknown key", "UNKNOWN_KEY", `»stats: 1\n${state(...agent)}`, /did you mean "states"/],
  ["an unknown key of a state", "UNKNOWN_KEY", state(...agent, "»resultpath: x"), /"resultPath"/],
  ["an unknown key of input", "UNKNOWN_KEY", state(...agent, "input: { »varables: {} }"), /"variables"/],
  ["a stray key of input", "UNKNOWN_KEY", state(...agent, "input: { »namespace: x }"), /under "variables"/],
  ["variables beside input", "UNKNOWN_KEY", state(...agent, "»variables: {}"), /under "input"/],
  ["retry of an approval", "UNKNOWN_KEY", state(...approval, "»retry: { maxAttempts: 2 }")],
  ["an unknown type", "UNKNOWN_STATE_TYPE", state("type: »operaton", "end: true"), /"operation"/],
  ["no type", "MISSING_KEY", state("end: true").replace("name: s", "»name: s")],
  [
    "a cron state that is not the start",
    "INVALID_VALUE",
    state(...agent.slice(0, 2), "next: t").concat("  - { name: t, type: »cron, end: true }\n"),
  ],
  [
    "an unknown action",
    "UNKNOWN_ACTION",
    state("type: operation", "action: »agent.rnu", "end: true"),
    /"agent.run"/,
  ],
  ["a call of nothing", "MISSING_KEY", `id: w\nstates:\n  - »name: s\n    type: workflow\n    end: true\n`],
  [
    "no action",
    "MISSING_KEY",
    state("type: operation", "end: true").replace("name: s", "»name: s"),
    /agent.run/,
  ],
  ["no agent", "MISSING_KEY", state("type: agent", "end: true").replace("name: s", "»name: s")],
  ["an empty agent", "MISSING_KEY", state("type: agent", 'agent: »""', "end: true")],
  ["no name", "MISSING_KEY", "id: w\nstates:\n  - »type: inject\n    data: {}\n    end: true\n"],
  ["an empty name", "INVALID_NAME", state(...agent).replace("name: s", 'name: »""')],
  ["a name with a slash", "INVALID_NAME", state(...agent).replace("name: s", "name: »a/b")],
  ["a name with a control character", "INVALID_NAME", state(...agent).replace("name: s", 'name: »"a\\tb"')],
  ["a name with half a character", "INVALID_NAME", state(...agent).replace("name: s", 'name: »"a\\uD83D"')],
  [
    "a name that is too long",
    "INVALID_NAME",
    state(...agent).replace("name: s", `name: »${"x".repeat(129)}`),
  ],
  ["a number as name", "INVALID_NAME", state(...agent).replace("name: s", "name: »5"), /quotes/],
  [
    "two states of one name",
    "DUPLICATE_NAME",
    `${state("type: agent", "agent: a", "next: s")}  - { name: »s, type: inject, data: {}, end: true }\n`,
  ],
  [
    "two branches of one name",
    "DUPLICATE_NAME",
    state(...parallel, "branches: [{ name: b, agent: a }, { name: »b, agent: a }]"),
  ],
  [
    "both spellings, different",
    "CONFLICTING_KEYS",
    state("type: agent", "agent: a", "next: s", "»transition: t"),
    /keep "next"/,
  ],
  ["next and end", "CONFLICTING_KEYS", state("type: agent", "agent: a", "next: s", "»end: true")],
  ["two timeouts, different", "CONFLICTING_KEYS", state(...agent, "timeoutSeconds: 60", "»timeout: 2m")],
  ["type and action, different", "CONFLICTING_KEYS", state(...approval, "action: »agent.run")],
  [
    "onError and continueOnError",
    "CONFLICTING_KEYS",
    state("type: agent", "agent: a", "onError: { next: s }", "»continueOnError: true", "end: true"),
  ],
  ["a bad duration", "INVALID_DURATION", state(...agent, "timeout: »5x")],
  ["a duration as seconds", "INVALID_DURATION", state(...agent, 'timeoutSeconds: »"90s"'), /write 90/],
  ["a timeout of nothing", "INVALID_DURATION", state(...agent, "timeoutSeconds: »0")],
  ["a duration in months", "INVALID_DURATION", state("type: timer", "duration: »P1M", "end: true")],
  [
    "a time without a zone",
    "INVALID_DURATION",
    state("type: timer", "until: »2026-01-01T10:00:00", "end: true"),
  ],
  [
    "a timer without anything",
    "MISSING_KEY",
    state("type: timer", "end: true").replace("name: s", "»name: s"),
  ],
  [
    "a timer with both",
    "CONFLICTING_KEYS",
    state("type: timer", "duration: 1s", "»until: 2026-01-01T10:00:00Z", "end: true"),
  ],
  ["a retry without attempts", "MISSING_KEY", state(...agent, "retry: »{ backoffSeconds: 1 }")],
  ["zero attempts", "INVALID_RETRY", state(...agent, "retry: { maxAttempts: »0 }")],
  ["half an attempt", "INVALID_RETRY", state(...agent, "retry: { maxAttempts: »1.5 }")],
  ["a shrinking backoff", "INVALID_RETRY", state(...agent, "retry: { maxAttempts: 2, multiplier: »0.5 }")],
  [
    "a limit below the backoff",
    "INVALID_RETRY",
    state(...agent, "retry: { maxAttempts: 2, backoffSeconds: 9, maxBackoffSeconds: »5 }"),
  ],
  ["a bad backoff", "INVALID_DURATION", state(...agent, "retry: { maxAttempts: 2, backoff: »soon }")],
  ["a number as retry", "WRONG_TYPE", state(...agent, "retry: »3")],
  ["an unknown key of retry", "UNKNOWN_KEY", state(...agent, "retry: { maxAttempts: 2, »delay: 3 }")],
  [
    "a bad approver",
    "INVALID_APPROVERS",
    state(...approval, "approvers: [team:a, »bob@example.com]"),
    /user:bob/,
  ],
  ["an unknown kind of approver", "INVALID_APPROVERS", state(...approval, "approvers: [»group:a]")],
  ["nobody who may approve", "INVALID_APPROVERS", state(...approval, "approvers: »[]")],
  ["no message", "MISSING_KEY", state("type: approval", "end: true").replace("name: s", "»name: s")],
  ["a quorum of nobody", "INVALID_QUORUM", state(...approval, "quorum: »0")],
  [
    "a quorum that can never be reached",
    "INVALID_QUORUM",
    state(...approval, "approvers: [user:a, user:b, user:a]", "quorum: »3"),
  ],
  [
    "a quorum of one person in two spellings",
    "INVALID_QUORUM",
    state(...approval, "approvers: [user:a, user:A]", "quorum: »2"),
  ],
  [
    "a quorum that is not reached by those who are asked later either",
    "INVALID_QUORUM",
    state(...approval, "approvers: [user:a]", "escalate: [{ after: 1m, to: [user:b] }]", "quorum: »3"),
  ],
  [
    "a quorum of a group that would have to be filled in",
    "INVALID_QUORUM",
    state(...approval, 'approvers: ["{{ input.team }}"]', 'quorum: { »"{{ input.team }}": 1 }'),
  ],
  [
    "a quorum of an unknown group",
    "INVALID_QUORUM",
    state(...approval, "approvers: [team:platform]", "quorum: { »team:plaform: 1 }"),
    /platform/,
  ],
  [
    "a user who must approve twice",
    "INVALID_QUORUM",
    state(...approval, "approvers: [user:a]", "quorum: { user:a: »2 }"),
  ],
  ["a state's name as outcome", "INVALID_VALUE", state(...approval, "onReject: »clean_up"), /next: clean_up/],
  ["an unknown target of a rejection", "UNKNOWN_TARGET", state(...approval, "onReject: { transition: »x }")],
  ["an escalation without a time", "MISSING_KEY", state(...approval, "escalate: [»{ to: [role:a] }]")],
  ["a path that is none", "INVALID_PATH", state(...agent, 'resultPath: »"a b"')],
  [
    "braces around a path",
    "INVALID_PATH",
    state("type: foreach", 'itemsPath: »"{{ ctx.xs }}"', "iterator: { agent: a }", "end: true"),
    /write ctx.xs/,
  ],
  ["a result in place of the context", "INVALID_PATH", state(...agent, "resultPath: »ctx")],
  ["a result in the run's input", "INVALID_PATH", state(...agent, "resultPath: »input.x")],
  ["a switch without conditions", "INVALID_VALUE", state("type: switch", "conditions: »[]")],
  [
    "next of a switch",
    "UNKNOWN_KEY",
    state("type: switch", "conditions: [{ if: a, next: s }]", "»next: s"),
    /defaultNext/,
  ],
  ["an arm without a target", "MISSING_KEY", state("type: switch", "conditions: [»{ if: a }]")],
  [
    "an unknown target of an arm",
    "UNKNOWN_TARGET",
    state("type: switch", "conditions:", "  - condition: a", "    transition: »t"),
  ],
  [
    "an unknown default",
    "UNKNOWN_TARGET",
    state("type: switch", "conditions: [{ if: a, next: s }]", "default: »t"),
  ],
  ["a parallel without branches", "INVALID_VALUE", state(...parallel, "branches: »[]")],
  ["a branch without states", "EMPTY_WORKFLOW", state(...parallel, "branches: [{ name: b, states: »[] }]")],
  [
    "a join in short",
    "WRONG_TYPE",
    state(...parallel, "branches: [{ name: b, agent: a }]", "join: »any"),
    /mode: "any"/,
  ],
  [
    "a join of more than all",
    "INVALID_VALUE",
    state(...parallel, "branches: [{ name: b, agent: a }]", "join: { mode: »2 }"),
  ],
  [
    "an unknown join",
    "WRONG_TYPE",
    state(...parallel, "branches: [{ name: b, agent: a }]", "join: { mode: »some }"),
  ],
  [
    "an unknown failure mode",
    "WRONG_TYPE",
    state(...parallel, "branches: [{ name: b, agent: a }]", "onBranchFailure: »ignore"),
  ],
  [
    "a foreach without items",
    "MISSING_KEY",
    state("type: foreach", "iterator: { agent: a }", "end: true").replace("name: s", "»name: s"),
  ],
  [
    "a reserved item name",
    "INVALID_NAME",
    state("type: foreach", "itemsPath: a", "itemName: »steps", "iterator: { agent: a }", "end: true"),
  ],
  [
    "no concurrency at all",
    "WRONG_TYPE",
    state("type: foreach", "itemsPath: a", "maxConcurrency: »0", "iterator: { agent: a }", "end: true"),
  ],
  [
    "a try without catch",
    "MISSING_KEY",
    state("type: try", "try: { agent: a }", "end: true").replace("name: s", "»name: s"),
  ],
  [
    "a bad start of a branch",
    "START_STATE_NOT_FOUND",
    state(
      ...parallel,
      "branches: [{ name: b, start: »x, states: [{ name: y, type: inject, data: {}, end: true }] }]",
    ),
  ],
  [
    "an unknown type deep inside",
    "UNKNOWN_STATE_TYPE",
    state(
      "type: try",
      "try:",
      "  - name: p",
      "    type: parallel",
      "    branches: [{ name: b, states: [{ name: x, type: »injct, end: true }] }]",
      "    end: true",
      "finally: [{ name: f, type: inject, data: {}, end: true }]",
      "end: true",
    ),
    /"inject"/,
  ],
  ["a bad start", "START_STATE_NOT_FOUND", `start: »t\n${state(...agent)}`],
  [
    "a state that goes nowhere",
    "DEAD_END",
    `${state("type: agent", "agent: a").replace("name: s", "»name: s")}  - { name: t, type: inject, data: {}, end: true }\n`,
  ],
  ["a template that is never closed", "TEMPLATE_SYNTAX", state(...agent, 'task: "Check »{{ ctx.a } now"')],
  [
    "an empty template in a block",
    "TEMPLATE_SYNTAX",
    state(...agent, "task: |", "  one", "  two »{{ }}", "  three"),
  ],
  [
    "a template error in data",
    "TEMPLATE_SYNTAX",
    state("type: inject", "data: { a: [{ b: '»{{ x' }] }", "end: true"),
  ],
  ["a bad cron", "INVALID_CRON", `schedule: { cron: »"every day" }\n${state(...agent)}`],
  [
    "a bad time zone",
    "INVALID_CRON",
    `schedule: { cron: "0 6 * * *", timezone: »Mars/Base }\n${state(...agent)}`,
  ],
  ["concurrency for nobody", "WRONG_TYPE", `concurrency: { key: x, limit: »0 }\n${state(...agent)}`],
  ["a number as label", "WRONG_TYPE", `labels: { tier: »1 }\n${state(...agent)}`, /quotes/],
  ["nothing behind a key", "INVALID_PATH", state(...agent, "resultPath:»")],
  ["a step nobody is", "UNKNOWN_NAME", state(...agent, 'task: "see {{ »steps.t.x }}"')],
];

test.each(ERRORS)("%s is %s, with line and column", (_what, code, text, hint) => {
  const { text: source, line, column } = marked(text);
  const { definition, diagnostics } = read(source);
  expect(definition).toBeNull();
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map((error) => [error.code, error.line, error.column])).toEqual([[code, line, column]]);
  if (hint) expect(errors[0]?.hint).toMatch(hint);
});

const WARNINGS: Row[] = [
  ["agent_id", "DEPRECATED", state("type: agent", "»agent_id: a", "end: true")],
  [
    "a list that just ends",
    "IMPLICIT_END",
    `${state("type: agent", "agent: a", "next: t")}  - »name: t\n    type: inject\n    data: {}\n`,
  ],
  [
    "a state nobody leads to",
    "UNREACHABLE_STATE",
    `${state(...agent)}  - { name: »t, type: inject, data: {}, end: true }\n`,
  ],
  [
    "a circle",
    "CIRCULAR_TRANSITION",
    `${state("type: agent", "agent: a", "next: t")}  - { name: t, type: agent, agent: a, transition: »s }\n`,
  ],
  [
    "a timer that may take a while",
    "NO_EFFECT",
    state("type: timer", "duration: 1h", "»timeout: 2h", "end: true"),
  ],
  [
    "a switch that may",
    "NO_EFFECT",
    `${state("type: switch", "conditions: [{ if: 'True', next: t }]", "»timeoutSeconds: 5")}  - { name: t, type: inject, data: {}, end: true }\n`,
  ],
  ["an inject that may", "NO_EFFECT", state("type: inject", "data: {}", "»timeout_seconds: 5", "end: true")],
  [
    "a transform that may",
    "NO_EFFECT",
    state("type: transform", "expression: '1'", "»timeout: 5", "end: true"),
  ],
  [
    "an escalation after the end",
    "INVALID_DURATION",
    state(...approval, "timeout: 1h", "escalate: [{ after: »2h, to: [role:a] }]"),
  ],
];

test.each(WARNINGS)("%s is the warning %s, with line and column", (_what, code, text) => {
  const { text: source, line, column } = marked(text);
  const { definition, diagnostics } = read(source);
  expect(definition).not.toBeNull();
  expect(diagnostics.map((found) => [found.severity, found.code, found.line, found.column])).toEqual([
    ["warning", code, line, column],
  ]);
});

test("all findings come at once, in the order of the text", () => {
  const { diagnostics } = read(
    "id: w\nstats: 1\nstates:\n  - { name: a, type: agnet, next: c }\n  - { name: b, type: agent, end: 3 }\n",
  );
  expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([
    ["UNKNOWN_KEY", 2],
    ["UNKNOWN_STATE_TYPE", 4],
    ["UNKNOWN_TARGET", 4],
    ["MISSING_KEY", 5],
    ["WRONG_TYPE", 5],
  ]);
});

test("JSON is placed like YAML", () => {
  const { text, line, column } = marked(
    '{\n\t"id": "w",\n\t"states": [\n\t\t{ "name": "s", "type": »"agnt", "end": true }\n\t]\n}',
  );
  expect(read(text, "json").diagnostics).toMatchObject([{ code: "UNKNOWN_STATE_TYPE", line, column }]);
});

test("a version is its source text, and the author's value is kept beside the definition", () => {
  const { definition, value } = read(`version: 1.10\n${state(...agent)}`);
  expect(definition?.version).toBe("1.10");
  expect(value).toMatchObject({ version: "1.10", states: [{ name: "s" }] });
});

const corpus = new URL("../../../test/corpus/valid/", import.meta.url);
const examples = new URL("../../../environments/default/workflows/", import.meta.url);
const files = [corpus, examples].flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => !file.includes(".test."))
    .map((file) => ({ file, url: new URL(file, folder) })),
);

test.each(files)("$file is valid without a single finding", ({ file, url }) => {
  const { definition, diagnostics } = read(
    readFileSync(url, "utf8"),
    file.endsWith(".json") ? "json" : "yaml",
  );
  expect(diagnostics).toEqual([]);
  expect(definition).not.toBeNull();
});

test.each(files)("$file is the same with Windows line ends and a byte order mark", ({ file, url }) => {
  const text = readFileSync(url, "utf8");
  const format = file.endsWith(".json") ? "json" : "yaml";
  const odd = read(`\uFEFF${text.replaceAll("\n", "\r\n")}`, format);
  expect(odd.diagnostics).toEqual([]);
  expect(odd.definition).toEqual(read(text, format).definition);
});

test("JSON with tabs, escapes and a number as version", () => {
  const action = '"type": "operation", "action": "agent.run", "input": { "agent": "a\\/b \\ud83d\\ude80" }';
  const text = `{\n\t"id": "w",\n\t"version": 1.10,\n\t"states": [\n\t\t{ "name": "s", ${action}, "end": true }\n\t]\n}`;
  const { definition, diagnostics } = read(text, "json");
  expect(diagnostics).toEqual([]);
  expect(definition).toMatchObject({ version: "1.10", states: [{ agent: "a/b 🚀" }] });
});

test("the corpus is large enough to mean something", () => {
  expect(files.length).toBeGreaterThanOrEqual(26);
});
