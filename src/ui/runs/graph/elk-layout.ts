import ELK, { type ElkExtendedEdge, type ElkNode } from "elkjs/lib/elk-api.js";
import type { Graph, GraphEdge, GraphNode } from "./graph-of.ts";
import { HEAD, type Layout, labelSize, NODE, PAD, type Point, type Route } from "./layout.ts";
import { readLayout, writeLayout } from "./layout-cache.ts";

let elk: InstanceType<typeof ELK> | null = null;

/** Starts the worker, which takes a moment: best while the person still points at the tab. */
export function startLayouter(): void {
  elk ??= new ELK({ workerFactory: () => new Worker(__ELK_WORKER__) });
}

/** The layout of a graph, from an earlier visit or the worker. */
export async function layoutOf(graph: Graph): Promise<Layout> {
  const key = keyOf(graph);
  const known = await readLayout(key);
  if (known) return known;
  startLayouter();
  if (!elk) throw new Error("there is no layout worker");
  const layout = layoutFrom(await elk.layout(elkGraphOf(graph)));
  await writeLayout(key, layout);
  return layout;
}

/** The spacing counts too: a layout of an older version of this page is not used. */
const SHAPE = "3";

function keyOf({ nodes, edges }: Graph): string {
  return JSON.stringify([
    SHAPE,
    nodes.map(({ id, parent, isGroup }) => [id, parent, isGroup]),
    edges.map(({ id, label }) => [id, label]),
  ]);
}

/** Above so many nodes the better placement takes seconds, and a second look for fewer crossings as long again. */
const MANY = 200;

function elkGraphOf({ nodes, edges }: Graph): ElkNode {
  const below = Map.groupBy(nodes, ({ parent }) => parent);
  const within = Map.groupBy(edges, ({ parent }) => parent);
  const options = {
    "elk.algorithm": "layered",
    "elk.direction": "DOWN",
    "elk.edgeRouting": "ORTHOGONAL",
    ...(nodes.length > MANY
      ? { "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF", "elk.layered.thoroughness": "1" }
      : { "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX" }),
    "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
    "elk.spacing.nodeNode": "28",
    "elk.layered.spacing.nodeNodeBetweenLayers": "34",
    "elk.spacing.edgeNode": "18",
    "elk.spacing.edgeLabel": "4",
    "elk.edgeLabels.inline": "true",
  };
  const nodeOf = (node: GraphNode): ElkNode =>
    node.isGroup
      ? {
          id: node.id,
          layoutOptions: {
            ...options,
            // Branches without edges between them stand side by side.
            "elk.separateConnectedComponents": "false",
            "elk.padding": `[top=${HEAD + PAD / 2},left=${PAD},bottom=${PAD},right=${PAD}]`,
          },
          children: (below.get(node.id) ?? []).map(nodeOf),
          edges: (within.get(node.id) ?? []).map(edgeOf),
        }
      : { id: node.id, ...NODE };
  return {
    id: "root",
    layoutOptions: options,
    children: (below.get(null) ?? []).map(nodeOf),
    edges: (within.get(null) ?? []).map(edgeOf),
  };
}

function edgeOf(edge: GraphEdge): ElkExtendedEdge {
  const { id, from, to, label } = edge;
  return {
    id,
    sources: [from],
    targets: [to],
    ...(label !== null && {
      labels: [{ text: label, ...labelSize(edge), layoutOptions: { "elk.edgeLabels.inline": "true" } }],
    }),
  };
}

function layoutFrom(root: ElkNode): Layout {
  const nodes: Record<string, Layout["nodes"][string]> = {};
  const edges: Record<string, Route> = {};
  const visit = (node: ElkNode, offset: Point) => {
    for (const edge of node.edges ?? []) edges[edge.id] = routeOf(edge, offset);
    for (const child of node.children ?? []) {
      const { x = 0, y = 0, width = 0, height = 0 } = child;
      nodes[child.id] = { x, y, width, height };
      visit(child, { x: offset.x + x, y: offset.y + y });
    }
  };
  visit(root, { x: 0, y: 0 });
  return { nodes, edges };
}

/** ELK gives routes relative to the group an edge lies in. */
function routeOf({ sections = [], labels = [] }: ElkExtendedEdge, offset: Point): Route {
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
  const [label] = labels;
  return {
    points: points.map(({ x, y }) => ({ x: x + offset.x, y: y + offset.y })),
    label: label
      ? {
          x: (label.x ?? 0) + (label.width ?? 0) / 2 + offset.x,
          y: (label.y ?? 0) + (label.height ?? 0) / 2 + offset.y,
        }
      : null,
  };
}
