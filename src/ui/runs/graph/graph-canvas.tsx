import {
  Background,
  Controls,
  type Edge,
  type Node,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Definition } from "../../../core/definition/types.ts";
import { useKeys } from "../../keys.ts";
import { lookOf } from "../../status.ts";
import { labelChars } from "./edge-label.ts";
import { layoutOf } from "./elk-layout.ts";
import { FlowEdge, type FlowEdgeData } from "./flow-edge.tsx";
import { FlowNode, type FlowNodeData } from "./flow-node.tsx";
import { type Graph, type GraphEdge, type GraphNode, graphOf, groupsOf } from "./graph-of.ts";
import { type Layout, quickLayout, viewportOf } from "./layout.ts";
import type { EdgeState, NodeState } from "./node-states.ts";
import { useNodeTips } from "./node-tips.ts";
import s from "./run-graph.module.css";

const nodeTypes = { state: FlowNode };
const edgeTypes = { way: FlowEdge };
/** With more states the groups start closed. */
const MANY = 80;
/** Smaller, nodes could not be told from each other. */
const LEAST_SMALL = 0.12;

type CanvasProps = {
  readonly definition: Definition;
  /** How each node is drawn; one without a state is drawn by its kind. */
  readonly statesOf: (nodes: readonly GraphNode[]) => ReadonlyMap<string, NodeState>;
  readonly waysOf: (edges: readonly GraphEdge[]) => ReadonlyMap<string, EdgeState>;
  /** The selected place. */
  readonly place: string | null;
  readonly onSelect: (node: GraphNode, state: NodeState | undefined) => void;
  /** Where a state leads that is pressed twice. */
  readonly onOpen?: (node: GraphNode) => void;
  /** What is said of a state on hover. */
  readonly tipOf?: (node: GraphNode) => ReactNode;
  /** The place `c` goes to. */
  readonly centre: () => string | null;
  readonly label: string;
  /** It stands among other things of a page that scrolls: the wheel is the page's. */
  readonly isFramed?: boolean;
  /** It shows where one is, not what there is to read: all of it is in sight. */
  readonly isSmall?: boolean;
  readonly event?: number;
};

/** A definition as a graph one can walk, zoom and fold. */
export function GraphCanvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas(props: CanvasProps) {
  const { definition, statesOf, waysOf, place, onSelect, onOpen, centre, label, isFramed = false } = props;
  const flow = useReactFlow();
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(
    () => new Set(graphOf(definition, new Set()).nodes.length > MANY ? groupsOf(definition) : []),
  );
  const graph = useMemo(() => graphOf(definition, collapsed), [definition, collapsed]);
  const { layout, layouts } = useLayout(graph);
  const states = useMemo(() => statesOf(graph.nodes), [statesOf, graph]);
  const ways = useMemo(() => waysOf(graph.edges), [waysOf, graph]);
  const toggle = useMemo(
    () => (id: string) =>
      setCollapsed((old) => new Set(old.has(id) ? [...old].filter((other) => other !== id) : [...old, id])),
    [],
  );
  const nodes = useFlowNodes(graph, layout, states, place, collapsed, toggle);
  const edges = useFlowEdges(graph, layout, ways);
  const nodeOf = (id: string) => graph.nodes.find((one) => one.id === id);
  const select = (id: string) => {
    const node = nodeOf(id);
    if (node) onSelect(node, states.get(id));
  };
  const open = (id: string) => {
    const node = nodeOf(id);
    if (collapsed.has(id)) toggle(id);
    else if (node) onOpen?.(node);
  };
  const { onFocus, onBlur, ...hover } = useNodeTips(graph.nodes, props.tipOf);
  const camera = useCamera(layout, props.isSmall ? LEAST_SMALL : undefined);
  const walk = (direction: 1 | -1) => {
    const from = place ?? graph.nodes[0]?.id;
    const ahead = graph.edges.filter((edge) => (direction === 1 ? edge.from : edge.to) === from);
    const best = ahead.find(({ id }) => ways.get(id)?.isTaken) ?? ahead[0];
    if (best) select(direction === 1 ? best.to : best.from);
  };
  useKeys({
    "list.next": () => walk(1),
    "list.previous": () => walk(-1),
    "run.fit": () => void flow.fitView({ duration: 180, maxZoom: 1 }),
    "run.centre": () => {
      const id = centre();
      if (id) void flow.fitView({ nodes: [{ id }], duration: 180, maxZoom: 1, minZoom: 1 });
    },
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is said of the nodes within that have the focus
    <div
      ref={camera.canvas}
      className={s.canvas}
      data-layouts={layouts}
      data-event={props.event}
      onFocus={onFocus}
      onBlur={onBlur}
    >
      {layout && (
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          nodesDraggable={false}
          nodesConnectable={false}
          edgesFocusable={false}
          deleteKeyCode={null}
          minZoom={0.05}
          maxZoom={1.6}
          zoomOnScroll={!isFramed}
          preventScrolling={!isFramed}
          zoomOnDoubleClick={!onOpen}
          onlyRenderVisibleElements={graph.nodes.length > 150}
          onInit={camera.ready}
          onMoveStart={(moved) => moved && camera.taken()}
          onNodeClick={(_, { id }) => select(id)}
          onNodeDoubleClick={(_, { id }) => open(id)}
          {...hover}
          aria-label={label}
        >
          <Background gap={24} size={1} color="var(--line)" />
          <Controls showInteractive={false} aria-label="Zoom" />
        </ReactFlow>
      )}
    </div>
  );
}

/** The quick layout at once, the real one when it is there. Only the definition and what is folded change it. */
function useLayout(graph: Graph): { readonly layout: Layout | null; readonly layouts: number } {
  const [real, setReal] = useState<{ readonly graph: Graph; readonly layout: Layout } | null>(null);
  const count = useRef(0);
  const quick = useMemo(() => quickLayout(graph), [graph]);
  useEffect(() => {
    let isOld = false;
    layoutOf(graph)
      .then((layout) => {
        if (isOld) return;
        count.current++;
        setReal({ graph, layout });
      })
      // The quick layout stays: everything can be read in it.
      .catch((error: unknown) => console.warn("the layout worker failed", error));
    return () => {
      isOld = true;
    };
  }, [graph]);
  return { layout: real?.graph === graph ? real.layout : quick, layouts: count.current };
}

/** The camera follows layout and window until the person has moved it; never because something happened. */
function useCamera(layout: Layout | null, leastZoom: number | undefined) {
  const flow = useReactFlow();
  const canvas = useRef<HTMLDivElement>(null);
  const isTaken = useRef(false);
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    if (!layout || !isReady) return;
    const set = () => {
      const { clientWidth: width = 0, clientHeight: height = 0 } = canvas.current ?? {};
      if (!isTaken.current && width > 0)
        void flow.setViewport(viewportOf(layout, { width, height }, leastZoom));
    };
    set();
    // Not whenever its place is another: a banner that comes with an event moves nothing.
    addEventListener("resize", set);
    return () => removeEventListener("resize", set);
  }, [flow, layout, leastZoom, isReady]);
  return {
    canvas,
    ready: () => setReady(true),
    taken() {
      isTaken.current = true;
    },
  };
}

function useFlowNodes(
  graph: Graph,
  layout: Layout | null,
  states: ReadonlyMap<string, NodeState>,
  selected: string | null,
  collapsed: ReadonlySet<string>,
  toggle: (id: string) => void,
): Node<FlowNodeData>[] {
  const last = useRef(new Map<string, Node<FlowNodeData>>());
  return useMemo(() => {
    const next = new Map<string, Node<FlowNodeData>>();
    const nodes = graph.nodes.flatMap((node) => {
      const box = layout?.nodes[node.id];
      if (!box) return [];
      const state = states.get(node.id);
      const isSelected = node.id === selected;
      const isFolded = collapsed.has(node.id);
      const before = last.current.get(node.id);
      const made: Node<FlowNodeData> =
        before &&
        before.data.box === box &&
        sameState(before.data.state, state) &&
        before.data.isSelected === isSelected
          ? before
          : {
              id: node.id,
              type: "state",
              className: s.node ?? "",
              position: { x: box.x, y: box.y },
              width: box.width,
              height: box.height,
              ...(node.parent !== null && { parentId: node.parent }),
              data: { node, box, state, isSelected, isFolded, toggle },
              ariaLabel: labelOf(node.title, node.type, state),
              focusable: node.type !== "block",
              selectable: node.type !== "block",
            };
      next.set(node.id, made);
      return [made];
    });
    last.current = next;
    return nodes;
  }, [graph, layout, states, selected, collapsed, toggle]);
}

function sameState(a: NodeState | undefined, b: NodeState | undefined): boolean {
  return (
    a?.status === b?.status && a?.detail === b?.detail && a?.attempts === b?.attempts && a?.step === b?.step
  );
}

function useFlowEdges(
  graph: Graph,
  layout: Layout | null,
  ways: ReadonlyMap<string, EdgeState>,
): Edge<FlowEdgeData>[] {
  return useMemo(
    () =>
      graph.edges.map((edge) => {
        const way = ways.get(edge.id);
        const route = layout?.edges[edge.id];
        return {
          id: edge.id,
          type: "way",
          source: edge.from,
          target: edge.to,
          data: {
            kind: edge.kind,
            label: way?.label ?? edge.label,
            seen: way?.seen ?? null,
            chars: labelChars(edge),
            isTaken: way?.isTaken ?? false,
            isPassed: way?.isPassed ?? false,
            ...(route && { route }),
          },
        };
      }),
    [graph, layout, ways],
  );
}

function labelOf(title: string, type: string, state: NodeState | undefined): string {
  if (!state) return `${title}, ${type}`;
  const attempts = state.attempts > 1 ? ` after ${state.attempts} attempts` : "";
  return `${title}, ${type}, ${lookOf(state.status).word.toLowerCase()}${attempts}`;
}
