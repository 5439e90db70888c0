import type { Definition } from "../../../core/definition/types.ts";
import { GraphCanvas } from "./graph-canvas.tsx";
import type { GraphEdge, GraphNode } from "./graph-of.ts";
import type { EdgeState, NodeState } from "./node-states.ts";

/** A workflow as it is written: every state and every way, as no run has gone it yet. */
export function DefinitionGraph({
  definition,
  place,
  onSelect,
}: {
  readonly definition: Definition;
  readonly place: string | null;
  readonly onSelect: (node: GraphNode) => void;
}) {
  return (
    <GraphCanvas
      definition={definition}
      statesOf={noStates}
      waysOf={allWays}
      place={place}
      label="Graph of the workflow"
      isFramed
      centre={() => place}
      onSelect={onSelect}
    />
  );
}

function noStates(): ReadonlyMap<string, NodeState> {
  return new Map();
}

/** What an error leads to is dashed, the rest is the way. */
function allWays(edges: readonly GraphEdge[]): ReadonlyMap<string, EdgeState> {
  return new Map(
    edges.map(({ id, kind, label }) => [id, { isTaken: kind !== "error", isPassed: false, label }]),
  );
}
