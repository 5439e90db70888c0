import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { closing, eventually, everything, everythingBin, filesystem, folder, mcpOver } from "./given.ts";

describe("the filesystem server over stdio", () => {
  test("an agent's tools are found, and a call does what it says", async () => {
    const root = await folder();
    const { bind, call } = mcpOver({ files: filesystem(root) });
    const { tools, problems } = await bind("write_file", "__read_text_file");
    expect(problems).toEqual([]);
    expect(tools).toMatchObject([
      { server: "files", name: "write_file", alias: "write_file", inputSchema: { type: "object" } },
      { server: "files", name: "read_text_file", alias: "__read_text_file" },
    ]);
    expect(tools[1]?.annotations).toMatchObject({ readOnlyHint: true });
    const path = join(root, "note.txt");
    expect(await call("write_file", { path, content: "hello" })).toMatchObject({
      status: "answered",
      isError: false,
    });
    expect(await readFile(path, "utf8")).toBe("hello");
    expect(await call("files.read_text_file", { path })).toMatchObject({
      text: "hello",
      structured: { content: "hello" },
    });
  });

  test("what the server refuses is an answer that says so", async () => {
    const root = await folder();
    const { call } = mcpOver({ files: filesystem(root) });
    expect(await call("read_text_file", { path: "/etc/passwd" })).toMatchObject({
      status: "answered",
      isError: true,
      text: expect.stringContaining("outside allowed directories"),
    });
    expect(await call("read_text_file", {})).toMatchObject({ status: "answered", isError: true });
  });
});

describe("the everything server", () => {
  test("twenty calls at once share one process and each gets its own answer", async () => {
    const { bind, mcp } = mcpOver({ everything });
    const { tools } = await bind("echo");
    const [tool] = tools;
    if (!tool) throw new Error("no tool");
    const signal = AbortSignal.timeout(60_000);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        mcp.tools.call(tool, {
          args: { message: `number ${n}` },
          idempotencyKey: `k${n}`,
          signal,
          timeoutMs: 20_000,
        }),
      ),
    );
    for (const [n, outcome] of answers.entries())
      expect(outcome).toMatchObject({ status: "answered", text: `Echo: number ${n}` });
    const { servers } = await mcp.registry.list("default");
    expect(servers).toMatchObject([{ name: "everything", state: "ready", inFlight: 0, crashes: 0 }]);
  });

  test("structured content comes as it is", async () => {
    const { call } = mcpOver({ everything });
    expect(await call("get-structured-content", { location: "Chicago" })).toMatchObject({
      status: "answered",
      structured: { temperature: expect.any(Number), conditions: expect.any(String) },
    });
  });

  test("progress keeps a call alive that takes longer than its timeout", async () => {
    const { call } = mcpOver({ everything });
    const args = { duration: 3, steps: 6 };
    expect(await call("trigger-long-running-operation", args, { timeoutMs: 1500 })).toMatchObject({
      status: "answered",
      text: expect.stringContaining("completed"),
    });
  });

  test("over streamable HTTP it is the same, and a restarted server is connected to again", async () => {
    const port = await freePort();
    let server = await serveEverything(port);
    const { call, mcp, bind } = mcpOver({ remote: { url: `http://127.0.0.1:${port}/mcp` } });
    expect(await call("echo", { message: "one" })).toMatchObject({ text: "Echo: one" });
    const { tools } = await bind("remote/*");
    expect(tools.length).toBeGreaterThan(5);
    await server.close();
    server = await serveEverything(port);
    const [tool] = tools.filter(({ name }) => name === "echo");
    if (!tool) throw new Error("no tool");
    // The new process knows nothing of the session.
    const signal = AbortSignal.timeout(60_000);
    const more = { idempotencyKey: "k", signal, timeoutMs: 20_000 };
    expect(await mcp.tools.call(tool, { args: { message: "two" }, ...more })).toMatchObject({
      status: "answered",
      text: "Echo: two",
    });
    await server.close();
    expect(await mcp.tools.call(tool, { args: { message: "three" }, ...more })).toMatchObject({
      status: "not-sent",
      code: "mcp_unavailable",
      retryable: true,
      reason: expect.stringContaining("ECONNREFUSED"),
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

async function serveEverything(port: number) {
  const child = spawn(process.execPath, [everythingBin, "streamableHttp"], {
    env: { PATH: process.env["PATH"], PORT: String(port) },
    stdio: "ignore",
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await eventually(() =>
    fetch(`http://127.0.0.1:${port}/mcp`).then(
      () => true,
      () => false,
    ),
  );
  return closing({
    async close() {
      child.kill("SIGKILL");
      await gone;
    },
  });
}
