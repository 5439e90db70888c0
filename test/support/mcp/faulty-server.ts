import { spawn } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

// An MCP server over stdio that does what servers do on their bad days. Speaks the protocol by hand, so that it can
// break it. Flags: --no-handshake, --exit <text>, --flood, --garbage, --ignore-end, --grandchild <file>, --calls <file>.

type Message = { readonly id?: number; readonly method?: string; readonly params?: Record<string, unknown> };

const flags = process.argv.slice(2);
const has = (name: string) => flags.includes(name);
const after = (name: string) => flags[flags.indexOf(name) + 1] ?? "";

if (has("--exit")) {
  process.stderr.write(`starting\n${after("--exit")}\n`);
  process.exit(3);
}
if (has("--ignore-end")) {
  process.on("SIGTERM", () => {});
  setInterval(() => {}, 1000);
}
if (has("--grandchild")) {
  // As a stubborn launcher does it: the real server below it ignores SIGTERM and never ends by itself.
  const below = spawn("sh", ["-c", 'trap "" TERM; while :; do sleep 1; done'], { stdio: "inherit" });
  writeFileSync(after("--grandchild"), String(below.pid));
}
if (has("--flood")) for (let i = 0; i < 200; i++) process.stderr.write(`${"noise ".repeat(2000)}${i}\n`);

let hasExtra = false;
const running = new Map<number, () => void>();

const send = (message: Record<string, unknown>) => {
  if (has("--garbage")) process.stdout.write('Listening on port 3000\n{"half": \n{"no": "message"}\n\n');
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
};
const record = (line: string) => {
  if (has("--calls")) appendFileSync(after("--calls"), `${line}\n`);
};
const answer = (id: number, text: string, more: Record<string, unknown> = {}) =>
  send({ id, result: { content: [{ type: "text", text }], ...more } });

const schema = { type: "object", properties: {} };
const tools = () =>
  [
    { name: "echo", annotations: { readOnlyHint: true } },
    { name: "slow", description: "Takes `ms`, with progress when `progress` says so" },
    { name: "silent", description: "Never answers" },
    { name: "hang", description: "Nothing is answered any more" },
    { name: "die" },
    { name: "env" },
    { name: "refuse" },
    { name: "change" },
    { name: "pictures" },
    { name: "structured", outputSchema: { type: "object", properties: { n: { type: "integer" } } } },
    ...(hasExtra ? [{ name: "extra" }] : []),
  ].map((tool) => ({ inputSchema: schema, ...tool }));

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params = {} } = JSON.parse(line) as Message;
  if (has("--no-handshake")) return;
  if (method === "notifications/cancelled") {
    record(`cancelled ${params["requestId"]}`);
    running.get(params["requestId"] as number)?.();
    return;
  }
  if (id === undefined) return;
  if (method === "initialize")
    send({
      id,
      result: {
        protocolVersion: params["protocolVersion"],
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: "faulty", version: "1" },
      },
    });
  else if (method === "tools/list") {
    record("list");
    send({ id, result: { tools: tools() } });
  } else if (method === "ping") send({ id, result: {} });
  else if (method === "tools/call") call(id, params);
  else send({ id, error: { code: -32601, message: "Method not found" } });
});

function call(id: number, params: Record<string, unknown>): void {
  const args = (params["arguments"] ?? {}) as Record<string, unknown>;
  const meta = (params["_meta"] ?? {}) as Record<string, unknown>;
  record(`call ${params["name"]} ${meta["station/idempotencyKey"]}`);
  switch (params["name"]) {
    case "echo":
      answer(id, JSON.stringify(args));
      break;
    case "slow": {
      const token = meta["progressToken"];
      const every =
        args["progress"] === true
          ? setInterval(
              () => send({ method: "notifications/progress", params: { progressToken: token, progress: 1 } }),
              100,
            )
          : null;
      const timer = setTimeout(() => {
        if (every) clearInterval(every);
        answer(id, "done");
      }, Number(args["ms"]));
      running.set(id, () => clearTimeout(timer));
      break;
    }
    case "silent":
      break;
    case "hang":
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    case "die":
      process.stderr.write(`panic: ${args["say"] ?? "out of memory"}\n`);
      process.exit(7);
      break;
    case "env":
      answer(id, JSON.stringify(process.env), { structuredContent: { ...process.env } });
      break;
    case "refuse":
      send({ id, error: { code: -32602, message: "Invalid params: city is required" } });
      break;
    case "change":
      hasExtra = true;
      send({ method: "notifications/tools/list_changed" });
      answer(id, "changed");
      break;
    case "structured":
      answer(id, "", { content: [], structuredContent: { n: "seven" } });
      break;
    case "pictures":
      send({
        id,
        result: {
          content: [
            { type: "text", text: "two:" },
            { type: "image", mimeType: "image/png", data: "A".repeat(16_000) },
            { type: "resource", resource: { uri: "file:///a.txt", text: "inside" } },
            { type: "resource_link", uri: "file:///b.txt", name: "b" },
          ],
        },
      });
      break;
    default:
      answer(id, `unknown tool ${String(params["name"])}`, { isError: true });
  }
}
