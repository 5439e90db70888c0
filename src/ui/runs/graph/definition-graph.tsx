import { type ReactNode, useCallback } from "react";
import type { Definition } from "../../../core/definition/types.ts";
import { GraphCanvas } from "./graph-canvas.tsx";
import type { GraphEdge, GraphNode } from "./graph-of.ts";
import type { EdgeState, NodeState } from "./node-states.ts";

/** A workflow as it is written: every state and every way, as no run has gone it yet. */
export function DefinitionGraph({
  definition,
  place,
  shares,
  onSelect,
  onOpen,
  tipOf,
  isSmall = false,
}: {
  readonly definition: Definition;
  readonly place: string | null;
  /** Which share of the last runs that came to a switch went which way out of it, by `switch→state`. */
  readonly shares?: ReadonlyMap<string, number>;
  readonly onSelect: (node: GraphNode) => void;
  readonly onOpen?: (node: GraphNode) => void;
  readonly tipOf?: (node: GraphNode) => ReactNode;
  readonly isSmall?: boolean;
}) {
  const waysOf = useCallback((edges: readonly GraphEdge[]) => allWays(edges, shares), [shares]);
  return (
    <GraphCanvas
      definition={definition}
      statesOf={noStates}
      waysOf={waysOf}
      place={place}
      label="Graph of the workflow"
      isFramed
      isSmall={isSmall}
      centre={() => place}
      onSelect={onSelect}
      {...(onOpen && { onOpen })}
      {...(tipOf && { tipOf })}
    />
  );
}

function noStates(): ReadonlyMap<string, NodeState> {
  return new Map();
}

/** What an error leads to is dashed, the rest is the way; an arm says which share of the last runs took it. */
function allWays(
  edges: readonly GraphEdge[],
  shares: ReadonlyMap<string, number> | undefined,
): ReadonlyMap<string, EdgeState> {
  const between = Map.groupBy(edges, ({ from, to }) => `${from}→${to}`);
  return new Map(
    edges.map(({ id, kind, label, from, to, next }) => {
      const share = shares?.get(`${from.slice(from.lastIndexOf("/") + 1)}→${next}`);
      // Of two arms that lead to the same state nobody knows which one was taken.
      const isKnown = kind === "arm" && share !== undefined && between.get(`${from}→${to}`)?.length === 1;
      const said = isKnown && label ? `${Math.round(100 * share)} % · ${label}` : label;
      return [id, { isTaken: kind !== "error", isPassed: false, label: said, seen: null }];
    }),
  );
}
