import type { Answer, Reply } from "../../core/agent/agent-run.ts";
import { type Misfit, outputCutOff, outputMismatch } from "../../core/agent/misfits.ts";
import { isList, isObject, isTooDeep, type JsonObject, type JsonValue } from "../../core/json.ts";
import { integerFault } from "../../core/json-syntax.ts";
import type { Schemas } from "../ports/schemas.ts";

/** What a model's last turn comes to. */
export type Conclusion = {
  readonly answer: Answer;
  /** What to tell the model so that it repairs its answer; `null` when there is nothing to repair. */
  readonly repair: string | null;
};

/**
 * The agent's output: the JSON in its text (plain, fenced, or between the outermost brackets, whichever fits), checked
 * against the agent's schema. Without a schema only a text that is JSON as a whole is taken for it. JSON with an integer
 * that no number holds is never taken: the output is the text then, with every digit.
 */
export function conclude(reply: Reply, schema: JsonObject | undefined, schemas: Schemas): Conclusion {
  const { text, finish } = reply;
  if (schema === undefined) {
    const cutOff = finish === "length" ? { validation: outputCutOff() } : {};
    const { output, fault } = plainOutput(reply);
    return { answer: { output, text, ...cutOff }, repair: fault === null ? null : repairOf([fault]) };
  }
  const candidates = reply.output === undefined ? jsonIn(text) : [{ found: reply.output, fault: null }];
  const checks = candidates.map(({ found, fault }) =>
    fault
      ? ({ fault, found: text, valid: false, errors: [fault] } as const)
      : { fault, found, ...schemas.validate(schema, found) },
  );
  const check = checks.find(({ valid, fault }) => valid || fault) ?? checks[0];
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

/** JSON in an answer; `fault`: it has an integer that would become another, so that it counts as text. */
type Found = { readonly found: JsonValue; readonly fault: Misfit | null };

function plainOutput({ output, text }: Reply): { readonly output: JsonValue; readonly fault: Misfit | null } {
  if (output !== undefined) return { output, fault: null };
  const json = parsed(text) ?? parsed(fenced(text));
  if (!json || !(isObject(json.found) || isList(json.found))) return { output: text, fault: null };
  return { output: json.fault ? text : json.found, fault: json.fault };
}

/** What may be meant as the answer, most likely first. */
function jsonIn(text: string): readonly Found[] {
  const places = [text, fenced(text), between(text, "{", "}"), between(text, "[", "]")];
  return places.map(parsed).filter((json) => json !== undefined);
}

function fenced(text: string): string {
  return /```(?:json)?[^\S\n]*\n([\s\S]*?)\n?```/.exec(text)?.[1] ?? "";
}

function between(text: string, open: string, close: string): string {
  const from = text.indexOf(open);
  const to = text.lastIndexOf(close);
  return from === -1 || to < from ? "" : text.slice(from, to + 1);
}

function parsed(text: string): Found | undefined {
  if (text.trim() === "") return undefined;
  try {
    const found = JSON.parse(text) as JsonValue;
    if (isTooDeep(found)) return undefined;
    const message = integerFault(text);
    return { found, fault: message === null ? null : { pointer: "", message, keyword: "integer" } };
  } catch {
    return undefined;
  }
}

function repairOf(errors: readonly Misfit[], schema?: JsonObject): string {
  const list = errors
    .slice(0, 20)
    .map(({ pointer, message }) => `- ${pointer === "" ? "the answer" : pointer}: ${message}`);
  const again = "Answer again with the corrected JSON only, no other text.";
  return [
    `Your answer ${schema ? "does not match the required JSON Schema" : "cannot be taken as it is"}:`,
    ...list,
    ...(schema ? [`${again} The schema:`, JSON.stringify(schema)] : [again]),
  ].join("\n");
}
