import { type RunListSearch, runListSearch } from "../run-list-search.ts";

/** A filter of the list of runs with a name. */
export type View = { readonly name: string; readonly search: RunListSearch };

const KEY = "run-views";

/** The views of this browser; what it kept and nobody understands is left out. */
export function readViews(): readonly View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.flatMap(viewOf) : [];
  } catch {
    return []; // somebody else's text
  }
}

/** Keeps a view, in the place of one of the same name. */
export function saveView(view: View): readonly View[] {
  return write([...readViews().filter(({ name }) => name !== view.name), view]);
}

export function forgetView(name: string): readonly View[] {
  return write(readViews().filter((view) => view.name !== name));
}

function write(views: readonly View[]): readonly View[] {
  localStorage.setItem(KEY, JSON.stringify(views));
  return views;
}

function viewOf(kept: unknown): readonly View[] {
  if (typeof kept !== "object" || kept === null || !("name" in kept) || !("search" in kept)) return [];
  const { name, search } = kept;
  return typeof name === "string" && typeof search === "object" && search !== null
    ? [{ name, search: runListSearch(search as Record<string, unknown>) }]
    : [];
}
