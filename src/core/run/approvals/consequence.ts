import { nestedBlocks } from "../../definition/graph.ts";
import { parseTemplate } from "../../definition/template.ts";
import type { ApprovalState, Block, State, Transition } from "../../definition/types.ts";
import type { JsonValue } from "../../json.ts";
import { type Path, parsePath, without } from "../../path.ts";
import { stateIn } from "../blocks.ts";
import type { View } from "../context.ts";
import { ERROR_NAMES } from "../errors.ts";
import { type BranchPath, lastSegment, ROOT } from "../ids.ts";
import { render } from "../render.ts";
import type { Turn } from "../turn.ts";

/** What follows an approval: shown to whoever decides, and part of what they agree to. */
export type Consequence = {
  readonly approved: Following;
  readonly rejected: Following;
  readonly expired: Following;
};

export type Following = {
  /** `mitigate → notify → the run ends`. */
  readonly text: string;
  /** The states that come next, until the way parts or ends. */
  readonly actions: readonly NextAction[];
};

export type NextAction = {
  readonly state: string;
  readonly type: State["type"];
  /** The agents that work in it. */
  readonly agents: readonly string[];
  /** What the next agent will be told; as written where it depends on what is still to come. */
  readonly task: string | null;
};

/** So many states ahead are shown. */
const AHEAD = 6;

/** Where each outcome of an approval leads; an agent that comes at once is shown with its task filled in. */
export function consequenceOf(
  turn: Turn,
  path: BranchPath,
  block: Block,
  state: ApprovalState,
  view: View,
): Consequence {
  const onward = (to: Transition, places: readonly Path[]) =>
    follow(turn, path, block, to, beforeAnswer(view, places));
  const answer = [["steps", state.name], ...placeOf(state.resultPath)];
  const refusal = [...answer, ...[...ERROR_NAMES].map((name) => [name])];
  const failed = (): Following => {
    const { onError } = state;
    if (onError) return onward({ next: onError.next }, [...refusal, ...placeOf(onError.resultPath)]);
    if (state.continueOnError) return onward(state.transition, refusal);
    return ends(path === ROOT ? "the run fails" : `branch ${lastSegment(path)} fails`);
  };
  const rejected = (): Following => {
    if (state.onReject === "fail") return failed();
    return state.onReject === "cancel" ? ends("the run is cancelled") : onward(state.onReject, refusal);
  };
  const expired = (): Following => {
    if (state.onTimeout === "fail") return failed();
    return state.onTimeout === "reject" ? rejected() : onward(state.onTimeout, refusal);
  };
  return { approved: onward(state.transition, answer), rejected: rejected(), expired: expired() };
}

function placeOf(resultPath: string | undefined): readonly Path[] {
  const written = resultPath === undefined ? null : parsePath(resultPath);
  return written ? [written.keys] : [];
}

/** What can be read behind an approval, and under which name it is asked for. */
type Behind = View & { readonly key: string };

/** What can be read behind an approval as far as it is there: without `places`, where its outcome will be written. */
function beforeAnswer(view: View, places: readonly Path[]): Behind {
  const [context, reserved] = [view.context, view.reserved].map((names) => places.reduce(without, names));
  return { ...view, context: context ?? {}, reserved: reserved ?? {}, key: JSON.stringify(places) };
}

function ends(text: string): Following {
  return { text, actions: [] };
}

function follow(turn: Turn, path: BranchPath, block: Block, start: Transition, view: Behind): Following {
  const actions: NextAction[] = [];
  const words: string[] = [];
  let onward: Transition | null = start;
  while (onward && "next" in onward && actions.length < AHEAD) {
    const state: State = stateIn(block, onward.next, path);
    if (actions.some((seen) => seen.state === state.name)) {
      words.push(`${state.name} again`);
      return { text: words.join(" → "), actions };
    }
    // Behind another state the context may be another by then.
    actions.push(actionOf(turn, path, state, actions.length === 0 ? view : null));
    words.push(state.name);
    if (state.type === "switch") {
      words.push(targetsOf(state).join(" or "));
      return { text: words.join(" → "), actions };
    }
    onward = state.transition;
  }
  if (onward && "next" in onward) words.push("…");
  else words.push(path === ROOT ? "the run ends" : `branch ${lastSegment(path)} ends`);
  return { text: words.join(" → "), actions };
}

function actionOf(turn: Turn, path: BranchPath, state: State, view: Behind | null): NextAction {
  const isAgent = state.type === "operation" && state.action === "agent.run";
  const written = isAgent ? (state.task ?? null) : null;
  return {
    state: state.name,
    type: state.type,
    agents: agentsIn(state),
    task: written !== null && view ? filledIn(turn, path, state, written, view) : written,
  };
}

/** The task as the agent would be told it; as written when it needs what is not there yet. */
function filledIn(turn: Turn, path: BranchPath, state: State, task: string, view: Behind): string {
  // What flows into it is the answer.
  if (readsInput(task)) return task;
  const key = `preview:${path}:${state.name}:${view.key}`;
  const filled = render(turn, key, `task of "${state.name}"`, task, view);
  if (!filled.ok) return task;
  const value: JsonValue = filled.value;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function readsInput(task: string): boolean {
  const template = parseTemplate(task);
  return template.ok && template.parts.some((part) => part.kind === "path" && part.path.root === "input");
}

function agentsIn(state: State): readonly string[] {
  if (state.type === "operation") return state.action === "agent.run" ? [state.agent] : [];
  const nested = nestedBlocks(state).flatMap(({ block }) => block.states.flatMap(agentsIn));
  return [...new Set(nested)];
}

function targetsOf({ conditions, defaultNext }: Extract<State, { type: "switch" }>): readonly string[] {
  const targets = conditions.map(({ next }) => next);
  return [...new Set(defaultNext === undefined ? targets : [...targets, defaultNext])];
}
