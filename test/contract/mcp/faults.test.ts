import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { agent, keepingLog, loading, request } from "../../../src/adapters/agents/test-agents.ts";
import { createTestRunner } from "../../support/agent-runner.ts";
import { eventually, faulty, folder, httpServer, isAlive, mcpOver } from "./given.ts";

const linesOf = async (file: string) => (await readFile(file, "utf8").catch(() => "")).trim().split("\n");

describe("a server that cannot be had", () => {
  test("a program that does not exist is named, and is not tried again at once", async () => {
    const { bind, logged } = mcpOver({ gone: { command: "no-such-program-xyz" } });
    const { problems } = await bind("gone.get");
    expect(problems).toMatchObject([
      {
        code: "mcp_unavailable",
        retryable: true,
        message: expect.stringContaining('the program "no-such-program-xyz" does not exist'),
      },
    ]);
    const again = await bind("gone.get");
    expect(again.problems[0]?.message).toContain("tried again in 1 s");
    expect(logged().match(/not connected/g)).toHaveLength(1);
  });

  test("one that ends at once is reported with its last words", async () => {
    const { bind } = mcpOver({ broken: faulty("--exit", "fatal: KUBECONFIG is not readable") });
    const { problems } = await bind("broken/*");
    expect(problems[0]?.message).toContain("it ended with exit code 3");
    expect(problems[0]?.message).toContain("fatal: KUBECONFIG is not readable");
  });

  test("a failing server is left alone for twice as long each time, a minute at most", async () => {
    let now = 0;
    const clock = { now: () => now, random: () => 0 };
    const { bind, logged } = mcpOver({ gone: { command: "no-such-program-xyz" } }, { clock });
    const pauses: string[] = [];
    for (let i = 0; i < 8; i++) {
      await bind("gone/*");
      const { problems } = await bind("gone/*");
      pauses.push(/tried again in (\d+) s/.exec(problems[0]?.message ?? "")?.[1] ?? "-");
      now += 60_000;
    }
    expect(pauses).toEqual(["1", "2", "4", "8", "16", "32", "60", "60"]);
    expect(logged().match(/not connected/g)).toHaveLength(8);
  });

  test("nor for longer when the clock is put back meanwhile", async () => {
    let now = 7_200_000;
    const clock = { now: () => now, random: () => 0 };
    const { bind, mcp } = mcpOver({ gone: { command: "no-such-program-xyz" } }, { clock });
    await bind("gone/*");
    now -= 3_600_000;
    expect((await mcp.registry.list("default")).servers).toMatchObject([{ state: "failing", retryAt: null }]);
    const { problems } = await bind("gone/*");
    expect(problems[0]?.message).not.toContain("tried again in");
    expect((await bind("gone/*")).problems[0]?.message).toContain("tried again in 2 s");
  });

  test("one that never shakes hands holds nobody longer than they want to wait", async () => {
    const { mcp } = mcpOver({ mute: faulty("--no-handshake"), fine: faulty() });
    const { tools, problems } = await mcp.tools.bind(
      "default",
      ["mute/*", "fine.echo"],
      AbortSignal.timeout(3000),
    );
    expect(tools).toMatchObject([{ server: "fine", name: "echo" }]);
    expect(problems).toMatchObject([{ code: "mcp_unavailable", retryable: true, pattern: "mute/*" }]);
    const startedAt = Date.now();
    await mcp.close();
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  });

  test("noise on stdout and a flood on stderr do not matter", async () => {
    const { call } = mcpOver({ noisy: faulty("--garbage", "--flood") });
    expect(await call("echo", { a: 1 })).toMatchObject({ status: "answered", text: '{"a":1}' });
  });
});

test("a name that two servers offer fails the step for good, and says how to write it", async () => {
  const { mcp } = mcpOver({ one: faulty(), two: faulty() });
  const means = { tools: mcp.tools, clock: { now: () => 0, random: () => 0 }, log: keepingLog() };
  const failed = async (tool: string) => {
    const script = [{ call: { tool, args: {} } }, { text: "done" }];
    const load = loading(agent("a", { tools: [tool], script }));
    return createTestRunner({ ...means, load }).run(request("a"), AbortSignal.timeout(60_000));
  };
  expect(await failed("refuse")).toMatchObject({
    status: "failed",
    error: {
      type: "validation",
      code: "tool_ambiguous",
      retryable: false,
      message: expect.stringMatching(/one\.refuse.*two\.refuse/),
    },
  });
  expect(await failed("two.refuse")).toMatchObject({ status: "completed", output: "done" });
});

describe("a call that comes to no answer", () => {
  test("a server that dies in the middle leaves the outcome unknown, says why, and the next call gets a new one", async () => {
    const { call, mcp } = mcpOver({ shaky: faulty() });
    await call("echo");
    expect(await call("die", { say: "disk full" })).toEqual({
      status: "unknown",
      reason: expect.stringMatching(/went away.*exit code 7.*panic: disk full/),
    });
    expect(await call("echo", { b: 2 })).toMatchObject({ status: "answered", text: '{"b":2}' });
    expect((await mcp.registry.list("default")).servers).toMatchObject([{ state: "ready", crashes: 1 }]);
  });

  test("a timeout is not a cancellation: the outcome is unknown and the server is told", async () => {
    const calls = join(await folder(), "calls");
    const { call } = mcpOver({ slow: faulty("--calls", calls) });
    expect(await call("silent", {}, { timeoutMs: 500 })).toEqual({
      status: "unknown",
      reason: "no answer within 0.5 s",
    });
    await eventually(async () => (await linesOf(calls)).some((line) => line.startsWith("cancelled")));
  });

  test("a cancelled call is cancelled at the server too", async () => {
    const calls = join(await folder(), "calls");
    const { call } = mcpOver({ slow: faulty("--calls", calls) });
    const abort = new AbortController();
    const running = call("slow", { ms: 60_000 }, { signal: abort.signal });
    await eventually(async () => (await linesOf(calls)).some((line) => line.startsWith("call slow")));
    const startedAt = Date.now();
    abort.abort(new Error("the run was cancelled"));
    expect(await running).toEqual({
      status: "unknown",
      reason: "the call was cancelled: the run was cancelled",
    });
    expect(Date.now() - startedAt).toBeLessThan(5000);
    await eventually(async () => (await linesOf(calls)).some((line) => line.startsWith("cancelled")));
  });

  test("progress keeps a call alive, five times its timeout at most", async () => {
    const { call } = mcpOver({ slow: faulty() });
    expect(await call("slow", { ms: 1500, progress: true }, { timeoutMs: 600 })).toMatchObject({
      status: "answered",
      text: "done",
    });
    expect(await call("slow", { ms: 60_000, progress: true }, { timeoutMs: 400 })).toEqual({
      status: "unknown",
      reason: "no answer within 2 s, although there was progress",
    });
  });

  test("a server that hangs for good is replaced", async () => {
    const { call, mcp } = mcpOver({ stuck: faulty() });
    expect(await call("hang", {}, { timeoutMs: 500 })).toMatchObject({ status: "unknown" });
    await eventually(async () => (await mcp.registry.list("default")).servers[0]?.crashes === 1);
    expect(await call("echo", { c: 3 })).toMatchObject({ status: "answered", text: '{"c":3}' });
  });
});

describe("an answer", () => {
  test("that refuses is an answer; one that breaks the tool's own output schema is taken as it is", async () => {
    const { call } = mcpOver({ odd: faulty() });
    expect(await call("refuse")).toMatchObject({
      status: "answered",
      isError: true,
      text: expect.stringContaining("city is required"),
    });
    expect(await call("structured")).toEqual({
      status: "answered",
      text: '{"n":"seven"}',
      structured: { n: "seven" },
      isError: false,
    });
  });

  test("names what is no text", async () => {
    const { call } = mcpOver({ odd: faulty() });
    expect(await call("pictures")).toMatchObject({
      text: "two:\n[image image/png, 12 kB]\ninside\n[resource file:///b.txt b]",
    });
  });

  test("the idempotency key reaches the server", async () => {
    const calls = join(await folder(), "calls");
    const { call } = mcpOver({ odd: faulty("--calls", calls) });
    await call("echo", {}, { idempotencyKey: "ar_1:call_7" });
    expect(await linesOf(calls)).toContain("call echo ar_1:call_7");
  });

  test("a tool that a server gains is found at once, one it does not have is not sent", async () => {
    const calls = join(await folder(), "calls");
    const { call, bind } = mcpOver({ odd: faulty("--calls", calls) });
    expect((await bind("extra")).problems).toMatchObject([{ code: "tool_not_found", retryable: false }]);
    await call("change");
    await eventually(async () => (await bind("extra")).tools.length === 1);
    const lists = (await linesOf(calls)).filter((line) => line === "list");
    expect(lists).toHaveLength(2);
  });
});

describe("processes", () => {
  test("a stubborn launcher's grandchild does not survive", async () => {
    const file = join(await folder(), "pid");
    const { call, mcp } = mcpOver({ launcher: faulty("--grandchild", file, "--ignore-end") });
    await call("echo");
    const pid = Number(await readFile(file, "utf8"));
    expect(isAlive(pid)).toBe(true);
    await mcp.close();
    await eventually(() => !isAlive(pid));
  });

  test("a grandchild does not survive a launcher that dies by itself either", async () => {
    const file = join(await folder(), "pid");
    const { call } = mcpOver({ launcher: faulty("--grandchild", file) });
    await call("echo");
    const pid = Number(await readFile(file, "utf8"));
    expect(await call("die")).toMatchObject({ status: "unknown" });
    await eventually(() => !isAlive(pid));
  });

  test("callers that come together start one process", async () => {
    const calls = join(await folder(), "calls");
    const { bind, logged } = mcpOver({ one: faulty("--calls", calls) });
    await Promise.all(Array.from({ length: 10 }, () => bind("echo")));
    expect(logged().match(/mcp server connected/g)).toHaveLength(1);
    expect((await linesOf(calls)).filter((line) => line === "list")).toHaveLength(1);
  });

  test("a server nobody uses is closed, and started again when somebody does", async () => {
    const { call, mcp, logged } = mcpOver({ idle: faulty() }, { idleMs: 100 });
    await call("echo");
    await eventually(async () => (await mcp.registry.list("default")).servers[0]?.state === "idle");
    expect(await call("echo", { d: 4 })).toMatchObject({ text: '{"d":4}' });
    expect(logged().match(/mcp server connected/g)).toHaveLength(2);
  });

  test("a changed configuration is another server, and the old process goes", async () => {
    const first = join(await folder(), "pid");
    let now = 0;
    const clock = { now: () => now, random: () => 0 };
    const { call, change } = mcpOver({ kube: faulty("--grandchild", first) }, { clock });
    await call("echo");
    const pid = Number(await readFile(first, "utf8"));
    change({ kube: faulty() });
    now += 2000;
    expect(await call("echo")).toMatchObject({ status: "answered" });
    await eventually(() => !isAlive(pid));
  });
});

describe("a server at an address that does not stop talking", () => {
  test.each(["application/json", "text/event-stream"])("is cut off: %s", async (type) => {
    const { url, sent } = await endless(type);
    const { call, bind } = mcpOver({ big: { url } });
    await bind("big.endless");
    expect(await call("endless", {}, { timeoutMs: 1000 })).toMatchObject({ status: "unknown" });
    expect(sent()).toBeLessThan(100_000_000);
    expect(await bind("big.endless")).toMatchObject({ tools: [{ name: "endless" }] });
  });
});

test.each([
  ["429: it refuses one more", 429, "not-sent"],
  ["404: one that does not know the session", 404, "not-sent"],
])("a call under way is answered whatever becomes of another beside it: %s", async (_name, status, came) => {
  const waiting: (() => void)[] = [];
  const url = await httpServer((method, response, _request, params) => {
    if (method !== "tools/call") return null;
    if (params?.arguments["slow"] !== true) {
      response.writeHead(status).end();
      return "answered";
    }
    return new Promise((resolve) => {
      waiting.push(() => resolve({ content: [{ type: "text", text: "done" }] }));
    });
  });
  const { call } = mcpOver({ busy: { url } });
  const slow = call("endless", { slow: true });
  await eventually(() => waiting.length === 1);
  expect(await call("endless")).toMatchObject({ status: came });
  waiting[0]?.();
  expect(await slow).toMatchObject({ status: "answered", text: "done" });
});

describe("a server that takes the protocol lightly", () => {
  test.each([
    ["nothing as null", { content: [{ type: "text", text: "ok", annotations: null }], isError: null }, "ok"],
    [
      "null as structured content",
      { content: [{ type: "text", text: "ok" }], structuredContent: null },
      "ok",
    ],
    ["a list as structured content", { content: [], structuredContent: [1, 2] }, "[1,2]"],
    [
      "large integers, which are numbers by now, as structured content",
      { content: [], structuredContent: { id: 2 ** 60 } },
      `{"id":1152921504606847000}\n[integers beyond 2^53 in this answer may have lost their last digits]`,
    ],
    [
      "a list of large integers",
      { content: [], structuredContent: [2 ** 60] },
      `[1152921504606847000]\n[integers beyond 2^53 in this answer may have lost their last digits]`,
    ],
    ["a list beside a text", { content: [{ type: "text", text: "two" }], structuredContent: [1, 2] }, "two"],
  ] as const)("is understood: %s", async (_name, result, text) => {
    const url = await httpServer((method) => {
      if (method === "tools/list")
        return {
          tools: [
            { name: "t", description: null, annotations: null, inputSchema: { type: "object" } },
            { name: "bare", inputSchema: {} },
            { name: "barer" },
          ],
          nextCursor: null,
        };
      if (method === "initialize")
        return {
          protocolVersion: "2025-06-18",
          capabilities: { tools: {}, prompts: null },
          serverInfo: { name: "light", version: "1", title: null },
          instructions: null,
        };
      return method === "tools/call" ? result : null;
    });
    const { call } = mcpOver({ light: { url } });
    expect(await call("light.t")).toMatchObject({ status: "answered", text, isError: false });
  });

  test("and whose answer nobody can read has answered: the call is not made again", async () => {
    const url = await httpServer((method) => (method === "tools/call" ? { content: "all is well" } : null));
    const { call } = mcpOver({ light: { url } });
    expect(await call("endless")).toEqual({
      status: "answered",
      text: expect.stringMatching(/^the tool has answered, but .*expected array, received string$/),
      isError: true,
    });
  });
});

test("what a server says when it refuses is told, and so is where it may be instead", async () => {
  const refusing = (status: number, body: string) =>
    httpServer((_method, response) => {
      response.writeHead(status).end(body);
      return "answered";
    });
  const why = async (status: number, body: string) => {
    const { bind } = mcpOver({ closed: { url: await refusing(status, body) } });
    return (await bind("closed/*")).problems[0]?.message;
  };
  expect(await why(401, "bad request: missing required Authorization header")).toContain(
    "check its headers (bad request: missing required Authorization header)",
  );
  expect(
    await why(406, '{"jsonrpc": "2.0", "error": {"code": -32000, "message": "Not Acceptable"}}'),
  ).toContain("it answered HTTP 406 (Not Acceptable)");
  expect(await why(405, "<html>no</html>")).toMatch(/it answered HTTP 405: nobody speaks streamable HTTP/);
});

/** A streamable HTTP server whose one tool answers without an end, and how much of that it got rid of. */
async function endless(type: string) {
  let bytes = 0;
  const url = await httpServer((method, response) => {
    if (method !== "tools/call") return null;
    response.writeHead(200, { "content-type": type });
    const piece = "data: ".padEnd(1_000_000, "x");
    const go = () => {
      while (!response.destroyed && bytes < 300_000_000) {
        bytes += piece.length;
        if (!response.write(piece)) return;
      }
      response.destroy();
    };
    response.on("drain", go);
    go();
    return "answered";
  });
  return { url, sent: () => bytes };
}
