import type { JsonObject, JsonValue } from "../json.ts";
import type { RunEvent } from "../run/events.ts";
import type { Outcome, StepError, StepProgress } from "../run/run.ts";

/** What stands where words of people, agents or programs were. */
export const PURGED_WORDS = "purged";

/**
 * What is left of an event when every value that came from outside is taken out: who did what, when and where, and
 * what came of it. `null` when it holds none.
 */
export function withoutValues(event: RunEvent): RunEvent | null {
  const left: Record<string, unknown> = {};
  let changed = false;
  for (const [key, value] of Object.entries(event)) {
    const kept = LEFT[key] ? LEFT[key](value as never) : value;
    left[key] = kept;
    if (JSON.stringify(kept) !== JSON.stringify(value)) changed = true;
  }
  return changed ? (left as RunEvent) : null;
}

const nothing = () => null;
const emptyObject = (): JsonObject => ({});

/** By field: what is left of it. Labels stay: they say what is to become of the run. */
const LEFT: Readonly<Record<string, (value: never) => unknown>> = {
  input: emptyObject,
  concurrencyKey: () => PURGED_WORDS,
  output: nothing,
  warnings: nothing,
  error: errorLeft,
  vars: emptyObject,
  merge: emptyObject,
  result: nothing,
  payload: nothing,
  validation: nothing,
  outcome: outcomeLeft,
  comment: nothing,
  args: nothing,
  reason: (value: string | null) => (value === null ? null : PURGED_WORDS),
  notify: nothing,
  approval: approvalLeft,
};

type Asked = Extract<RunEvent, { readonly type: "approval.requested" }>["approval"];

/** Who was asked, and until when; what would follow names the next agent's task, filled in. */
function approvalLeft({ terms, ...approval }: Asked): Asked {
  return {
    ...approval,
    ...{ message: PURGED_WORDS, title: null, summary: null },
    ...(terms && {
      terms: {
        ...terms,
        consequence: null,
        escalate: terms.escalate.map((level) => ({ ...level, notify: null })),
      },
    }),
  };
}

/** What kind of error it was, and where. */
function errorLeft({ code, type, retryable, state, attempt }: StepError): StepError {
  return {
    ...{ code, type, retryable, message: PURGED_WORDS },
    ...(state !== undefined && { state }),
    ...(attempt !== undefined && { attempt }),
  };
}

function outcomeLeft(outcome: Outcome | StepProgress): JsonValue {
  const { status } = outcome;
  const left: Record<string, unknown> = { status };
  for (const [key, value] of Object.entries(outcome))
    if (key === "error") left[key] = errorLeft(value as StepError);
    else if (key === "writes") left[key] = {};
    else if (key !== "status") left[key] = null;
  return left as JsonValue;
}
