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

export type Origins = ReadonlyMap<Located, Origin>;

/** The author's pointer of a canonical key of a part, at any depth: `conditions/0/next`. */
export function originOf(origins: Origins, part: Located, path = ""): string {
  const origin = origins.get(part);
  const keys = path === "" ? [] : pointerKeys(`/${path}`);
  if (!origin) return pointerTo("", ...keys);
  for (let known = keys.length; known > 0; known--) {
    const moved = origin.moved.get(keys.slice(0, known).join("/"));
    if (moved !== undefined) return pointerTo(moved, ...keys.slice(known));
  }
  return pointerTo(origin.pointer, ...keys);
}
