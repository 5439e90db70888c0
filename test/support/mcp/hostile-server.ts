import { createInterface } from "node:readline";

// An MCP server over stdio whose tool `say` answers with whatever bytes its argument holds (Latin-1), `$ID` being the
// call's id. With --listing <bytes> it answers the question for its tools so.

type Message = { readonly id?: number; readonly method?: string; readonly params?: Record<string, unknown> };

const [flag, listing = ""] = process.argv.slice(2);

const raw = (id: number, bytes: string) =>
  process.stdout.write(Buffer.from(`${bytes.replaceAll("$ID", String(id))}\n`, "latin1"));
const answer = (id: number, result: unknown) => raw(id, JSON.stringify({ jsonrpc: "2.0", id, result }));
const schema = { type: "object", properties: {} };

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params = {} } = JSON.parse(line) as Message;
  if (id === undefined) return;
  if (method === "initialize")
    answer(id, {
      protocolVersion: params["protocolVersion"],
      capabilities: { tools: {} },
      serverInfo: { name: "hostile", version: "1" },
    });
  else if (method === "tools/list" && flag === "--listing") raw(id, listing);
  else if (method === "tools/list")
    answer(id, { tools: ["say", "echo"].map((name) => ({ name, inputSchema: schema })) });
  else if (method === "tools/call" && params["name"] === "say")
    raw(id, String((params["arguments"] as Record<string, unknown>)["bytes"]));
  else answer(id, { content: [{ type: "text", text: "here" }] });
});
