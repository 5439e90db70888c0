import type { AgentInfo } from "../../src/engine/ports/agent-runner.ts";

/** An agent of an environment that is played by a script, as the catalogue tells of it. */
export function simulatedAgent(name: string, change: Partial<AgentInfo> = {}): AgentInfo {
  return {
    name,
    aliases: [name],
    file: `agents/${name}.prompt`,
    description: null,
    model: "station/script",
    simulated: true,
    inputSchema: null,
    outputSchema: null,
    tools: [],
    agents: [],
    prompt: null,
    problems: [],
    ...change,
  };
}
