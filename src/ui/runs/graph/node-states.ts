import { isTerminal } from "../../../core/run/run.ts";
import { forecast } from "../../../core/view/forecast.ts";
import type { ShownStatus } from "../../../core/view/status.ts";
import { shownStatusOf } from "../../../core/view/step-status.ts";
import { duration } from "../../format.ts";
import type { History } from "../model/history.ts";
import { endAsOf, type StepTrail } from "../model/index-events.ts";
import { seenBy, valuesIn } from "../model/switch-note.ts";
import type { RunView } from "../use-view.ts";
import type { GraphEdge, GraphNode } from "./graph-of.ts";

/** How a node is drawn as of the cursor. */
export type NodeState = {
  readonly status: ShownStatus;
  /** `13.6 s`, `3/3 · 1 failed`. */
  readonly detail: string;
  readonly attempts: number;
  /** The step that is selected by a click; null before the run came here. */
  readonly step: string | null;
};

/** How each place of the definition stands; one that the run has not reached is ahead or not taken. */
export function nodeStates(view: RunView, nodes: readonly GraphNode[]): ReadonlyMap<string, NodeState> {
  const { history, run, n } = view;
  const over = isTerminal(run);
  const { notTaken } = forecast(history.definition, run, over);
  const passed = new Set(notTaken);
  const states = new Map<string, NodeState>();
  for (const { id, parent } of nodes) {
    const trails = (history.index.byPlace.get(id) ?? []).filter(({ seq }) => seq <= n);
    if (trails.length > 0) states.set(id, stateOf(view, trails));
    else {
      const isPassed = parent === null ? passed.has(id) : over || isLeft(states.get(parent)?.status);
      states.set(id, { status: isPassed ? "SKIPPED" : "PENDING", detail: "", attempts: 0, step: null });
    }
  }
  return states;
}

function isLeft(status: ShownStatus | undefined): boolean {
  return status !== undefined && !["PENDING", "RUNNING", "RETRYING", "PAUSED"].includes(status);
}

const WORST_FIRST: readonly ShownStatus[] = [
  "WAITING_APPROVAL",
  "FAILED",
  "TIMED_OUT",
  "RETRYING",
  "WAITING_SIGNAL",
  "RUNNING",
  "PAUSED",
  "PENDING",
  "CANCELLED",
];

function stateOf({ run, n, now }: RunView, trails: readonly StepTrail[]): NodeState {
  const shown = trails.flatMap((trail) => {
    const step = run.steps[trail.id];
    return step ? [{ trail, step, status: shownStatusOf(run, step) }] : [];
  });
  const last = shown.at(-1);
  if (!last) return { status: "PENDING", detail: "", attempts: 0, step: null };
  const isLoop = trails.every(({ branch }) => branch === last.trail.branch);
  if (isLoop) {
    const { trail, step, status } = last;
    const took =
      step.progress.status === "PENDING"
        ? ""
        : duration((endAsOf(trail, n) ?? now) - (step.startedAt ?? trail.at));
    return {
      status,
      detail: trail.visit > 1 ? `${took} · visit ${trail.visit}` : took,
      attempts: step.attempt,
      step: trail.id,
    };
  }
  const status = WORST_FIRST.find((worst) => shown.some((one) => one.status === worst)) ?? "SUCCEEDED";
  const telling = shown.find((one) => one.status === status) ?? last;
  const count = (wanted: ShownStatus) => shown.filter((one) => one.status === wanted).length;
  const failed = count("FAILED") + count("TIMED_OUT");
  return {
    status,
    detail: `${count("SUCCEEDED")}/${shown.length}${failed > 0 ? ` · ${failed} failed` : ""}`,
    attempts: 0,
    step: telling.trail.id,
  };
}

/** How an edge is drawn as of the cursor. */
export type EdgeState = {
  readonly isTaken: boolean;
  readonly isPassed: boolean;
  readonly label: string | null;
  /** Of an arm, once its switch was left: the values of its condition, and whether it held: `0.083 ✓`. */
  readonly seen: string | null;
};

/** Which edges were taken, which were passed by, and which are still open. */
export function edgeStates(
  { history, n }: RunView,
  edges: readonly GraphEdge[],
): ReadonlyMap<string, EdgeState> {
  const arms = Map.groupBy(
    edges.filter(({ kind }) => kind === "arm"),
    ({ from }) => from,
  );
  return new Map(
    edges.map((edge) => {
      const left = (history.index.byPlace.get(edge.from) ?? []).filter(
        ({ exit }) => exit !== null && exit.seq <= n,
      );
      const taken = left.findLast(({ exit }) => exit && isTaken(edge, exit));
      const told = taken ?? left.at(-1);
      return [
        edge.id,
        {
          isTaken: taken !== undefined,
          isPassed: left.length > 0 && taken === undefined,
          label: edge.label,
          seen: told ? seenAt(edge, arms.get(edge.from) ?? [], told, history) : null,
        },
      ];
    }),
  );
}

/** An arm behind the one that was taken was not looked at: its values stand there without a verdict. */
function seenAt(
  edge: GraphEdge,
  arms: readonly GraphEdge[],
  trail: StepTrail,
  history: History,
): string | null {
  const { exit } = trail;
  const own = arms.indexOf(edge);
  if (own < 0 || exit === null || exit.error) return null;
  const chosen = arms.findIndex((arm) => isTaken(arm, exit));
  const verdict = own === chosen ? "✓" : chosen < 0 || own < chosen ? "✕" : null;
  const values = edge.condition ? valuesIn(edge.condition, seenBy(history, trail)) : null;
  return [values, verdict].filter((part) => part !== null).join(" ") || null;
}

function isTaken(edge: GraphEdge, exit: NonNullable<StepTrail["exit"]>): boolean {
  if (exit.next !== edge.next) return false;
  switch (edge.kind) {
    case "error":
      return exit.error !== undefined;
    case "arm":
      return (exit.condition ?? null) === (edge.condition ?? null);
    case "next":
      return exit.error === undefined || edge.label === null;
  }
}
