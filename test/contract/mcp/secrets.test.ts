// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are written like this
import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { faulty, httpServer, mcpOver } from "./given.ts";

const CANARY = "canary-7f3a9b5e2d";

describe("secrets", () => {
  test("a server gets what it is given and six harmless names, and nothing of Station's own", async () => {
    const { call } = mcpOver(
      { kube: { ...faulty(), env: { REGION: `\${REGION}`, MODE: "fast" } } },
      {
        env: {
          PATH: process.env["PATH"],
          HOME: "/home/station",
          REGION: "eu-central-1",
          OPENAI_API_KEY: CANARY,
          STATION_DATABASE_AUTH_TOKEN: CANARY,
        },
      },
    );
    const outcome = await call("env");
    if (outcome.status !== "answered") throw new Error(outcome.reason);
    expect(Object.keys(outcome.structured as object).sort()).toEqual(["HOME", "MODE", "PATH", "REGION"]);
    expect(outcome.structured).toMatchObject({ REGION: "eu-central-1", MODE: "fast" });
  });

  test("a secret is in no answer, no error, no log line and no report", async () => {
    const { call, logged, mcp, bind } = mcpOver(
      {
        leaky: { ...faulty(), env: { API_TOKEN: "{{ .LEAKY_TOKEN }}" } },
        loud: faulty("--exit", "cannot log in with {{ .LEAKY_TOKEN }}"),
        lost: { command: "/opt/{{ .LEAKY_TOKEN }}/bin" },
        far: {
          url: "http://user:{{ .LEAKY_TOKEN }}@127.0.0.1:1/mcp?key={{ .LEAKY_TOKEN }}",
          headers: { authorization: "Bearer {{ .LEAKY_TOKEN }}" },
        },
      },
      { variables: { LEAKY_TOKEN: CANARY } },
    );
    const outcome = await call("leaky.env");
    expect(outcome).toMatchObject({ status: "answered", structured: { API_TOKEN: "***" } });
    const died = await call("leaky.die", { say: `bad token ${CANARY}` });
    expect(died).toMatchObject({ status: "unknown", reason: expect.stringContaining("bad token ***") });
    const { problems } = await bind("loud/*", "lost/*", "far/*");
    expect(problems).toHaveLength(3);
    const listing = await mcp.registry.list("default");
    for (const text of [outcome, died, problems, listing, logged()])
      expect(typeof text === "string" ? text : JSON.stringify(text)).not.toContain(CANARY);
  });

  test("an address that is not encoded as it should be is in the way of no other server", async () => {
    const { call, mcp } = mcpOver({ far: { url: "https://user:100%@127.0.0.1:1/mcp" }, near: faulty() });
    expect(await call("near.echo", { say: "here" })).toMatchObject({ status: "answered" });
    expect((await mcp.registry.list("default")).servers).toHaveLength(2);
  });

  test("a variable that is set nowhere is named, and Station's own settings are no variables", async () => {
    const { bind, mcp } = mcpOver(
      {
        kube: { ...faulty(), env: { KUBECONFIG: "{{ .NOWHERE_SET }}", B: `\${ALSO_NOT}` } },
        own: { ...faulty(), env: { T: `\${STATION_DATABASE_AUTH_TOKEN}` } },
      },
      { env: { PATH: process.env["PATH"], STATION_DATABASE_AUTH_TOKEN: CANARY } },
    );
    const { problems } = await bind("kube.echo", "own.echo");
    expect(problems).toMatchObject([
      {
        code: "mcp_unavailable",
        retryable: false,
        message: expect.stringMatching(/variables NOWHERE_SET, ALSO_NOT are not set/),
      },
      { message: expect.stringContaining("Station's own STATION_… settings are not handed on") },
    ]);
    const { servers } = await mcp.registry.list("default");
    expect(servers).toMatchObject([{ state: "unusable", missing: ["NOWHERE_SET", "ALSO_NOT"] }, {}]);
  });

  test("a server behind a bearer token is reached with it, and says what is wrong without it", async () => {
    const seen: (string | undefined)[] = [];
    const url = await guarded((request) => {
      seen.push(request.headers.authorization);
      return request.headers.authorization === `Bearer ${CANARY}`;
    });
    const { call, bind } = mcpOver(
      {
        open: { url, headers: { Authorization: `Bearer \${REMOTE_TOKEN}` } },
        shut: { url },
      },
      { env: { REMOTE_TOKEN: CANARY } },
    );
    expect(await call("open.hello")).toMatchObject({ status: "answered", text: "hello" });
    expect(seen[0]).toBe(`Bearer ${CANARY}`);
    const { problems } = await bind("shut.hello");
    expect(problems[0]?.message).toMatch(/HTTP 401/);
  });
});

/** A streamable HTTP server with one tool, for whoever `isAllowed` lets in. */
const guarded = (isAllowed: (request: IncomingMessage) => boolean) =>
  httpServer((method, response, request) => {
    if (isAllowed(request))
      return method === "tools/call" ? { content: [{ type: "text", text: "hello" }] } : null;
    response.writeHead(401, { "www-authenticate": "Bearer" }).end();
    return "answered";
  }, "hello");
