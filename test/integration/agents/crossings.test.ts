import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConfig } from "../../../src/main/config.ts";
import { type Serving, startServing } from "../../../src/main/serve.ts";
import { single, text } from "../prd/prd-station.ts";
import { createStation } from "../stories/support/station.ts";

const LEDGER = join(import.meta.dirname, "../../support/mcp/ledger-server.ts");
const server = (file: string) =>
  JSON.stringify({
    mcpServers: { ledger: { command: process.execPath, args: [LEDGER, file] } },
  });

let directory: string;
let serving: Serving | null = null;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "station-crossings-"));
  const file = async (path: string, content: string) => {
    await mkdir(join(directory, path, ".."), { recursive: true });
    await writeFile(join(directory, path), content);
  };
  const pods = {
    input: "{ pod: string }",
    output: "{ ready: boolean }",
    script: "[{ output: { ready: true } }]",
  };
  await file("dev/agents/own.prompt", text("own", { script: "[{ output: 1 }]" }));
  await file("tools/agents/pods.prompt", text("pods", pods));
  const writes = `[{ call: { tool: __append, args: { line: "{{ input.task }}" } } }, { output: written }]`;
  await file(
    "tools/agents/clerk.prompt",
    text("clerk", { script: writes }).replace("script:", "tools: [__append]\nscript:"),
  );
  await file("tools/mcp-servers/ledger.json", server(join(directory, "ledger")));
});
afterAll(async () => {
  await serving?.close();
  await rm(directory, { recursive: true, force: true });
});

/** Station over the same files and database, with agents of these environments open to each other. */
async function startedWith(crossings: string) {
  await serving?.close();
  const loaded = loadConfig({
    PORT: "0",
    STATION_DATA_DIR: directory,
    STATION_ENVIRONMENTS_DIR: directory,
    STATION_CROSS_ENVIRONMENT_AGENTS: crossings,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  serving = await startServing(loaded.config, { info: () => {}, warn: () => {}, error: () => {} });
  return createStation(serving.url);
}

const foreign = single("foreign", "clerk@tools").replace(
  "task: agent.run",
  "task: agent.run, prompt: from dev",
);

test("an agent of an environment that was opened does its work there, for as long as it is open", async () => {
  const open = await startedWith("dev->tools");
  expect(await open.publish(foreign, "dev")).toMatchObject({ validation: { errors: [], warnings: [] } });
  expect(await open.startAndEnd("foreign", {}, "dev")).toMatchObject({
    status: "COMPLETED",
    output: "written",
  });
  expect(await readFile(join(directory, "ledger"), "utf8")).toMatch(/^from dev\t/);
  const [run] = (await open.client.listRuns({ query: { workflowId: "foreign" } })).items;
  const agentRuns = await open.client.listAgentRuns({ params: { runId: run?.runId ?? "" }, query: {} });
  expect(agentRuns.items).toMatchObject([{ agent: "clerk@tools", status: "completed" }]);

  // its schema is known when a workflow is saved, and a name that is not there is missed there
  await expect(open.publish(single("typed", "pods@tools", ", variables: { pod: 1 }"), "dev")).rejects.toThrow(
    /workflow-invalid|must be string/,
  );
  await expect(open.publish(single("missing", "nobody@tools"), "dev")).rejects.toMatchObject({
    problem: {
      errors: [{ code: "AGENT_NOT_FOUND", message: expect.stringContaining('environment "tools"') }],
    },
  });
  // one way, and no further than was said
  await expect(open.publish(single("back", "own@dev"), "tools")).rejects.toMatchObject({
    problem: { errors: [{ code: "UNSUPPORTED", hint: expect.stringContaining("tools->dev") }] },
  });

  const closed = await startedWith("");
  const late = await closed.startAndEnd("foreign", {}, "dev");
  expect(late).toMatchObject({
    status: "FAILED",
    error: {
      code: "agent_not_found",
      message: expect.stringMatching(
        /calls into another are not supported .*STATION_CROSS_ENVIRONMENT_AGENTS=dev->tools/,
      ),
    },
  });
});
