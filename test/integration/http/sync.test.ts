import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EnvironmentFile } from "../../../src/engine/ports/definitions.ts";
import type { SyncRow } from "../../../src/engine/sync.ts";
import type { Workflow } from "../../../src/http/schemas/workflows.ts";
import { quick } from "./definitions.ts";
import { createWorld, type World } from "./world.ts";

const YAML = { "content-type": "application/yaml" };

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  world.files.length = 0;
});

const filed = (name: string, text: string): EnvironmentFile => ({
  kind: "workflow",
  path: `workflows/${name}.workflow.yaml`,
  text,
});
const has = (...files: readonly EnvironmentFile[]) => world.files.splice(0, world.files.length, ...files);
const changed = (id: string) => quick(id).replace("ok: true", "ok: false");
const put = (id: string, body: string) =>
  world.request("PUT", `/api/v1/workflows/${id}`, { body, headers: YAML });

/** The rows about workflows that concern one of these ids. */
async function sync(ids: readonly string[], dryRun = false): Promise<readonly SyncRow[]> {
  const report = await world.client.sync({ body: { environment: "default", dryRun } });
  return report.rows.filter(({ kind, id }) => kind === "workflow" && (id === null || ids.includes(id)));
}
async function workflow(id: string): Promise<Workflow> {
  return world.client.getWorkflow({ params: { id } });
}

describe("what an operator disabled", () => {
  it("stays disabled, whatever becomes of its file", async () => {
    has(filed("resting", quick("resting")));
    await sync([]);
    await world.post("/api/v1/workflows/resting/disable");
    const stays = "stays disabled: user:ana disabled it";
    expect(await sync(["resting"])).toMatchObject([{ result: "unchanged", reason: stays }]);
    has(filed("resting", changed("resting")));
    expect(await sync(["resting"], true)).toMatchObject([{ result: "updated", version: 2, reason: stays }]);
    expect(await sync(["resting"])).toMatchObject([{ result: "updated", version: 2, reason: stays }]);
    has();
    expect(await sync(["resting"])).toEqual([]);
    has(filed("resting", quick("resting")));
    await sync([]);
    expect(await workflow("resting")).toMatchObject({
      status: "disabled",
      disabled: { by: "user:ana", because: "operator" },
    });
    await world.post("/api/v1/workflows/resting/enable");
    expect(await workflow("resting")).toMatchObject({ status: "active", disabled: null });
  });
});

describe("a workflow whose file is gone", () => {
  it("is disabled by the sync, and enabled again when the file is back, changed or not", async () => {
    for (const text of [quick("absent"), changed("absent")]) {
      has(filed("absent", text));
      await sync([]);
      expect(await workflow("absent")).toMatchObject({ status: "active", syncState: "in-sync" });
      has();
      expect(await workflow("absent")).toMatchObject({ status: "active", syncState: "file-missing" });
      expect(await sync(["absent"], true)).toMatchObject([{ result: "disabled" }]);
      expect(await sync(["absent"])).toMatchObject([{ result: "disabled" }]);
      expect(await workflow("absent")).toMatchObject({
        status: "disabled",
        disabled: { by: "system:sync", because: "file-missing" },
        syncState: "file-missing",
      });
    }
  });

  it("and that was removed takes its name again at the version behind, as a dry run says before", async () => {
    has(filed("removed", quick("removed")));
    expect(await sync(["removed"])).toMatchObject([{ result: "created", version: 1 }]);
    has(filed("removed", changed("removed")));
    expect(await sync(["removed"])).toMatchObject([{ result: "updated", version: 2 }]);
    await world.client.deleteWorkflow({ params: { id: "removed" } });
    const again = [{ result: "created", version: 3 }];
    expect(await sync(["removed"], true)).toMatchObject(again);
    expect(await sync(["removed"])).toMatchObject(again);
  });

  it("and is another one's by now is disabled too", async () => {
    has(filed("renamed", quick("before")));
    await sync([]);
    has(filed("renamed", quick("after")));
    expect(await sync(["before", "after"])).toMatchObject([
      { id: "after", result: "created" },
      { id: "before", result: "disabled", reason: expect.stringContaining('its file defines "after" now') },
    ]);
  });

  it("and cannot be looked for goes on: nobody knows whether it is gone", async () => {
    has(filed("hidden", quick("hidden")));
    await sync([]);
    const found = { severity: "error", path: "", line: 1, column: 1 } as const;
    const problem = { ...found, code: "UNREADABLE", message: "there is no permission to read it" } as const;
    has({ kind: "workflow", path: "workflows", problem });
    expect(await workflow("hidden")).toMatchObject({ syncState: "invalid" });
    expect(await sync(["hidden"])).toMatchObject([{ file: "workflows", result: "invalid" }]);
    expect(await workflow("hidden")).toMatchObject({ status: "active" });
  });

  it("has moved: it goes on under its new path", async () => {
    has(filed("old-place", quick("moved")));
    await sync([]);
    has(filed("new-place", quick("moved")));
    expect(await sync(["moved"])).toMatchObject([{ result: "unchanged", version: 1 }]);
    expect(await workflow("moved")).toMatchObject({
      origin: "workflows/new-place.workflow.yaml",
      syncState: "in-sync",
      status: "active",
    });
  });
});

describe("a workflow whose file is broken", () => {
  it("goes on, also beside another file that defines it", async () => {
    has(filed("origin", quick("guarded")));
    await sync([]);
    has(filed("copy", changed("guarded")), filed("origin", "id: guarded\nstates: ["));
    const rows = await sync(["guarded"]);
    expect(rows.map(({ file, result, reason }) => [file, result, reason])).toEqual([
      [
        "workflows/copy.workflow.yaml",
        "invalid",
        '"guarded" is already defined by workflows/origin.workflow.yaml',
      ],
      ["workflows/origin.workflow.yaml", "invalid", null],
    ]);
    expect(await workflow("guarded")).toMatchObject({ version: 1, origin: "workflows/origin.workflow.yaml" });
  });
});

describe("how a workflow stands to its file", () => {
  it("is none when it came over the API", async () => {
    await world.request("POST", "/api/v1/workflows", { body: quick("posted"), headers: YAML });
    expect(await workflow("posted")).toMatchObject({ origin: "api", syncState: "none" });
  });

  it("is in the list and in the detail, and formatting alone makes no difference", async () => {
    has(filed("same", quick("same")), filed("newer", quick("newer")), filed("wrong", quick("wrong")));
    await sync([]);
    has(
      filed("same", `# a comment\n${quick("same")}`),
      filed("newer", changed("newer")),
      filed("wrong", quick("wrong").replace("inject", "injekt")),
    );
    const { items } = await world.client.listWorkflows({ query: { limit: 200 } });
    const states = Object.fromEntries(items.map(({ id, syncState }) => [id, syncState]));
    expect(states).toMatchObject({ same: "in-sync", newer: "file-newer", wrong: "invalid" });
    for (const id of ["same", "newer", "wrong"]) expect((await workflow(id)).syncState).toBe(states[id]);
  });

  it("is file-newer when the workflow was changed over the API, until the next sync takes it back", async () => {
    has(filed("edited", quick("edited")));
    await sync([]);
    expect(await (await put("edited", changed("edited"))).json()).toMatchObject({
      version: 2,
      origin: "workflows/edited.workflow.yaml",
      syncState: "file-newer",
    });
    expect(await sync(["edited"])).toMatchObject([{ result: "updated", version: 3 }]);
    expect(await workflow("edited")).toMatchObject({ syncState: "in-sync" });
  });

  it("is invalid when the file is right but an agent it names is not", async () => {
    const text = `id: asks\nversion: "1"\nname: Asks\nstates:\n  - { name: a, type: agent, agent: echo, end: true }\n`;
    has(filed("asks", text));
    await sync([]);
    expect(await workflow("asks")).toMatchObject({ syncState: "in-sync" });
    has(filed("asks", text.replace("echo", "ecco")));
    expect(await workflow("asks")).toMatchObject({ syncState: "invalid", version: 1 });
  });
});

describe("what a sync would do", () => {
  it("is told to whoever may read workflows, with the place of what is wrong, and changes nothing", async () => {
    has(filed("told", quick("told")));
    await sync([]);
    has(filed("told", quick("told").replace("inject", "injekt")), filed("fresh", "id: [\n"));
    world.as({
      kind: "user",
      id: "user:vic",
      name: "vic",
      teams: [],
      roles: [{ role: "viewer", environment: "default" }],
    });
    try {
      const { dryRun, rows } = await world.client.previewSync({ query: {} });
      const broken = rows.filter(({ file }) => /told|fresh/.test(file));
      expect([dryRun, broken.map(({ file, id, result }) => [file, id, result])]).toEqual([
        true,
        [
          ["workflows/told.workflow.yaml", null, "invalid"],
          ["workflows/fresh.workflow.yaml", null, "invalid"],
        ],
      ]);
      expect(broken.map(({ diagnostics }) => diagnostics[0])).toMatchObject([
        { severity: "error", line: 11, message: expect.stringContaining("injekt") },
        { severity: "error", line: expect.any(Number), message: expect.any(String) },
      ]);
      expect((await world.post("/api/v1/sync", {})).status).toBe(403);
    } finally {
      world.as("user:ana");
    }
    expect((await world.get("/api/v1/sync?environment=elsewhere")).status).toBe(404);
    expect(await workflow("told")).toMatchObject({ version: 1 });
  });
});

describe("two files that define one workflow", () => {
  it("leave it to the one it came from; the other is told", async () => {
    has(filed("b", quick("contested")));
    await sync([]);
    has(filed("a", changed("contested")), filed("b", quick("contested")));
    const expected = [
      { file: "workflows/a.workflow.yaml", result: "invalid", reason: expect.stringContaining("b.workflow") },
      { file: "workflows/b.workflow.yaml", result: "unchanged", version: 1 },
    ];
    expect(await sync(["contested"], true)).toMatchObject(expected);
    expect(await sync(["contested"])).toMatchObject(expected);
  });
});

describe("many files", () => {
  it.each([false, true])("hold up nobody else in the process, dry run: %s", async (dryRun) => {
    const ids = Array.from({ length: 400 }, (_, index) => `many-${dryRun}-${index}`);
    has(...ids.map((id) => filed(id, quick(id))));
    const turns = [performance.now()];
    const turn = () => {
      turns.push(performance.now());
      if (rows === null) setImmediate(turn);
    };
    let rows: readonly SyncRow[] | null = null;
    setImmediate(turn);
    rows = await sync(ids, dryRun);
    turns.push(performance.now());
    expect(rows).toHaveLength(ids.length);
    const gaps = turns.slice(1).map((at, index) => at - (turns[index] ?? at));
    const all = (turns.at(-1) ?? 0) - (turns[0] ?? 0);
    expect(Math.max(...gaps)).toBeLessThan(all / 3);
  });
});
