import { isList, type JsonObject } from "../../json.ts";
import type { ScriptStep } from "../agent.ts";
import { pointerTo } from "../pointer.ts";
import { type Fields, type Found, fieldsOf, find, innerFields, refuseUnknown } from "./fields.ts";
import { flag, missing, number, object, refuse, requiredText, text } from "./read.ts";
import { fail } from "./report.ts";

/** Longer sleeps of a script are slips of the pen: ten minutes. */
const MAX_SLEEP_MS = 600_000;

/** What the model `station/script` does: a list of maps with one key each. */
export function readScript(fields: Fields, found: Found | null): readonly ScriptStep[] | undefined {
  if (!found) return undefined;
  if (!isList(found.value)) return refuse(fields, found, "must be a list of steps", "array");
  return found.value.flatMap((value, index) => {
    const step = fieldsOf(
      fields.report,
      value,
      pointerTo(found.pointer, index),
      `step ${index + 1} of the script`,
    );
    const read = readStep(step);
    refuseUnknown(step);
    if (Object.keys(step.value).length > 1)
      fail(fields.report, "CONFLICTING_KEYS", step.pointer, `${step.what} must do one thing`, {
        hint: "write one list item for each",
      });
    return read ? [read] : [];
  });
}

function readStep(step: Fields): ScriptStep | null {
  const said = find(step, "text");
  const output = find(step, "output");
  const sleep = find(step, "sleep_ms");
  const error = innerFields(step, "error");
  const call = innerFields(step, "call");
  if (said) return { does: "text", text: text(step, said) ?? "" };
  if (output) return { does: "output", output: output.value };
  if (sleep) return { does: "sleep", milliseconds: number(step, sleep, { min: 0, max: MAX_SLEEP_MS }) ?? 0 };
  if (error) return readError(error);
  if (call) return readCall(call);
  if (Object.keys(step.value).every((key) => step.asked.has(key)))
    missing(step, "output", "one of text, output, sleep_ms, error, call");
  return null;
}

function readError(fields: Fields): ScriptStep {
  const step: ScriptStep = {
    does: "error",
    code: text(fields, find(fields, "code")) ?? "scripted_error",
    message: text(fields, find(fields, "message")) ?? "the script says so",
    retryable: flag(fields, find(fields, "retryable")) ?? false,
  };
  refuseUnknown(fields);
  return step;
}

function readCall(fields: Fields): ScriptStep {
  const tool = requiredText(fields, find(fields, "tool"), "tool");
  const args: JsonObject = object(fields, find(fields, "args")) ?? {};
  refuseUnknown(fields);
  return { does: "call", tool, args };
}
