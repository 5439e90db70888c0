import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { type Client, createClient } from "../../../src/http/client.ts";
import { openai } from "../../support/models/openai.ts";
import {
  type Asked,
  type ModelServer,
  type React,
  type Reaction,
  startModelServer,
} from "../../support/models/server.ts";
import { eventually } from "../stories/support/eventually.ts";
import { launchCommand, type StationProcess } from "../stories/support/process.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

const prompt = (name: string, more: string) =>
  `---\nmodel: openai/gpt-4o-mini\nmetadata: { name: ${name} }\n${more}\n---\n{{role "system"}}You are ${name}.\n{{role "user"}}{{userInput}}\n`;

const WORKFLOW = `id: family
version: "1"
start: work
states:
  - { name: work, type: operation, action: agent.run, agent: boss, task: "do it", resultPath: done, end: true }
`;

/** What the models of a boss and a clerk say, by who is asked and in which turn. */
const TURNS: Readonly<Record<string, readonly Reaction[]>> = {
  boss: [
    {
      calls: [
        ["append", { line: "boss-1" }],
        ["echo", { message: "hello" }],
      ],
    },
    { calls: [["__agent_clerk", { task: "write" }]] },
    { calls: [["append", { line: "boss-2" }]] },
    { text: "all done" },
  ],
  clerk: [{ calls: [["append", { line: "clerk-1" }]] }, { text: "written" }],
};

export const TURNS_IN_ALL = 6;

/** Who is asked, and which of its turns. */
export function turnOf({ messages }: Pick<Asked, "messages">): {
  readonly who: string;
  readonly turn: number;
} {
  const who = /You are (\w+)/.exec(String(messages[0]?.content))?.[1] ?? "";
  return { who, turn: messages.filter(({ role }) => role === "assistant").length };
}

export function familyTurns(asked: Asked): Reaction {
  const { who, turn } = turnOf(asked);
  return TURNS[who]?.[turn] ?? { status: 500, body: `nothing to say to ${who} in turn ${turn}` };
}

/** A directory with the agents, real MCP servers and a workflow, and a model on the wire. */
export type Scene = {
  readonly directory: string;
  readonly model: ModelServer;
  /** What the unsafe tool has written. */
  ledger(): Promise<readonly string[]>;
  /** Starts the whole of Station, or one of its programs; `crash` says where it dies. */
  start(crash?: string, extra?: Readonly<Record<string, string>>, program?: "api" | "worker"): StationProcess;
  /** Resolves when the process serves. */
  client(process: StationProcess): Promise<Client>;
  commits(): Promise<number>;
  remove(): Promise<void>;
};

export async function stage(
  agents: { readonly boss?: string; readonly clerk?: string } = {},
  react: React = familyTurns,
): Promise<Scene> {
  const directory = await mkdtemp(join(tmpdir(), "station-family-"));
  const home = join(directory, "environments", "default");
  for (const folder of ["agents", "mcp-servers", "workflows"])
    await mkdir(join(home, folder), { recursive: true });
  const { boss = "tools: [append, echo]\nagents: [clerk]", clerk = "tools: [append]" } = agents;
  await writeFile(join(home, "agents/boss.prompt"), prompt("boss", boss));
  await writeFile(join(home, "agents/clerk.prompt"), prompt("clerk", clerk));
  await writeFile(join(home, "workflows/family.workflow.yaml"), WORKFLOW);
  const ledger = join(directory, "ledger.txt");
  await writeFile(ledger, "");
  await writeFile(
    join(home, "mcp-servers/servers.json"),
    JSON.stringify({
      mcpServers: {
        ledger: { command: process.execPath, args: [path("test/support/mcp/ledger-server.ts"), ledger] },
        everything: {
          command: process.execPath,
          args: [path("node_modules/@modelcontextprotocol/server-everything/dist/index.js"), "stdio"],
        },
      },
    }),
  );
  const model = await startModelServer(openai, react);
  const commits = join(directory, "commits.txt");
  const processes: StationProcess[] = [];
  return {
    directory,
    model,
    ledger: async () => (await readFile(ledger, "utf8")).split("\n").filter((line) => line !== ""),
    start(crash, extra = {}, program = "api") {
      const preload = crash === undefined ? [] : ["--import", path("test/support/crash-at.ts")];
      const started = launchCommand([process.execPath, ...preload, path(`src/main/${program}.ts`)], {
        directory,
        env: {
          PORT: "0",
          STATION_DATA_DIR: "data",
          STATION_UI: "off",
          OPENAI_API_KEY: "sk-canary-0123456789abcdef",
          STATION_AI_BASE_URL: model.url,
          ...extra,
          ...(crash === undefined ? {} : { CRASH_AT: crash, CRASH_LOG: commits }),
        },
      });
      processes.push(started);
      return started;
    },
    async client(started) {
      const { url } = await started.logged("listening");
      return createClient({ baseUrl: String(url) });
    },
    commits: async () => (await readFile(commits, "utf8")).split("\n").filter((line) => line !== "").length,
    async remove() {
      await Promise.all(processes.map((one) => one.kill()));
      await model.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Checks a run that somebody went on with after a kill: no finished turn was asked for again, and no call of the unsafe
 * tool made again. What the tool and the model saw before counts from `before` on.
 */
export async function expectNothingTwice(
  client: Client,
  { ledger, model }: Scene,
  runId: string,
  before: { readonly lines: number; readonly asked: number } = { lines: 0, asked: 0 },
): Promise<void> {
  expect(await client.getRun({ params: { runId } })).toMatchObject({ status: "COMPLETED" });
  const lines = (await ledger()).slice(before.lines);
  const keys = lines.map((line) => line.split("\t")[1]);
  // A call whose outcome nobody knew was not made again; it may have been made, or not.
  expect(new Set(keys).size).toBe(keys.length);
  expect(lines.length).toBeGreaterThanOrEqual(2);
  const { items } = await client.listAgentRuns({ params: { runId } });
  expect(items.map(({ agent, status, turns }) => [agent, status, turns])).toEqual([
    ["boss", "completed", 4],
    ["clerk", "completed", 2],
  ]);
  // A model call in flight may be asked again, a finished one never: two answers in all at most for one turn.
  const asked = model.asked.slice(before.asked).map((one) => JSON.stringify(turnOf(one)));
  expect(asked.length).toBeLessThanOrEqual(TURNS_IN_ALL + 1);
  expect(asked.length - new Set(asked).size).toBeLessThanOrEqual(1);
}

/** Starts the workflow's run. */
export async function startRun(client: Client): Promise<string> {
  const { runId } = await client.startRun({ body: { workflowId: "family" } });
  return runId;
}

/** Resolves with the run once it has ended. */
export function ended(client: Client, runId: string) {
  return eventually(
    async () => {
      const run = await client.getRun({ params: { runId } });
      return run.finishedAt === null ? null : run;
    },
    () => `run ${runId} has not ended`,
  );
}
