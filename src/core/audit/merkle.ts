import { hash } from "node:crypto";

/** Where a run's chain stood: its last event, and the chain's value there. */
export type RunHead = { readonly runId: string; readonly seq: number; readonly hash: string };

/** The way from a leaf to the root: the hash beside it on each level, and on which side that is. */
export type InclusionProof = readonly { readonly side: "left" | "right"; readonly hash: string }[];

/** The root of a tree without leaves. */
const EMPTY = hash("sha256", "station:no-leaves");

/** What stands for a run's head in the tree. */
function leafOf({ runId, seq, hash: head }: RunHead): string {
  return hash("sha256", `leaf:${runId}:${seq}:${head}`);
}

/** The root over heads in this order (64 hex digits). A node without a neighbour goes up as it is. */
export function rootOf(heads: readonly RunHead[]): string {
  let level = heads.map(leafOf);
  while (level.length > 1) level = above(level);
  return level[0] ?? EMPTY;
}

/** How each head is found to be in the tree, by its index. Throws for an index beyond the heads. */
export function proofsOf(heads: readonly RunHead[]): (index: number) => InclusionProof {
  const levels = [heads.map(leafOf)];
  for (let top = levels[0] ?? []; top.length > 1; levels.push(top)) top = above(top);
  return (index) => {
    if (index < 0 || index >= heads.length) throw new Error(`there is no head ${index} of ${heads.length}`);
    return levels.flatMap((level, height) => {
      const at = Math.floor(index / 2 ** height);
      const side = at % 2 === 0 ? ("right" as const) : ("left" as const);
      const beside = level[side === "right" ? at + 1 : at - 1];
      return beside === undefined ? [] : [{ side, hash: beside }];
    });
  };
}

/** The root that a head and its proof lead to. */
export function rootBy(head: RunHead, proof: InclusionProof): string {
  return proof.reduce(
    (below, { side, hash: beside }) => (side === "left" ? node(beside, below) : node(below, beside)),
    leafOf(head),
  );
}

function above(level: readonly string[]): string[] {
  const nodes: string[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const [left, right] = [level[index] ?? "", level[index + 1]];
    nodes.push(right === undefined ? left : node(left, right));
  }
  return nodes;
}

function node(left: string, right: string): string {
  return hash("sha256", `node:${left}:${right}`);
}
