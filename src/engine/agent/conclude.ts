import type { Answer, Reply } from "../../core/agent/agent-run.ts";
import { type Misfit, outputCutOff, outputMismatch } from "../../core/agent/misfits.ts";
import { isList, isObject, isTooDeep, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Schemas } from "../ports/schemas.ts";

/** What a model's last turn comes to. */
export type Conclusion = {
  readonly answer: Answer;
  /** What to tell the model so that it repairs its answer; `null` when there is nothing to repair. */
  readonly repair: string | null;
};

/**
 * The agent's output: the JSON in its text (plain, fenced, or between the outermost brackets, whichever fits), checked
 * against the agent's schema. Without a schema only a text that is JSON as a whole is taken for it.
 */
export function conclude(reply: Reply, schema: JsonObject | undefined, schemas: Schemas): Conclusion {
  const { text, finish } = reply;
  if (schema === undefined) {
    const cutOff = finish === "length" ? { validation: outputCutOff() } : {};
    return { answer: { output: plainOutput(reply), text, ...cutOff }, repair: null };
  }
  const candidates = reply.output === undefined ? jsonIn(text) : [reply.output];
  const checks = candidates.map((found) => ({ found, ...schemas.validate(schema, found) }));
  const check = checks.find(({ valid }) => valid) ?? checks[0];
  if (check === undefined) {
    const cut = finish === "length" ? "; the answer was cut off" : "";
    const errors = [{ pointer: "", message: `there is no JSON in the answer${cut}`, keyword: "type" }];
    return {
      answer: { output: text, text, validation: outputMismatch(errors) },
      repair: repairOf(errors, schema),
    };
  }
  if (check.valid) return { answer: { output: check.value, text }, repair: null };
  return {
    answer: { output: check.found, text, validation: outputMismatch(check.errors) },
    repair: repairOf(check.errors, schema),
  };
}

function plainOutput({ output, text }: Reply): JsonValue {
  if (output !== undefined) return output;
  const value = parsed(text) ?? parsed(fenced(text));
  return isObject(value) || isList(value) ? value : text;
}

/** What may be meant as the answer, most likely first. */
function jsonIn(text: string): readonly JsonValue[] {
  const places = [text, fenced(text), between(text, "{", "}"), between(text, "[", "]")];
  return places.map(parsed).filter((value) => value !== undefined);
}

function fenced(text: string): string {
  return /```(?:json)?[^\S\n]*\n([\s\S]*?)\n?```/.exec(text)?.[1] ?? "";
}

function between(text: string, open: string, close: string): string {
  const from = text.indexOf(open);
  const to = text.lastIndexOf(close);
  return from === -1 || to < from ? "" : text.slice(from, to + 1);
}

function parsed(text: string): JsonValue | undefined {
  if (text.trim() === "") return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return isTooDeep(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

function repairOf(errors: readonly Misfit[], schema: JsonObject): string {
  const list = errors
    .slice(0, 20)
    .map(({ pointer, message }) => `- ${pointer === "" ? "the answer" : pointer}: ${message}`);
  return [
    "Your answer does not match the required JSON Schema:",
    ...list,
    "Answer again with the corrected JSON only, no other text. The schema:",
    JSON.stringify(schema),
  ].join("\n");
}
