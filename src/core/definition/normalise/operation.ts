import { didYouMean } from "../suggest.ts";
import type { Action, AgentState, ApprovalState, CallState } from "../types.ts";
import { readAgent } from "./agent.ts";
import { readApproval } from "./approval.ts";
import type { StateFields } from "./base.ts";
import { readCall } from "./call.ts";
import { conflict, type Found, findIn, look, refuseUnknown } from "./fields.ts";
import { ACTIONS, isMarker } from "./markers.ts";
import { missing } from "./read.ts";
import { fail } from "./report.ts";

/** An operation: what it does is said by its type, its `action`, or the marker in `task`. */
export function readOperation(
  state: StateFields,
  implied: Action | null,
): AgentState | ApprovalState | CallState | null {
  const { fields, input } = state;
  const action = readAction(state, implied);
  if (action === null) return null;
  const operation = readAs(state, action);
  refuseUnknown(fields, { variables: 'write "variables" under "input"' });
  if (input) refuseUnknown(input, {}, BELONG[action]);
  return operation;
}

function readAs(state: StateFields, action: Action): AgentState | ApprovalState | CallState {
  switch (action) {
    case "agent.run":
      return readAgent(state);
    case "human.approval":
      return readApproval(state);
    case "workflow.run":
      return readCall(state);
  }
}

/** What to do about a key of `input` that nobody reads. */
const BELONG: Readonly<Record<Action, string | undefined>> = {
  "agent.run": 'values for the agent belong under "variables"',
  "human.approval": undefined,
  "workflow.run": 'values for the run belong under "variables"',
};

function readAction({ fields, input }: StateFields, implied: Action | null): Action | null {
  const said = findIn(fields, "action", [
    [fields, "action"],
    [fields, "operation"],
    [input, "action"], // how the parser keeps the first of two `task` keys
  ]);
  const markers = [look([input, "task"]), look([fields, "task"])].filter(isMarker);
  const [first, ...others] = [said, ...markers].filter((found) => found !== null);
  for (const other of others) if (first && other.value !== first.value) conflict(fields, first, other);
  if (first && implied && first.value !== implied)
    fail(fields.report, "CONFLICTING_KEYS", first.pointer, `${fields.what}: its type means ${implied}`, {
      expected: implied,
      actual: first.value,
    });
  if (implied) return implied;
  if (first) return knownAction(fields.what, first, { fields });
  missing(fields, "action", '"agent.run", "human.approval" or "workflow.run"');
  return null;
}

function knownAction(
  what: string,
  { value, pointer }: Found,
  { fields }: Pick<StateFields, "fields">,
): Action | null {
  const action = ACTIONS.find((known) => known === value);
  if (action) return action;
  fail(fields.report, "UNKNOWN_ACTION", pointer, `${what} has the unknown action ${JSON.stringify(value)}`, {
    expected: ACTIONS.join(", "),
    actual: value,
    hint: typeof value === "string" ? didYouMean(value, ACTIONS) : undefined,
  });
  return null;
}
