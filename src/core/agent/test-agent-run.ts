import type { BranchPath, RunId, StepId } from "../run/ids.ts";
import type { AgentRun } from "./agent-run.ts";

/** An agent's run that has only begun; everything else as `rest` says. */
export function agentRun(rest: Partial<AgentRun>): AgentRun {
  const id = rest.id ?? "ar_1";
  return {
    id,
    idempotencyKey: "k",
    environment: "e",
    agent: "a",
    checksum: "c",
    model: "m",
    simulated: false,
    input: {},
    prompt: [],
    place: { runId: "r" as RunId, branch: "" as BranchPath, stepId: "s" as StepId, attempt: 1 },
    family: { rootId: id, parentId: null, parentCallId: null, chain: [] },
    resumedFrom: null,
    status: { status: "running" },
    turns: [],
    calls: [],
    createdAt: 0,
    ...rest,
  };
}
