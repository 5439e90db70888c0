import type { State, Transition } from "../types.ts";
import { type Fields, find, innerFields, refuseUnknown, type SpelledAt } from "./fields.ts";
import { writtenPath } from "./paths.ts";
import { flag, requiredText, seconds, text } from "./read.ts";
import { fail, warn } from "./report.ts";

/** A state while it is being read. */
export type StateFields = {
  readonly fields: Fields;
  /** The state's `input` map, of the types that have one. */
  readonly input: Fields | null;
  readonly name: string;
  /** How it stands in its list: decides what a missing `next` means. */
  readonly place: "last" | "only" | "inner";
};

export type BaseOf = Pick<State, "name" | "resultPath" | "onError" | "continueOnError" | "timeoutSeconds">;

/** What every state may carry. */
export function readBase({ fields, input, name }: StateFields): BaseOf {
  const resultPath = writtenPath(fields, find(fields, "resultPath"));
  const timeoutSeconds = seconds(fields, timeoutSpellings(fields, input), "timeoutSeconds");
  const onError = readOnError(fields);
  const continues = find(fields, "continueOnError");
  const continueOnError = flag(fields, continues);
  if (continues && continueOnError && onError)
    fail(
      fields.report,
      "CONFLICTING_KEYS",
      continues.pointer,
      `${fields.what} has onError and continueOnError`,
      {
        on: "key",
        hint: "keep one of them",
      },
    );
  return {
    name,
    ...(resultPath !== undefined && { resultPath }),
    ...(onError && { onError }),
    ...(continueOnError && { continueOnError }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

/** The same for a state that takes no time of its own: a timeout would never be over. */
export function readBaseWithoutTimeout(state: StateFields, why: string): BaseOf {
  const base = readBase(state);
  const { fields } = state;
  if (base.timeoutSeconds === undefined) return base;
  const at = fields.moved.get("timeoutSeconds") ?? fields.pointer;
  const message = `the timeout of ${fields.what} has no effect: ${why}`;
  warn(fields.report, "NO_EFFECT", at, message, { on: "key", hint: "remove it" });
  return base;
}

function timeoutSpellings(fields: Fields, input: Fields | null): readonly SpelledAt[] {
  return ["timeoutSeconds", "timeout_seconds", "timeout"].flatMap((key): SpelledAt[] => [
    [fields, key],
    [input, key],
  ]);
}

function readOnError(fields: Fields): { readonly next: string; readonly resultPath?: string } | undefined {
  const onError = innerFields(fields, "onError");
  if (!onError) return undefined;
  const next = readTarget(onError);
  const resultPath = writtenPath(onError, find(onError, "resultPath"));
  refuseUnknown(onError);
  fields.moved.set("onError/next", onError.moved.get("next") ?? onError.pointer);
  return { next, ...(resultPath !== undefined && { resultPath }) };
}

/** The `next` (or `transition`) that a map must have. */
export function readTarget(fields: Fields): string {
  return requiredText(fields, find(fields, "next", "transition"), "next");
}

/** Where a state goes when it is done. */
export function readTransition({ fields, name, place }: StateFields): Transition {
  const found = find(fields, "next", "transition");
  const next = text(fields, found);
  const ending = find(fields, "end");
  const said = flag(fields, ending);
  const end = said ?? ending !== null; // whatever else stands there has been refused
  if (found && ending && said)
    fail(
      fields.report,
      "CONFLICTING_KEYS",
      ending.pointer,
      `${fields.what} has "${found.key}" and "end: true"`,
      {
        on: "key",
        hint: "keep one of them",
      },
    );
  if (next !== undefined) return { next };
  if (found || end) return { end: true };
  if (place === "inner")
    fail(
      fields.report,
      "DEAD_END",
      fields.pointer,
      `${fields.what} goes nowhere: it is not the last of its list`,
      {
        hint: `add "next: …" or "end: true"`,
      },
    );
  else if (place === "last" && name !== "")
    warn(
      fields.report,
      "IMPLICIT_END",
      fields.pointer,
      `${fields.what} ends here because it is the last of its list`,
      {
        hint: `say so with "end: true"`,
      },
    );
  return { end: true };
}
