import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";

// An MCP server over stdio with one tool that must not be called twice: `append` writes a line to the file named on the
// command line, with the idempotency key it was called under. It declares nothing about itself, as most tools do.

type Message = { readonly id?: number; readonly method?: string; readonly params?: Record<string, unknown> };

const [ledger = ""] = process.argv.slice(2);
const send = (message: object) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params = {} } = JSON.parse(line) as Message;
  if (id === undefined) return;
  if (method === "initialize")
    send({
      id,
      result: {
        protocolVersion: params["protocolVersion"],
        capabilities: { tools: {} },
        serverInfo: { name: "ledger", version: "1" },
      },
    });
  else if (method === "tools/list")
    send({
      id,
      result: {
        tools: [
          {
            name: "append",
            description: "Appends a line to the ledger",
            inputSchema: { type: "object", properties: { line: { type: "string" } }, required: ["line"] },
          },
        ],
      },
    });
  else if (method === "tools/call") {
    const { arguments: args, _meta: meta } = params as {
      arguments?: { line?: string };
      _meta?: Record<string, unknown>;
    };
    appendFileSync(ledger, `${args?.line ?? ""}\t${String(meta?.["station/idempotencyKey"] ?? "")}\n`);
    send({ id, result: { content: [{ type: "text", text: "appended" }] } });
  } else send({ id, result: {} });
});
