import { nestedBlocks } from "../definition/graph.ts";
import type { Block, Definition, State } from "../definition/types.ts";
import { type BranchPath, parentOf, ROOT, stateOfSegment } from "./ids.ts";

/** The nested lists of states a state may open as branches. */
export function blocksOf(state: State): readonly Block[] {
  return nestedBlocks(state).map(({ block }) => block);
}

const index = new WeakMap<Block, ReadonlyMap<string, State>>();
const roots = new WeakMap<Definition, Block>();

/** The list of states a branch runs through, found by walking the definition along its path. */
export function blockAt(definition: Definition, path: BranchPath): Block {
  let block = rootBlock(definition);
  const segments = path === ROOT ? [] : path.split("/");
  for (let i = 0; i + 1 < segments.length; i += 2) {
    const [state = "", child = ""] = segments.slice(i, i + 2);
    block = childBlock(stateIn(block, stateOfSegment(state), path), child, path);
  }
  return block;
}

/** The state that opened the branch `path`; not for the root. */
export function openerOf(definition: Definition, path: BranchPath): State {
  const parent = parentOf(path);
  if (parent === null) throw new Error("nothing opened the root branch");
  return stateIn(blockAt(definition, parent), stateOfSegment(path.split("/").at(-2) ?? ""), parent);
}

function childBlock(state: State, child: string, path: BranchPath): Block {
  const block =
    state.type === "foreach" ? state.iterator : blocksOf(state).find(({ name }) => name === child);
  if (!block) throw new Error(`branch "${path}": state "${state.name}" has no block "${child}"`);
  return block;
}

/** The state `name` of a block; throws when a stored run names one its definition does not have. */
export function stateIn(block: Block, name: string, path: BranchPath): State {
  let states = index.get(block);
  if (!states) {
    states = new Map(block.states.map((state) => [state.name, state]));
    index.set(block, states);
  }
  const state = states.get(name);
  if (!state) throw new Error(`branch "${path}" stands on "${name}", which its definition does not have`);
  return state;
}

function rootBlock(definition: Definition): Block {
  let block = roots.get(definition);
  if (!block) {
    block = { name: "", start: definition.start, states: definition.states };
    roots.set(definition, block);
  }
  return block;
}
