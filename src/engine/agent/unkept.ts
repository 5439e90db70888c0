import type { AgentStore } from "../ports/agents.ts";

/** For a script that calls nothing: repeated, it answers the same, so there is nothing to keep. */
export function keepsNothing(): AgentStore {
  return {
    open: async (run) => ({
      status: "open",
      run: { ...run, status: { status: "running" }, turns: [], calls: [], resumedFrom: null },
    }),
    commit: async () => true,
    abandon: async () => {},
    sweep: async () => 0,
    run: async () => null,
    known: async () => new Set(),
    list: async () => [],
  };
}
