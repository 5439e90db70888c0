import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readMcpServers } from "../../../src/core/definition/mcp/read-servers.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const faulty = [join(import.meta.dirname, "../../support/mcp/faulty-server.ts")];
const SECRET = "sk-canary-4711";

function serve(mcpServers: JsonObject) {
  const report = { issues: [] };
  const locate = () => ({ line: 3, column: 5 });
  const servers = readMcpServers({ mcpServers }, { file: "mcp-servers/a.json", report, locate });
  world.serve({ servers, variables: { TOKEN: SECRET }, problems: [] });
}

it("shows the servers of an environment, connects to one on demand, and shows nothing secret", async () => {
  serve({
    kube: { command: process.execPath, args: faulty, env: { TOKEN: "{{ .TOKEN }}" }, description: "pods" },
    far: { url: `https://ana:${SECRET}@mcp.example.com/s/${SECRET}?key={{ .TOKEN }}`, disabled: true },
    lost: { command: "{{ .NOWHERE }}/bin" },
  });
  const first = await world.get("/api/v1/mcp-servers");
  const text = await first.text();
  expect(text).not.toContain(SECRET);
  expect(JSON.parse(text)).toMatchObject({
    items: [
      { name: "kube", state: "idle", transport: "stdio", description: "pods", tools: null },
      { name: "far", state: "disabled", target: "https://mcp.example.com" },
      {
        name: "lost",
        state: "unusable",
        missing: ["NOWHERE"],
        error: expect.stringContaining("NOWHERE is not set"),
      },
    ],
    nextCursor: null,
    problems: [],
  });
  const reply = await world.get("/api/v1/mcp-servers/kube");
  const one = (await reply.json()) as { readonly tools: unknown };
  expect(one).toMatchObject({ name: "kube", state: "ready", crashes: 0 });
  expect(one.tools).toContainEqual({
    name: "echo",
    description: "",
    inputSchema: { type: "object", properties: {} },
    readOnly: true,
  });
});

it("answers why a server cannot be reached", async () => {
  serve({ gone: { command: "no-such-program-xyz" } });
  expect(await (await world.get("/api/v1/mcp-servers/gone")).json()).toMatchObject({
    state: "failing",
    error: expect.stringContaining("not on the PATH"),
    retryAt: expect.any(String),
  });
});

it("says what was probably meant", async () => {
  serve({ kubernetes: { command: "x" } });
  const reply = await world.get("/api/v1/mcp-servers/kuberntes");
  expect(reply.status).toBe(404);
  expect(await reply.json()).toMatchObject({ detail: expect.stringContaining('did you mean "kubernetes"?') });
  expect((await world.get("/api/v1/mcp-servers/kubernetes?environment=other")).status).toBe(404);
});

it("reports servers in a sync like other files", async () => {
  serve({ kube: { command: "x", env: { TOKEN: "{{ .NOWHERE }}" } } });
  const { rows } = (await (await world.post("/api/v1/sync")).json()) as { rows: unknown[] };
  expect(rows).toContainEqual(
    expect.objectContaining({
      kind: "mcp-server",
      id: "kube",
      file: "mcp-servers/a.json",
      result: "ok",
      diagnostics: [
        expect.objectContaining({
          severity: "warning",
          line: 3,
          message: expect.stringContaining("NOWHERE"),
        }),
      ],
    }),
  );
});
