import type { State } from "../types.ts";

/** What a state does, in a few words; its name is said beside it. */
export function detailOf(state: State): string {
  switch (state.type) {
    case "operation":
      if (state.action === "agent.run") return `agent ${state.agent}`;
      if (state.action === "workflow.run") return `workflow ${state.workflow}`;
      return state.approvers.length > 0 ? `approval by ${state.approvers.join(", ")}` : "approval";
    case "switch":
      return state.dataPath === undefined ? "switch" : `switch on ${state.dataPath}`;
    case "parallel":
      return state.join === "all"
        ? "parallel"
        : `parallel, ${state.join === "any" ? "first" : state.join} of ${state.branches.length}`;
    case "foreach":
      return `for each ${state.itemName} of ${state.itemsPath}`;
    case "timer":
      return "until" in state.wait
        ? `until ${state.wait.until}`
        : `wait ${state.wait.seconds}${typeof state.wait.seconds === "number" ? " s" : ""}`;
    case "signal":
      return `signal ${state.signal}`;
    case "inject":
    case "transform":
    case "try":
      return state.type;
  }
}

/** A way out of a state that is not simply the next one; `path` is the canonical key that names the target. */
export type Arrow = { readonly label: string; readonly target: string; readonly path: string };

/** The labelled ways out of a state, in reading order. */
export function arrowsOf(state: State): readonly Arrow[] {
  const failure = state.onError
    ? [{ label: "on error", target: state.onError.next, path: "onError/next" }]
    : [];
  if (state.type === "switch") {
    const arms = state.conditions.map(({ if: label, next: target }, index) => ({
      label,
      target,
      path: `conditions/${index}/next`,
    }));
    const { defaultNext } = state;
    const otherwise =
      defaultNext === undefined ? [] : [{ label: "otherwise", target: defaultNext, path: "defaultNext" }];
    return [...arms, ...otherwise, ...failure];
  }
  if (state.type !== "operation" || state.action !== "human.approval") return failure;
  const { onReject, onTimeout } = state;
  return [
    ...(typeof onReject === "object"
      ? [{ label: "on reject", target: onReject.next, path: "onReject/next" }]
      : []),
    ...(typeof onTimeout === "object"
      ? [{ label: "on timeout", target: onTimeout.next, path: "onTimeout/next" }]
      : []),
    ...failure,
  ];
}
