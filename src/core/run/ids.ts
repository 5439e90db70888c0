declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** `run_` + ULID. */
export type RunId = Id<"RunId">;
/** 32 hex digits; see step-id.ts. */
export type StepId = Id<"StepId">;
/** `apr_` + the first 26 hex digits of its step id: one approval per step, so a redelivered task finds it. */
export type ApprovalId = Id<"ApprovalId">;
/** Where a branch sits in the tree of branches: "" is the root, then "diagnostics/pods", "check_all/0". */
export type BranchPath = Id<"BranchPath">;

export const ROOT = "" as BranchPath;

/** How a state appears in its children's paths: a loop's later visits open branches of their own. */
export function segmentOf(state: string, visit: number): string {
  return visit === 1 ? state : `${state}#${visit}`;
}

/** The state a segment stands for; names have no "#". */
export function stateOfSegment(segment: string): string {
  return segment.split("#", 1)[0] ?? segment;
}

/** The branch that a state of `parent` opens under the name or index `child`. */
export function childBranch(parent: BranchPath, segment: string, child: string | number): BranchPath {
  return (parent === ROOT ? `${segment}/${child}` : `${parent}/${segment}/${child}`) as BranchPath;
}

/** The path of the branch that opened this one; `null` for the root. */
export function parentOf(path: BranchPath): BranchPath | null {
  if (path === ROOT) return null;
  return path.split("/").slice(0, -2).join("/") as BranchPath;
}

/** The last segment of a path: the parallel branch's name, the foreach index, or try/catch/finally. */
export function lastSegment(path: BranchPath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** From a branch outwards to the root, itself first. */
export function lineage(path: BranchPath): readonly BranchPath[] {
  const parent = parentOf(path);
  return parent === null ? [path] : [path, ...lineage(parent)];
}
