import { isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { finalError } from "../../core/run/errors.ts";
import type { StepError } from "../../core/run/run.ts";
import { stopped, toolNotFound } from "./errors.ts";
import { asText, fill } from "./fill.ts";
import { type Entry, valueProblem } from "./script.ts";
import { sleep } from "./sleep.ts";

/** One attempt at a script. */
export type Performance = {
  readonly agent: string;
  readonly entries: readonly Entry[];
  readonly attempt: number;
  readonly input: JsonObject;
};

/** What a script came to; `answer` is undefined when no entry gave one. */
export type Played =
  | { readonly ok: true; readonly answer: JsonValue | undefined }
  | { readonly ok: false; readonly error: StepError };

/** Does what the script says for this attempt, in order, until an entry answers or fails. */
export async function play(performance: Performance, signal: AbortSignal): Promise<Played> {
  const { agent, entries, attempt, input } = performance;
  for (const entry of entries) {
    if (entry.attempt !== null && entry.attempt !== attempt) continue;
    const where = `script of agent "${agent}", entry ${entry.number}`;
    const value = filledIn(entry, input, where);
    if (!value.ok) return value;
    const played = await perform(entry, value.value, { agent, where, signal });
    if (played) return played;
  }
  return { ok: true, answer: undefined };
}

type Place = { readonly agent: string; readonly where: string; readonly signal: AbortSignal };

/** `undefined` when the script goes on. */
function perform(
  { kind }: Entry,
  value: JsonValue,
  { agent, where, signal }: Place,
): Played | undefined | Promise<Played | undefined> {
  switch (kind) {
    case "text":
    case "output":
      return { ok: true, answer: value };
    case "sleep_ms":
      return sleep(Number(value), signal).then(() =>
        signal.aborted ? { ok: false, error: stopped(agent, signal) } : undefined,
      );
    case "error":
      return { ok: false, error: scriptedError(value) };
    case "call":
      return {
        ok: false,
        error: toolNotFound(agent, where, fieldOf(value, "tool")),
      };
  }
}

function filledIn(entry: Entry, input: JsonObject, where: string): { ok: true; value: JsonValue } | Failure {
  if (entry.isConstant) return { ok: true, value: entry.value };
  const filled = fill(entry.value, input, where);
  if (!filled.ok) return filled;
  const value = entry.kind === "text" ? asText(filled.value) : filled.value;
  const problem = valueProblem(entry.kind, value);
  return problem === null
    ? { ok: true, value }
    : { ok: false, error: finalError("validation", "script_invalid", `${where}: ${problem}`) };
}

type Failure = { readonly ok: false; readonly error: StepError };

function scriptedError(value: JsonValue): StepError {
  const { message, retryable } = isObject(value) ? value : {};
  const code = fieldOf(value, "code");
  return {
    type: "agent_error",
    code,
    message: typeof message === "string" ? message : `the script fails with "${code}"`,
    retryable: retryable === true,
  };
}

/** A field that `valueProblem` has seen to be text. */
function fieldOf(value: JsonValue, key: string): string {
  return isObject(value) ? asText(value[key] ?? "") : "";
}
