import type { Command } from "commander";
import type { Agent } from "../../http/schemas/system.ts";
import { action, type Cli } from "../action.ts";
import { EXIT } from "../errors.ts";
import { printList } from "../output/print.ts";

/** `agents list`. */
export function addAgentCommands(program: Command, cli: Cli): void {
  const group = program.command("agents").helpGroup("Author:").summary("list the agents of an environment");
  group
    .command("list", { isDefault: true })
    .summary("list agents, their models and what is wrong with them")
    .action(
      action(cli, async (session) => {
        const query = session.environment === null ? {} : { environment: session.environment };
        const page = await session.client.listAgents({ query, signal: session.signal });
        printList(session, page, {
          columns: [
            {
              title: "",
              value: ({ problems }: Agent) => (problems.some(isError) ? "unusable" : "ok"),
              shown: ({ problems }, look) => look.glyph(problems.some(isError) ? "FAILED" : "SUCCEEDED"),
            },
            { title: "name", value: ({ name }) => name },
            { title: "model", value: ({ model, simulated }) => (simulated ? `${model} (simulated)` : model) },
            {
              title: "about",
              value: (agent) => agent.problems[0]?.message ?? agent.description ?? "",
              optional: 1,
            },
            { title: "file", value: ({ file }) => file, optional: 2 },
          ],
          id: ({ name }) => name,
          empty: "no agents yet: write environments/default/agents/hello.prompt",
        });
        return EXIT.ok;
      }),
    );
}

function isError({ severity }: Agent["problems"][number]): boolean {
  return severity === "error";
}
