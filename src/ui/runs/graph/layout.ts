import { labelChars } from "./edge-label.ts";
import type { Graph, GraphEdge, GraphNode } from "./graph-of.ts";

/** Where everything is: nodes relative to their parent, edges and labels absolute. */
export type Layout = {
  readonly nodes: Readonly<Record<string, Box>>;
  readonly edges: Readonly<Record<string, Route>>;
};

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Point = { readonly x: number; readonly y: number };
export type Route = { readonly points: readonly Point[]; readonly label: Point | null };

export const NODE = { width: 224, height: 52 } as const;
export const HEAD = 30;
export const PAD = 14;
const GAP = { x: 28, y: 46 } as const;

/** The size of an edge's label in its 11 px mono type. */
export function labelSize(edge: GraphEdge): { readonly width: number; readonly height: number } {
  return { width: labelChars(edge) * 6.7 + 14, height: 20 };
}

/**
 * A plain layered layout, at once: each state one layer below the deepest that leads to it. Shown until the real one
 * is there, and instead of it should the worker fail.
 */
export function quickLayout(graph: Graph): Layout {
  const nodes: Record<string, Box> = {};
  const below = Map.groupBy(graph.nodes, ({ parent }) => parent);
  const edges = Map.groupBy(graph.edges, ({ parent }) => parent);
  place(null, { below, edges, nodes });
  return { nodes, edges: {} };
}

const [LEAST_ZOOM, MOST_ZOOM, MARGIN] = [0.3, 1, 24];
/** On a phone less cannot be read; it is pulled along instead. */
const [NARROW, LEAST_NARROW] = [500, 0.6];

/** The camera that shows all of a layout; what is too large to be read that way is shown from its top. */
export function viewportOf(
  { nodes }: Layout,
  { width, height }: { readonly width: number; readonly height: number },
  leastZoom = width < NARROW ? LEAST_NARROW : LEAST_ZOOM,
): { readonly x: number; readonly y: number; readonly zoom: number } {
  // A node within a group ends before the group does, and its place is relative: it changes neither end.
  const boxes = Object.values(nodes);
  const right = Math.max(0, ...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(0, ...boxes.map((box) => box.y + box.height));
  const wanted = Math.min((width - 2 * MARGIN) / right, (height - 2 * MARGIN) / bottom);
  const zoom = Math.min(MOST_ZOOM, Math.max(leastZoom, wanted));
  return { x: (width - right * zoom) / 2, y: Math.max(MARGIN, (height - bottom * zoom) / 2), zoom };
}

type Placing = {
  readonly below: ReadonlyMap<string | null, readonly GraphNode[]>;
  readonly edges: ReadonlyMap<string | null, readonly GraphEdge[]>;
  readonly nodes: Record<string, Box>;
};

/** Places what `parent` holds, and answers how much room that takes. */
function place(parent: string | null, placing: Placing): { readonly width: number; readonly height: number } {
  const inside = placing.below.get(parent) ?? [];
  const sizes = new Map(
    inside.map((node) => [node.id, node.isGroup ? framed(place(node.id, placing)) : { ...NODE }] as const),
  );
  const layers = layersOf(inside, placing.edges.get(parent) ?? []);
  const widths = layers.map((layer) =>
    layer.reduce((sum, { id }) => sum + (sizes.get(id)?.width ?? 0) + GAP.x, -GAP.x),
  );
  const width = Math.max(0, ...widths);
  let y = 0;
  for (const [index, layer] of layers.entries()) {
    let x = (width - (widths[index] ?? 0)) / 2;
    let height = 0;
    for (const { id } of layer) {
      const size = sizes.get(id) ?? NODE;
      placing.nodes[id] = { x, y, ...size };
      x += size.width + GAP.x;
      height = Math.max(height, size.height);
    }
    y += height + GAP.y;
  }
  if (parent !== null)
    for (const { id } of inside) placing.nodes[id] = moved(placing.nodes[id], PAD, HEAD + PAD / 2);
  return { width, height: Math.max(0, y - GAP.y) };
}

function framed({ width, height }: { readonly width: number; readonly height: number }) {
  return { width: width + 2 * PAD, height: height + HEAD + PAD * 1.5 };
}

function moved(box: Box | undefined, x: number, y: number): Box {
  if (!box) throw new Error("a node was not placed");
  return { ...box, x: box.x + x, y: box.y + y };
}

/** Longest path from the first state; an edge back up counts for nothing. */
function layersOf(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
): readonly (readonly GraphNode[])[] {
  const order = new Map(nodes.map(({ id }, index) => [id, index]));
  const depth = new Map(nodes.map(({ id }) => [id, 0]));
  const forward = edges
    .filter(({ from, to }) => (order.get(from) ?? 0) < (order.get(to) ?? 0))
    .sort((a, b) => (order.get(a.from) ?? 0) - (order.get(b.from) ?? 0));
  for (const { from, to } of forward) depth.set(to, Math.max(depth.get(to) ?? 0, (depth.get(from) ?? 0) + 1));
  const layers: GraphNode[][] = [];
  for (const node of nodes) {
    const at = depth.get(node.id) ?? 0;
    layers[at] ??= [];
    layers[at].push(node);
  }
  return layers.filter(Boolean);
}
