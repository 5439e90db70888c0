import type { State } from "../../core/definition/types.ts";
import { duration, plural } from "../format.ts";

/** What kind of state it is, in a word or two. */
export function kindOf(state: State): string {
  if (state.type !== "operation") return state.type;
  if (state.action === "human.approval") return "approval";
  return state.action === "agent.run" ? `agent ${state.agent}` : `workflow ${state.workflow}`;
}

/** What is known of a state, by name. */
export function factsOf(state: State): readonly (readonly [string, string])[] {
  const facts: (readonly [string, string | undefined])[] = [
    ["Result goes to", state.resultPath],
    [
      "Times out",
      state.timeoutSeconds === undefined ? undefined : `after ${duration(state.timeoutSeconds * 1000)}`,
    ],
    ["On error", state.onError ? `goes to ${state.onError.next}` : state.continueOnError && "goes on"],
    [
      "Then",
      "transition" in state ? ("next" in state.transition ? state.transition.next : "it ends") : undefined,
    ],
  ];
  if (state.type === "operation" && state.action === "agent.run") {
    const { task, retry } = state;
    facts.unshift(["Task", task]);
    if (retry)
      facts.push([
        "Retries",
        `${plural(retry.maxAttempts, "attempt")}, the first pause ${duration(retry.backoffSeconds * 1000)}`,
      ]);
  }
  if (state.type === "operation" && state.action === "human.approval")
    facts.unshift(
      ["Question", state.message],
      ["Evidence", state.summaryPath],
      ["May decide", state.approvers.length === 0 ? "anyone who may approve" : state.approvers.join(", ")],
    );
  if (state.type === "foreach")
    facts.unshift(["For each of", state.itemsPath], ["At once", String(state.maxConcurrency)]);
  if (state.type === "transform") facts.unshift(["Computes", state.expression]);
  if (state.type === "signal") facts.unshift(["Waits for", state.signal]);
  if (state.type === "parallel")
    facts.unshift(["Branches", state.branches.map(({ name }) => name).join(", ")]);
  return facts.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)] as const],
  );
}

/** What a state is given, as trees. */
export function treesOf(state: State): readonly (readonly [string, unknown])[] {
  if (state.type === "operation" && state.action === "agent.run" && state.variables)
    return [["Variables", state.variables]];
  if (state.type === "inject") return [["Data", state.data]];
  if (state.type === "switch")
    return [
      ["Goes", [...state.conditions, ...(state.defaultNext ? [{ otherwise: state.defaultNext }] : [])]],
    ];
  if (state.type === "timer") return [["Waits", state.wait]];
  return [];
}
