import type { AgentDefinition } from "../../core/definition/agent.ts";
import { templatesIn } from "../../core/definition/template.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { templateProblem } from "./fill.ts";

/** What an agent with the model `station/script` does, entry by entry; see README.md. */
export type Script =
  | { readonly ok: true; readonly entries: readonly Entry[] }
  | { readonly ok: false; readonly pointer: string; readonly message: string };

/** One thing to do. `value` may hold templates; `number` counts from 1, for messages. */
export type Entry = {
  readonly kind: EntryKind;
  readonly value: JsonValue;
  readonly number: number;
  /** Done in this attempt only; `null`: in every attempt. */
  readonly attempt: number | null;
  readonly isConstant: boolean;
};

export type EntryKind = (typeof KINDS)[number];

const KINDS = ["text", "output", "sleep_ms", "error", "call"] as const;
const MAX_SLEEP_MS = 86_400_000;

const scripts = new WeakMap<AgentDefinition, Script>();

/** An agent's script, read once. */
export function scriptOf(agent: AgentDefinition): Script {
  const known = scripts.get(agent);
  if (known) return known;
  const script = readScript(agent.script);
  scripts.set(agent, script);
  return script;
}

/** Reads the `script` of a prompt file; without one there is nothing to do. */
export function readScript(script: JsonValue | undefined): Script {
  if (script === undefined || script === null) return { ok: true, entries: [] };
  if (!isList(script)) return { ok: false, pointer: "", message: "a script is a list of entries" };
  const entries: Entry[] = [];
  for (const [index, written] of script.entries()) {
    const entry = readEntry(written, index + 1);
    if (typeof entry === "string")
      return { ok: false, pointer: `/${index}`, message: `entry ${index + 1} of the script: ${entry}` };
    entries.push(entry);
  }
  return { ok: true, entries };
}

/** What is wrong with an entry's value once its templates are filled in; `null` when nothing is. */
export function valueProblem(kind: EntryKind, value: JsonValue): string | null {
  switch (kind) {
    case "output":
      return null;
    case "text":
      return typeof value === "string" ? null : "`text` must be text; use `output` for other values";
    case "sleep_ms":
      return typeof value === "number" && value >= 0 && value <= MAX_SLEEP_MS
        ? null
        : "`sleep_ms` must be a number of milliseconds, at most a day";
    case "error":
      return isObject(value) ? errorProblem(value) : "`error` must be {code, message, retryable}";
    case "call":
      return isObject(value) && typeof value["tool"] === "string" ? null : "`call` must be {tool, args}";
  }
}

/** The entry, or what is wrong with it. */
function readEntry(written: JsonValue, number: number): Entry | string {
  if (!isObject(written)) return `must be an object with one of ${KINDS.join(", ")}`;
  const kinds = KINDS.filter((kind) => Object.hasOwn(written, kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) return `must have exactly one of ${KINDS.join(", ")}`;
  const unknown = Object.keys(written).find((key) => key !== kind && key !== "attempt");
  if (unknown !== undefined) return `unknown key "${unknown}" beside "${kind}"`;
  const attempt = written["attempt"] ?? null;
  if (attempt !== null && !isAttempt(attempt)) return "`attempt` must be a whole number from 1";
  const value = written[kind] ?? null;
  const templates = templatesIn(value);
  const isConstant = templates.length === 0;
  for (const template of templates) {
    const problem = templateProblem(template);
    if (problem !== null) return problem;
  }
  const problem = isConstant ? valueProblem(kind, value) : null;
  return problem ?? { kind, value, number, attempt, isConstant };
}

function isAttempt(value: JsonValue): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}

function errorProblem({ code, message, retryable, ...others }: JsonObject): string | null {
  if (typeof code !== "string" || code === "") return "`error.code` must be text";
  if (message !== undefined && typeof message !== "string") return "`error.message` must be text";
  if (retryable !== undefined && typeof retryable !== "boolean")
    return "`error.retryable` must be true or false";
  const [unknown] = Object.keys(others);
  return unknown === undefined ? null : `unknown key "${unknown}" in \`error\``;
}
