import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { MemoryOptions } from "../../../src/cli/terminal/memory-terminal.ts";
import type { Log } from "../../../src/engine/ports.ts";
import { createClient } from "../../../src/http/client.ts";
import { createCheck } from "../../../src/main/check.ts";
import { loadConfig } from "../../../src/main/config.ts";
import { NAMES } from "../../../src/main/environment-reader.ts";
import { createRehearsals } from "../../../src/main/rehearsals.ts";
import { startServing } from "../../../src/main/serve.ts";
import { createWorld, eventually } from "../http/world.ts";
import { stnFor } from "./stn.ts";

// The first minute with Station: a folder, and something in it that works.

const WORKFLOW = "environments/default/workflows/alert-triage.workflow.yaml";
const ALL = [
  ".env",
  ".gitignore",
  "environments/default/agents/alert-judge.prompt",
  "environments/default/workflows/alert-triage.test.yaml",
  WORKFLOW,
];
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "station-init-"));
  return () => rm(folder, { recursive: true });
});

async function stn(argv: readonly string[], options: MemoryOptions = {}) {
  const world = await createWorld();
  const environmentsDir = join(folder, "environments");
  const files = { environmentsDir, crossings: [] };
  const more = { cwd: folder, check: createCheck(files), rehearsals: createRehearsals(files) };
  try {
    return await stnFor(world, more).run(argv, options);
  } finally {
    await world.close();
  }
}

async function filesIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

const text = (path: string) => readFile(join(folder, path), "utf8");

describe("with the defaults", () => {
  it("writes files that are valid, pass their tests, and says what to type next", async () => {
    const { code, err } = await stn(["init", "--yes"]);
    expect(code).toBe(0);
    expect(err).toBe(
      "\nnext: stn dev\nthen: stn run alert-triage --follow, in another terminal; stn test needs no server\n",
    );
    expect(await filesIn(folder)).toEqual(ALL);
    expect((await stat(join(folder, ".env"))).mode & 0o077).toBe(0);
    const validated = await stn(["validate", "--strict"]);
    expect(validated).toMatchObject({ code: 0, out: "", err: "1 file, 0 errors, 0 warnings\n" });
    const tested = await stn(["test"]);
    expect(tested).toMatchObject({ code: 0, err: expect.stringContaining("3 passed") });
    expect((await stn(["run", WORKFLOW, "--dry-run"])).code).toBe(0);
  });

  it("its .env holds nothing but settings that there are, none of them set", async () => {
    await stn(["init", "--yes"]);
    const lines = (await text(".env")).split("\n").filter((line) => line !== "");
    expect(lines.every((line) => line.startsWith("#"))).toBe(true);
    const named = lines.flatMap((line) => /^# ([A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !(NAMES as readonly string[]).includes(name))).toEqual([]);
  });

  it("the example runs to its end on a server, without a model", async () => {
    await stn(["init", "--yes"]);
    const loaded = loadConfig({
      PORT: "0",
      STATION_DATA_DIR: join(folder, ".station"),
      STATION_ENVIRONMENTS_DIR: join(folder, "environments"),
    });
    if (!loaded.ok) throw new Error("the configuration is wrong");
    const serving = await startServing(loaded.config, silent);
    try {
      const client = createClient({ baseUrl: serving.url });
      const { runId } = await client.startRun({ body: { workflowId: "alert-triage" } });
      const approvalId = await eventually(async () => {
        const { items } = await client.listApprovals({ query: { status: ["PENDING"] } });
        return items[0]?.approvalId;
      });
      await client.approve({ params: { approvalId }, body: {} });
      const run = await eventually(async () => {
        const now = await client.getRun({ params: { runId } });
        return now.finishedAt !== null && now;
      });
      expect(run).toMatchObject({ status: "COMPLETED", output: { done: "somebody was woken up" } });
    } finally {
      await serving.close();
    }
  });
});

describe("in a folder with something in it", () => {
  it("leaves what is there as it is, and says which", async () => {
    await writeFile(join(folder, ".gitignore"), "node_modules\n");
    await symlink("elsewhere", join(folder, ".env"));
    await mkdir(join(folder, "environments/default/workflows"), { recursive: true });
    await writeFile(join(folder, WORKFLOW), "id: mine\n");
    const { code, out, err } = await stn(["init", "--yes", "--json"]);
    expect(code).toBe(0);
    const { items } = JSON.parse(out) as { items: { file: string; result: string }[] };
    const left = items.filter(({ result }) => result === "left").map(({ file }) => file);
    expect(left.sort()).toEqual([".env", ".gitignore", WORKFLOW]);
    expect(await text(WORKFLOW)).toBe("id: mine\n");
    expect(await filesIn(folder)).toEqual(ALL);
    expect(err).toContain("add .env to .gitignore: it is for keys\n");
    const again = await stn(["init", "--yes"]);
    expect(again.out.match(/was there, left as it is/g)).toHaveLength(ALL.length);
  });

  it("says where a file is in the way", async () => {
    await writeFile(join(folder, "environments"), "");
    const { code, out, err } = await stn(["init", "--yes"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(`${join(folder, WORKFLOW)} cannot be written`);
  });
});

describe("with a person", () => {
  const person = { isTty: true, columns: 120, env: { NO_COLOR: "1" } };

  it("takes the answers, asks again for what is no answer, and an empty one is the default", async () => {
    const answers = ["1st", "ops", "true", "", "a model", "openai/gpt-4o-mini"];
    const { code, out, err } = await stn(["init", "my project"], { ...person, answers });
    expect(code).toBe(0);
    expect(err).toContain("environment [default]   a letter, then letters, digits, . _ and -; 64 at most\n");
    expect(err).toContain("agent [alert-judge] ");
    expect(err).toContain("next: cd 'my project' && stn dev\n");
    expect(out).toContain("+  environments/ops/agents/alert-judge.prompt");
    expect(await filesIn(join(folder, "my project"))).toEqual([
      ".env",
      ".gitignore",
      "environments/ops/agents/alert-judge.prompt",
      "environments/ops/workflows/true.test.yaml",
      "environments/ops/workflows/true.workflow.yaml",
      "station.yaml",
    ]);
    expect(await text("my project/station.yaml")).toContain("\nenvironment: ops\n");
    const agent = await text("my project/environments/ops/agents/alert-judge.prompt");
    expect(agent).toContain("model: openai/gpt-4o-mini\n");
    expect(agent).not.toContain("script:");
    const workflow = "my project/environments/ops/workflows/true.workflow.yaml";
    expect((await stn(["validate", workflow])).code).toBe(0);
  });

  it("asks nobody where nobody is", async () => {
    for (const argv of [["init"], ["init", "--no-input"]])
      expect(await stn(argv, argv.length === 1 ? {} : person)).toMatchObject({ code: 2, out: "" });
    expect((await stn(["init", "--yes", "-e", "../up"])).code).toBe(2);
    expect(await filesIn(folder)).toEqual([]);
  });
});
