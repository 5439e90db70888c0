import { createHash } from "node:crypto";
import type { AgentsInReach } from "../core/definition/agent-reference.ts";
import { Lru } from "../core/lru.ts";
import type { AgentInfo } from "./ports/agent-runner.ts";
import type { DefinitionSource } from "./ports/definitions.ts";
import type { Ports } from "./ports.ts";
import { type Checked, checkAgainst } from "./publish-workflow.ts";

/** A file's text as what is read and checked. */
export type TextFile = { readonly path: string; readonly text: string };

/** Checks a workflow's file against the agents in reach of its environment. */
export type CheckFile = (
  environment: string,
  agents: AgentsInReach<AgentInfo>,
  file: TextFile,
) => Promise<Checked>;

/** How many files' findings are kept. */
const MOST = 5000;

/** Checks a file again only when it, or an agent of its environment, has changed: a sync of what is the same is cheap. */
export function createFileCheck(ports: Pick<Ports, "definitions" | "expressions" | "schemas">): CheckFile {
  const known = new Lru<string, { readonly mark: string; readonly checked: Checked }>(MOST);
  const marks = new WeakMap<AgentsInReach<AgentInfo>, string>();
  return async (environment, agents, file) => {
    const agentsMark = marks.get(agents) ?? hashOf(JSON.stringify(agents));
    marks.set(agents, agentsMark);
    const key = JSON.stringify([environment, file.path]);
    const mark = `${agentsMark} ${hashOf(file.text)}`;
    const last = known.get(key);
    if (last?.mark === mark) return last.checked;
    const checked = await checkAgainst(ports, environment, agents, sourceOfFile(file));
    known.set(key, { mark, checked });
    return checked;
  };
}

/** A workflow file as what is read and checked. */
export function sourceOfFile({ path, text }: TextFile): DefinitionSource {
  return { text, format: path.endsWith(".json") ? "json" : "yaml", file: path };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
