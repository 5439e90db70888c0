import { createHash } from "node:crypto";
import type { AgentsInReach } from "../core/definition/agent-reference.ts";
import type { KnownWorkflow } from "../core/definition/calls.ts";
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
  /** The workflows it may call; `null` while they are not known. */
  workflows: readonly KnownWorkflow[] | null,
) => Promise<Checked>;

/** How many files' findings are kept. */
const MOST = 5000;

/** Checks a file again only when it, or an agent of its environment, has changed: a sync of what is the same is cheap. */
export function createFileCheck(ports: Pick<Ports, "definitions" | "expressions" | "schemas">): CheckFile {
  const known = new Lru<string, { readonly mark: string; readonly checked: Checked }>(MOST);
  const agentsMarks = new WeakMap<AgentsInReach<AgentInfo>, string>();
  return async (environment, agents, file, workflows) => {
    const agentsMark = agentsMarks.get(agents) ?? hashOf(JSON.stringify(agents));
    agentsMarks.set(agents, agentsMark);
    const key = JSON.stringify([environment, file.path, workflows !== null]);
    const mark = `${agentsMark} ${hashOf(file.text)} ${workflows ? marksOf(workflows) : ""}`;
    const last = known.get(key);
    if (last?.mark === mark) return last.checked;
    const checked = await checkAgainst(ports, environment, agents, sourceOfFile(file), async () => workflows);
    known.set(key, { mark, checked });
    return checked;
  };
}

/** The same array is looked at for many files. */
const marks = new WeakMap<readonly KnownWorkflow[], string>();

function marksOf(workflows: readonly KnownWorkflow[]): string {
  const mark =
    marks.get(workflows) ??
    hashOf(
      JSON.stringify(workflows.map(({ id, inputSchema, outputSchema }) => [id, inputSchema, outputSchema])),
    );
  marks.set(workflows, mark);
  return mark;
}

/** A workflow file as what is read and checked. */
export function sourceOfFile({ path, text }: TextFile): DefinitionSource {
  return { text, format: path.endsWith(".json") ? "json" : "yaml", file: path };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
