import { useCallback } from "react";
import { placeOf } from "../model/index-events.ts";
import { keyOfState } from "../model/outline.ts";
import type { RunView } from "../use-view.ts";
import { startLayouter } from "./elk-layout.ts";
import { GraphCanvas } from "./graph-canvas.tsx";
import type { GraphEdge, GraphNode } from "./graph-of.ts";
import { type EdgeState, edgeStates, type NodeState, nodeStates } from "./node-states.ts";

/** Loads what the graph needs before it is asked for. */
export function warmUp(): void {
  startLayouter();
}

/** All states from the first second on: what was done, what is ahead, what was passed by. */
export function RunGraph({
  view,
  selected,
  onSelect,
}: {
  readonly view: RunView;
  readonly selected: string | null;
  readonly onSelect: (key: string) => void;
}) {
  const { history, run, n } = view;
  const { definition } = history;
  const statesOf = useCallback(
    (nodes: readonly GraphNode[]) =>
      view.version >= 0 ? nodeStates(view, nodes) : new Map<string, NodeState>(),
    [view],
  );
  const waysOf = useCallback(
    (edges: readonly GraphEdge[]) =>
      view.version >= 0 ? edgeStates(view, edges) : new Map<string, EdgeState>(),
    [view],
  );
  const trail = selected === null ? undefined : history.index.steps.get(selected as never);
  const place = trail?.place ?? (selected?.startsWith("state:") ? selected.slice("state:".length) : null);
  return (
    <GraphCanvas
      definition={definition}
      statesOf={statesOf}
      waysOf={waysOf}
      place={place}
      label="Graph of the run"
      event={n}
      centre={() => {
        const running = Object.values(run.steps).find(({ finishedAt }) => finishedAt === null);
        return running ? placeOf(running.branch, running.state) : place;
      }}
      onSelect={({ id }, state) => {
        if (state?.step) onSelect(state.step);
        else if (definition.states.some(({ name }) => name === id)) onSelect(keyOfState(id));
      }}
    />
  );
}
