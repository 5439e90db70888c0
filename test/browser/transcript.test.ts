import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { turnOf } from "../integration/agents/family.ts";
import { openai } from "../support/models/openai.ts";
import { type Asked, type Reaction, startModelServer } from "../support/models/server.ts";
import { faultsOf } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

/** What the models say: a boss that lets a clerk write, then does something that a person has to allow. */
const TURNS: Readonly<Record<string, readonly Reaction[]>> = {
  boss: [
    { calls: [["__agent_clerk", { task: "write" }]] },
    { calls: [["append", { line: "boss-1", note: "<img src=x onerror=alert(1)>" }]] },
    { text: "all done" },
  ],
  quitter: [
    { text: "I look at both.", calls: [["echo", { message: "one\ntwo" }]] },
    { text: "Now the other.", calls: [["echo", { message: "three" }]] },
    { status: 400, body: { error: { message: "this is too much" } } },
  ],
  clerk: [{ calls: [["echo", { message: "hello" }]] }, { text: "written" }],
};

const model = await startModelServer(openai, (asked: Asked): Reaction => {
  const { who, turn } = turnOf(asked);
  return TURNS[who]?.[turn] ?? { status: 500, body: `nothing to say to ${who} in turn ${turn}` };
});
const on = stage({
  OPENAI_API_KEY: "sk-canary-0123456789abcdef",
  STATION_AI_BASE_URL: model.url,
  STATION_AI_PRICES: JSON.stringify({ "gpt-4o-mini": { input: 100, output: 200 } }),
});

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const prompt = (name: string, more: string) =>
  `---\nmodel: openai/gpt-4o-mini\nmetadata: { name: ${name} }\n${more}\n---\n{{role "system"}}You are ${name}.\n{{role "user"}}{{userInput}}\n`;

beforeAll(async () => {
  const home = join(on.deployment.directory, "environments/stories");
  const ledger = join(on.deployment.directory, "ledger.txt");
  await mkdir(join(home, "mcp-servers"), { recursive: true });
  await writeFile(ledger, "");
  await writeFile(
    join(home, "agents/boss.prompt"),
    prompt("boss", "tools: [append]\nagents: [clerk]\napprovals: { tools: [append] }"),
  );
  for (const name of ["clerk", "quitter"])
    await writeFile(join(home, `agents/${name}.prompt`), prompt(name, "tools: [echo]"));
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
  // New agents are found within a second.
  await vi.waitFor(() => publish(on.client, "delegated", "giving"), { timeout: 10_000 });
  await publish(on.client, "asking");
});
afterAll(() => model.close());

inBrowser(
  "what an agent was told, said and did is there while it works, goes on by itself, and as of any event",
  async () => {
    const runId = await start(on.client, "delegated");
    const page = await on.open(`/runs/${runId}?tab=agent`);
    const boss = page.getByRole("article", { name: "Transcript of boss" });
    const call = boss.getByRole("group", { name: "Call of append" });
    await until(on.client, runId, "WAITING_APPROVAL", "FAILED");
    await call.getByText("Needs approval").waitFor({ state: "attached" });
    // It came from a model: it is text, whatever it looks like.
    await call.getByText("<img src=x onerror=alert(1)>").waitFor();
    const clerk = boss.getByRole("article", { name: "Transcript of clerk" });
    await clerk.getByRole("group", { name: "Call of echo" }).getByText("Echo: hello").waitFor();
    await clerk.getByText("written", { exact: true }).waitFor();
    expect(await boss.getByText("You are boss.").count()).toBe(0);
    await boss.getByRole("button", { name: "system" }).first().click();
    await boss.getByText("You are boss.").waitFor();
    await boss.getByText(/asks to call "ledger.append" with exactly these arguments/).waitFor();
    expect(await faultsOf(page, "a transcript that waits")).toEqual([]);

    // Exactly this call is decided; whoever decides may change it.
    await boss.getByRole("button", { name: "Decide" }).click();
    const card = page.getByRole("article", { name: "boss wants to call ledger.append" });
    await card.getByRole("button", { name: "Approve" }).click();
    await card.getByRole("button", { name: "Edit arguments" }).click();
    const args = card.getByLabel(/^Arguments \(JSON\)/);
    await args.fill('{ "line": ');
    await expect
      .poll(() => card.getByRole("button", { name: /^Confirm/ }).getAttribute("aria-disabled"))
      .toBe("true");
    await args.fill('{ "line": "boss-changed" }');
    await card.getByLabel("Comment (optional)").fill("go");
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/edit-arguments.png` });
    expect(await faultsOf(page, "a call to decide")).toEqual([]);
    await card.getByRole("button", { name: /^Confirm: approve/ }).click();
    await page.getByRole("tab", { name: "Agent" }).click();
    await call.getByText("Approved by user:local, who changed the arguments – “go”").waitFor();
    await call.getByText('"boss-changed"').waitFor();
    await boss.getByText("all done").waitFor();
    await boss.getByText("Completed").first().waitFor();
    await boss.getByText("300", { exact: true }).waitFor();
    await boss.getByText("$0.0360", { exact: true }).waitFor();
    await boss
      .getByText(/ · 110 tokens · \$0\.0120$/)
      .first()
      .waitFor();
    if (process.env["SHOTS"]) {
      await page.screenshot({ path: `${process.env["SHOTS"]}/transcript.png` });
      await page.emulateMedia({ colorScheme: "dark" });
      await page.screenshot({ path: `${process.env["SHOTS"]}/transcript-dark.png` });
      await page.setViewportSize({ width: 390, height: 844 });
      await page.screenshot({ path: `${process.env["SHOTS"]}/transcript-phone.png` });
      await page.setViewportSize({ width: 1440, height: 900 });
    }

    await page.getByRole("tab", { name: "Overview" }).click();
    await page.getByText("550 tokens · $0.0600").waitFor();

    const requested = (await on.client.listEvents({ params: { runId }, query: { limit: 200 } })).items.find(
      ({ type }) => type === "approval.requested",
    );
    await page.goto(`${on.deployment.url}/runs/${runId}?tab=agent&at=${requested?.seq}`);
    await boss.getByText("As of this event: 2 of 3 turns.").waitFor();
    await call.getByText("Pending").waitFor({ state: "attached" });
    expect(await boss.getByText("all done").count()).toBe(0);
  },
);

inBrowser("of a script that called nothing it is said why there is no transcript", async () => {
  const runId = await start(on.client, "asking");
  await until(on.client, runId, "WAITING_APPROVAL");
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("treeitem", { name: /look/ }).click();
  await page.getByRole("tab", { name: "Agent" }).click();
  await page.getByText(/No transcript was kept/).waitFor();
});

inBrowser(
  "how an agent did lately, and what it used up, stands in the list and beside its prompt",
  async () => {
    const { items } = await on.client.listAgentStatistics({ query: { environment: "stories" } });
    const boss = items.find(({ agent }) => agent === "boss");
    expect(boss).toMatchObject({ completed: 1, failed: 0, successRate: 1 });
    const page = await on.open("/agents?environment=stories");
    const row = page.getByRole("row", { name: /^boss/ });
    await row.getByText("100.0 %").waitFor();
    await row.getByText(`$${boss?.costUsd.toFixed(4)}`).waitFor();
    await row.getByRole("link", { name: "boss" }).click();
    const lately = page.getByRole("region", { name: "Last 30 days" });
    await lately.getByText("100.0 % (1 completed, 0 failed)").waitFor();
    expect(await faultsOf(page, "an agent that ran")).toEqual([]);
  },
);

inBrowser("a failed run says how the log of its agent ends; on a phone it unfolds", async () => {
  const runId = await start(on.client, "giving");
  await until(on.client, runId, "FAILED");
  const page = await on.open(`/runs/${runId}`);
  const log = page.getByRole("region", { name: "Last lines of the log" });
  await log.waitFor();
  expect((await log.textContent())?.split("\n")).toEqual([
    "← Echo: one",
    "  two",
    "quitter: Now the other.",
    '→ echo {"message":"three"}',
    "← Echo: three",
  ]);
  expect(await faultsOf(page, "the end of a log")).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await log.waitFor({ state: "hidden" });
  await page.getByText(/^Last 5 lines of its log/).click();
  await log.waitFor();
  expect(await faultsOf(page, "the end of a log")).toEqual([]);
  await page.getByRole("button", { name: "Show all of it" }).click();
  await page.getByRole("article", { name: "Transcript of quitter" }).waitFor();
  expect(await faultsOf(page, "two calls of one tool")).toEqual([]);
});
