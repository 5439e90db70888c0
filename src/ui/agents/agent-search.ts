import { environmentSearch } from "../workflows/workflow-list-search.ts";

/** What the address of an agent says: the environment it is looked for in. */
export type AgentSearch = { readonly environment?: string | undefined };

export type AgentListSearch = AgentSearch & { readonly q?: string | undefined };

export function agentSearch({ environment }: Record<string, unknown>): AgentSearch {
  return environmentSearch(environment);
}

/** Reads the address; what it does not understand is left out. */
export function agentListSearch({ environment, q }: Record<string, unknown>): AgentListSearch {
  return { ...environmentSearch(environment), ...(q !== undefined && String(q) !== "" && { q: String(q) }) };
}
