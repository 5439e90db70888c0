import { Lru } from "../core/lru.ts";
import type { Queries } from "../engine/ports/queries.ts";

/** Which environment a run or an approval belongs to; `null` when there is no such thing. */
export type EnvironmentOf = Queries["environmentOf"];

/** It never changes, so it is asked once. */
const REMEMBERED = 10_000;

/** The store's answers, remembered. */
export function rememberedEnvironments(queries: Pick<Queries, "environmentOf">): EnvironmentOf {
  const known = new Lru<string, string>(REMEMBERED);
  return async (what, id) => {
    const found = known.get(id) ?? (await queries.environmentOf(what, id));
    if (found !== null) known.set(id, found);
    return found;
  };
}
