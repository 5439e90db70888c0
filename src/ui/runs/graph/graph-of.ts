import type { Block, Definition, State, StateType } from "../../../core/definition/types.ts";
import { placeOf } from "../model/index-events.ts";

/** A workflow as a graph, known from its definition alone: the same before, while and after it runs. */
export type Graph = {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
};

export type GraphNode = {
  /** The place of the state, as steps carry it. */
  readonly id: string;
  readonly parent: string | null;
  readonly title: string;
  readonly type: StateType | "block";
  readonly agent: string | null;
  readonly isApproval: boolean;
  /** As it is written; null for a branch. */
  readonly state: State | null;
  /** Holds the graph of its branches. */
  readonly isGroup: boolean;
};

export type GraphEdge = {
  readonly id: string;
  readonly parent: string | null;
  readonly from: string;
  readonly to: string;
  readonly kind: "next" | "arm" | "error";
  /** The condition of an arm, or what leads here. */
  readonly label: string | null;
  /** The name of the state it leads to, and the condition that must have held; for telling whether it was taken. */
  readonly next: string;
  readonly condition?: string | null;
};

/** Reads the graph out of a definition; the groups in `collapsed` are drawn as one node. */
export function graphOf(definition: Definition, collapsed: ReadonlySet<string>): Graph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  addBlock({ nodes, edges, collapsed }, definition.states, "", null);
  return { nodes, edges };
}

/** The places of all states that hold others. */
export function groupsOf(definition: Definition): readonly string[] {
  return graphOf(definition, new Set()).nodes.flatMap(({ id, isGroup, type }) =>
    isGroup && type !== "block" ? [id] : [],
  );
}

type Making = {
  readonly nodes: GraphNode[];
  readonly edges: GraphEdge[];
  readonly collapsed: ReadonlySet<string>;
};

function addBlock(making: Making, states: readonly State[], branch: string, parent: string | null): void {
  const names = new Set(states.map(({ name }) => name));
  for (const state of states) {
    const id = placeOf(branch, state.name);
    const blocks = blocksWithPaths(state, id);
    const isGroup = blocks.length > 0 && !making.collapsed.has(id);
    making.nodes.push({
      id,
      parent,
      title: state.name,
      type: state.type,
      agent: "agent" in state ? state.agent : null,
      isApproval: "action" in state && state.action === "human.approval",
      state,
      isGroup,
    });
    if (isGroup) for (const [block, path, isNamed] of blocks) addBranch(making, block, path, isNamed, id);
    for (const edge of edgesOf(state))
      if (names.has(edge.next))
        making.edges.push({
          ...edge,
          id: `${id}→${edge.next}:${edge.kind}:${edge.label ?? ""}`,
          parent,
          from: id,
          to: placeOf(branch, edge.next),
        });
  }
}

/** A branch of one state is that state within its group; a longer one has a frame of its own. */
function addBranch(making: Making, block: Block, path: string, isNamed: boolean, parent: string): void {
  if (!isNamed || block.states.length === 1) {
    addBlock(making, block.states, path, parent);
    return;
  }
  making.nodes.push({
    id: path,
    parent,
    title: block.name,
    type: "block",
    agent: null,
    isApproval: false,
    state: null,
    isGroup: true,
  });
  addBlock(making, block.states, path, path);
}

function blocksWithPaths(state: State, id: string): readonly (readonly [Block, string, boolean])[] {
  switch (state.type) {
    case "parallel":
      return state.branches.map((block) => [block, `${id}/${block.name}`, true]);
    case "foreach":
      return [[state.iterator, `${id}/*`, false]];
    case "try":
      return [state.try, state.catch, state.finally].flatMap((block) =>
        block ? [[block, `${id}/${block.name}`, true] as const] : [],
      );
    case "operation":
    case "switch":
    case "inject":
    case "transform":
    case "timer":
    case "signal":
      return [];
  }
}

type Way = Pick<GraphEdge, "kind" | "label" | "next"> & { readonly condition?: string | null };

function edgesOf(state: State): readonly Way[] {
  const ways: Way[] = [];
  if (state.type === "switch") {
    for (const { if: condition, next } of state.conditions)
      ways.push({ kind: "arm", label: condition, next, condition });
    if (state.defaultNext)
      ways.push({ kind: "arm", label: "otherwise", next: state.defaultNext, condition: null });
  } else if ("next" in state.transition)
    ways.push({ kind: "next", label: null, next: state.transition.next });
  if (state.onError) ways.push({ kind: "error", label: "on error", next: state.onError.next });
  if (state.type === "operation" && state.action === "human.approval") {
    if (typeof state.onReject === "object")
      ways.push({ kind: "error", label: "rejected", next: state.onReject.next });
    if (typeof state.onTimeout === "object")
      ways.push({ kind: "error", label: "nobody decided", next: state.onTimeout.next });
  }
  return ways;
}
