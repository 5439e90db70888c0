import { useCallback } from "react";
import type { Definition } from "../../../core/definition/types.ts";
import { GraphCanvas } from "./graph-canvas.tsx";
import type { GraphEdge, GraphNode } from "./graph-of.ts";
import type { EdgeState, NodeState } from "./node-states.ts";

/** A workflow as it is written: every state and every way, as no run has gone it yet. */
export function DefinitionGraph({
  definition,
  place,
  runsOf,
  onSelect,
}: {
  readonly definition: Definition;
  readonly place: string | null;
  /** How many of the last runs came to each state, by its name. */
  readonly runsOf: ReadonlyMap<string, number>;
  readonly onSelect: (node: GraphNode) => void;
}) {
  const waysOf = useCallback((edges: readonly GraphEdge[]) => allWays(edges, runsOf), [runsOf]);
  return (
    <GraphCanvas
      definition={definition}
      statesOf={noStates}
      waysOf={waysOf}
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

/** What an error leads to is dashed, the rest is the way; an arm says which share of the last runs took it. */
function allWays(
  edges: readonly GraphEdge[],
  runsOf: ReadonlyMap<string, number>,
): ReadonlyMap<string, EdgeState> {
  const into = Map.groupBy(edges, ({ to }) => to);
  return new Map(
    edges.map(({ id, kind, label, from, to, next }) => {
      const came = runsOf.get(from.slice(from.lastIndexOf("/") + 1)) ?? 0;
      // Where other ways lead there too, nobody knows which one was gone.
      const isKnown = kind === "arm" && came > 0 && into.get(to)?.length === 1;
      const share = isKnown ? `${Math.round((100 * Math.min(came, runsOf.get(next) ?? 0)) / came)} % · ` : "";
      return [id, { isTaken: kind !== "error", isPassed: false, label: label && `${share}${label}` }];
    }),
  );
}
