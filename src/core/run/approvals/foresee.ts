import { allStates } from "../../definition/graph.ts";
import { templatesIn } from "../../definition/template.ts";
import type { ApprovalState, Definition } from "../../definition/types.ts";
import type { Principal } from "../../identity/principal.ts";
import { rightTo, whoMay } from "./rights.ts";

/** What can be said, before a run begins, of whether whoever starts it may approve what it asks at `state`. */
export type Foreseen = {
  readonly state: string;
  /** `depends`: on what the run finds out, or on who wrote the version. */
  readonly may: "yes" | "no" | "depends";
  /** Why it is not a plain yes; empty for one. */
  readonly because: string;
};

/** By the rule that will judge the decision, for each approval of a definition in reading order. */
export function foreseeApprovals(
  definition: Definition,
  starter: Principal,
  environment: string,
): readonly Foreseen[] {
  return allStates(definition).flatMap(({ state }) =>
    state.type === "operation" && state.action === "human.approval"
      ? [foresee(state, starter, environment)]
      : [],
  );
}

function foresee(state: ApprovalState, starter: Principal, environment: string): Foreseen {
  const { name, approvers, excludeStarter, excludeAuthor } = state;
  const asked = {
    ...{ id: name, approvers, escalatedTo: [], excludeStarter, delegations: [] },
    // Who wrote the version is not at hand here.
    terms: { author: null, veto: [] },
  };
  const right = rightTo("approve", starter, asked, { startedBy: starter.id, environment });
  if (!right.may) {
    if (right.code === "self-approval")
      return { state: name, may: "no", because: "whoever starts the run may not" };
    const isOpen = templatesIn([...approvers]).length > 0;
    return { state: name, may: isOpen ? "depends" : "no", because: `that is for ${whoMay(asked)}` };
  }
  if (excludeAuthor && starter.kind !== "local")
    return { state: name, may: "depends", because: "whoever wrote this version may not" };
  return { state: name, may: "yes", because: "" };
}
