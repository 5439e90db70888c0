import { pointerKeys, pointerTo } from "./pointer.ts";
import type { Block, Definition, Schedule, State } from "./types.ts";

/** Whatever part of a canonical definition remembers where its author wrote it. */
export type Located = Definition | State | Block | Schedule;

export type Origin = {
  /** Where the part itself stands in the author's text. */
  readonly pointer: string;
  /** Canonical keys that the author wrote elsewhere or otherwise: `task` → `/states/0/input/prompt`. */
  readonly moved: ReadonlyMap<string, string>;
};

/** Kept beside the objects, not in them: a definition from the store is the same value without any origin. */
const origins = new WeakMap<Located, Origin>();

/** Remembers where a part was written. */
export function remember(part: Located, origin: Origin): void {
  origins.set(part, origin);
}

/**
 * The author's pointer of a canonical key of a part, at any depth: `conditions/0/next`. A part without an origin is
 * in canonical form already: its pointer is `canonical`.
 */
export function originOf(part: Located, path: string, canonical: string): string {
  const origin = origins.get(part);
  const keys = path === "" ? [] : pointerKeys(`/${path}`);
  if (!origin) return pointerTo(canonical, ...keys);
  for (let known = keys.length; known > 0; known--) {
    const moved = origin.moved.get(keys.slice(0, known).join("/"));
    if (moved !== undefined) return pointerTo(moved, ...keys.slice(known));
  }
  return pointerTo(origin.pointer, ...keys);
}
