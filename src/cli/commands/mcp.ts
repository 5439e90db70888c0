import type { Command } from "commander";
import type { McpServer } from "../../http/schemas/mcp-servers.ts";
import { action, type Cli } from "../action.ts";
import { EXIT } from "../errors.ts";
import { frame } from "../output/frame.ts";
import { printList } from "../output/print.ts";
import type { Session } from "../session.ts";

/** `mcp list`, `mcp tools <server>`. */
export function addMcpCommands(program: Command, cli: Cli): void {
  const group = program
    .command("mcp")
    .helpGroup("Author:")
    .summary("the MCP servers that agents get tools from");
  group
    .command("list", { isDefault: true })
    .summary("list servers, how they are and what is wrong with their files")
    .action(
      action(cli, async (session) => {
        const page = await session.client.listMcpServers({ query: queryOf(session), signal: session.signal });
        printList(session, page, {
          columns: [
            { title: "", value: ({ state }: McpServer) => state, shown: signOf },
            { title: "name", value: ({ name }) => name },
            { title: "tools", value: ({ tools }) => (tools === null ? "" : String(tools.length)) },
            { title: "about", value: ({ error, description }) => error ?? description ?? "", optional: 1 },
            { title: "runs", value: ({ target }) => target, optional: 3 },
            { title: "file", value: ({ file }) => file, optional: 2 },
          ],
          id: ({ name }) => name,
          empty: "no MCP servers yet: environments/default/mcp-servers/README.md says how to add one",
        });
        const { look, output } = session.err;
        for (const { file, ...problem } of page.problems)
          output.write(frame({ file, text: null }, problem as Parameters<typeof frame>[1], look));
        return page.problems.some(({ severity }) => severity === "error") ? EXIT.findings : EXIT.ok;
      }),
    );
  group
    .command("tools <server>")
    .summary("connect to a server and list its tools")
    .action(
      action<object, readonly [string]>(cli, async (session, _options, name) => {
        const asked = { params: { name }, query: queryOf(session), signal: session.signal };
        const { tools, state, error } = await session.client.getMcpServer(asked);
        printList(
          session,
          { items: tools ?? [], nextCursor: null },
          {
            columns: [
              { title: "name", value: (tool) => tool.name },
              { title: "", value: ({ readOnly }) => (readOnly ? "read-only" : "") },
              { title: "about", value: ({ description }) => description, optional: 1 },
            ],
            id: (tool) => tool.name,
            empty:
              error ??
              (state === "disabled" ? "the server is disabled in its file" : "the server has no tools"),
          },
        );
        return tools === null ? EXIT.error : EXIT.ok;
      }),
    );
}

function queryOf({ environment }: Session) {
  return environment === null ? {} : { environment };
}

function signOf({ state }: McpServer, look: Session["out"]["look"]): string {
  const isBroken = state === "failing" || state === "unusable";
  return `${look.glyph(state === "ready" ? "SUCCEEDED" : isBroken ? "FAILED" : "PENDING")} ${state}`;
}
