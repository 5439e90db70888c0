import type { CallState } from "../types.ts";
import { readBase, readTransition, type StateFields } from "./base.ts";
import { findIn } from "./fields.ts";
import { number, object, requiredText } from "./read.ts";
import { readRetry } from "./retry.ts";

/** A step that a run of another workflow does. */
export function readCall(state: StateFields): CallState {
  const { fields, input } = state;
  const place = (key: string) =>
    findIn(fields, key, [
      [input, key],
      [fields, key],
    ]);
  const workflow = requiredText(fields, place("workflow"), "workflow");
  const version = number(fields, place("version"), { min: 1, whole: true });
  const variables = object(fields, findIn(fields, "variables", [[input, "variables"]]));
  const retry = readRetry(fields);
  return {
    ...readBase(state),
    type: "operation",
    action: "workflow.run",
    workflow,
    ...(version !== undefined && { version }),
    ...(variables && { variables }),
    ...(retry && { retry }),
    transition: readTransition(state),
  };
}
