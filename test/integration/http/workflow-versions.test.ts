import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
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

const text = (id: string, ok: string) => quick(id).replace("ok: true", `ok: ${ok}`);
const put = (id: string, body: string) =>
  world.request("PUT", `/api/v1/workflows/${id}`, { body, headers: YAML });

async function withThreeVersions(id: string) {
  await world.request("POST", "/api/v1/workflows", { body: text(id, "true"), headers: YAML });
  await put(id, text(id, "false"));
  await put(id, text(id, "maybe"));
}

describe("the difference of two versions", () => {
  it("is told in the words of the language and line by line", async () => {
    await withThreeVersions("compared");
    const diff = await (await world.get("/api/v1/workflows/compared/diff?from=1&to=2")).json();
    expect(diff).toMatchObject({
      workflowId: "compared",
      from: 1,
      to: 2,
      isEquivalent: false,
      states: [
        { state: "done", change: "changed", fields: [{ path: "data/ok", before: true, after: false }] },
      ],
      agents: { added: [], removed: [] },
    });
    const { text: lines } = diff as { text: string };
    expect(lines).toMatch(/^--- compared v1\n\+\+\+ compared v2\n@@ .*@@\n/);
    expect(lines).toContain("-    data: { ok: true }\n+    data: { ok: false }\n");
  });

  it("is that of the last change unless versions are named", async () => {
    await withThreeVersions("last-change");
    expect(await (await world.get("/api/v1/workflows/last-change/diff")).json()).toMatchObject({
      from: 2,
      to: 3,
    });
    expect(await (await world.get("/api/v1/workflows/last-change/diff?to=1")).json()).toMatchObject({
      from: 1,
      to: 1,
      isEquivalent: true,
      text: "",
    });
    expect((await world.get("/api/v1/workflows/last-change/diff?from=7")).status).toBe(404);
    expect((await world.get("/api/v1/workflows/nobody/diff")).status).toBe(404);
    expect((await world.get("/api/v1/workflows/last-change/diff?from=first")).status).toBe(400);
  });
});

describe("the difference from a workflow's file", () => {
  const file = (body: string) => ({
    kind: "workflow" as const,
    path: "workflows/filed.workflow.yaml",
    text: body,
  });
  const diff = async () => world.get("/api/v1/workflows/filed/file-diff");

  it("is told before any sync, and says which version it would make", async () => {
    world.files.push(file(text("filed", "true")));
    await world.client.sync({ body: {} });
    expect(await (await diff()).json()).toMatchObject({ from: 1, to: 1, isEquivalent: true, text: "" });
    world.files.splice(0, 1, file(text("filed", "false")));
    expect(await (await diff()).json()).toMatchObject({
      from: 1,
      to: 2,
      states: [{ state: "done", fields: [{ path: "data/ok", before: true, after: false }] }],
      text: expect.stringMatching(/^--- filed v1\n\+\+\+ workflows\/filed\.workflow\.yaml\n/),
    });
    expect((await world.client.getWorkflow({ params: { id: "filed" } })).version).toBe(1);
  });

  it("is not told of a file that is broken, gone, another workflow's or none", async () => {
    world.files.push(file(text("filed", "true").replace("inject", "injekt")));
    const broken = await diff();
    expect([broken.status, await broken.json()]).toMatchObject([
      400,
      { code: "workflow-invalid", detail: expect.stringMatching(/^line \d+: .*injekt/) },
    ]);
    world.files.splice(0, 1, file(text("other", "true")));
    expect(await (await diff()).json()).toMatchObject({
      status: 404,
      detail: expect.stringContaining('workflows/filed.workflow.yaml defines "other" now'),
    });
    world.files.length = 0;
    expect(await (await diff()).json()).toMatchObject({
      status: 404,
      detail: expect.stringContaining("workflows/filed.workflow.yaml is gone"),
    });
    await world.request("POST", "/api/v1/workflows", { body: text("made", "true"), headers: YAML });
    expect(await (await world.get("/api/v1/workflows/made/file-diff")).json()).toMatchObject({
      status: 404,
      detail: expect.stringContaining("it was created over the API"),
    });
  });
});

describe("a rollback", () => {
  const back = (id: string, version: number, headers = {}) =>
    world.post(`/api/v1/workflows/${id}/rollback`, { version }, headers);

  it("makes a new version from the old one's own text", async () => {
    await withThreeVersions("undone");
    const response = await back("undone", 1);
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toBe('"4"');
    expect(await response.json()).toMatchObject({ version: 4, source: text("undone", "true"), notices: [] });
    const versions = (await (await world.get("/api/v1/workflows/undone/versions")).json()) as {
      items: unknown[];
    };
    expect(versions.items).toHaveLength(4);
  });

  it("leaves a run that has begun with the version it began with", async () => {
    await withThreeVersions("pinned");
    const run = await (
      await world.post("/api/v1/workflow-runs", { workflowId: "pinned", input: { count: 1 } })
    ).json();
    await back("pinned", 1);
    const { runId } = run as { runId: string };
    expect(await (await world.get(`/api/v1/workflow-runs/${runId}`)).json()).toMatchObject({
      workflowVersion: 3,
    });
  });

  it("to what is current already makes no version, and says so; a repeated one neither", async () => {
    await withThreeVersions("twice");
    await back("twice", 1);
    expect(await (await back("twice", 1)).json()).toMatchObject({
      version: 4,
      notices: [{ code: "UNCHANGED" }],
    });
  });

  it("is refused when somebody else was faster", async () => {
    await withThreeVersions("raced");
    const refused = await back("raced", 1, { "if-match": '"2"' });
    expect(refused.status).toBe(412);
    expect(await refused.json()).toMatchObject({ currentVersion: 3 });
  });

  it("to what is not there is refused", async () => {
    await withThreeVersions("no-such");
    expect((await back("no-such", 9)).status).toBe(404);
    expect((await back("nobody", 1)).status).toBe(404);
    expect((await back("no-such", 0)).status).toBe(422);
  });

  it("to a version that would be refused today is refused with what is wrong", async () => {
    const asking = (agent: string) =>
      `id: gone\nversion: "1"\nname: Gone\nstates:\n  - name: a\n    type: agent\n    agent: ${agent}\n    end: true\n`;
    await world.request("POST", "/api/v1/workflows", { body: asking("echo"), headers: YAML });
    // what an agent that was deleted since leaves behind
    const stored = await world.ports.store.workflows.get("default", "gone");
    if (!stored) throw new Error("not stored");
    await world.ports.store.workflows.publish({
      environment: "default",
      definition: { ...stored.definition, name: "Other" },
      source: asking("departed"),
      sourceFormat: "yaml",
      origin: "api",
      at: 0,
      by: "user:ana",
      channel: "api",
      eventId: "adm_departed",
    });
    await put("gone", asking("echo"));
    const refused = await back("gone", 2);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      code: "workflow-invalid",
      errors: [{ code: "AGENT_NOT_FOUND" }],
    });
  });

  it("of a workflow from a file tells that the file will bring the other version back", async () => {
    const file = (ok: string) => ({
      kind: "workflow" as const,
      path: "workflows/filed.workflow.yaml",
      text: text("filed", ok),
    });
    world.files.push(file("true"));
    await world.post("/api/v1/sync");
    world.files[0] = file("false");
    await world.post("/api/v1/sync");
    const rolled = await (await back("filed", 1)).json();
    expect(rolled).toMatchObject({
      version: 3,
      origin: "workflows/filed.workflow.yaml",
      notices: [{ code: "FILE_WINS", message: expect.stringContaining("workflows/filed.workflow.yaml") }],
    });
    const synced = await (await world.post("/api/v1/sync")).json();
    expect(synced).toMatchObject({
      rows: [{ kind: "agent" }, { id: "filed", result: "updated", version: 4 }],
    });
    world.files[0] = file("true");
    expect(await (await back("filed", 1)).json()).toMatchObject({ version: 5, notices: [] });
  });
});
