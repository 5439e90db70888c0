import type { Command } from "commander";
import { workflowSchema } from "../../core/definition/language/workflow-schema.ts";
import { action, type Cli } from "../action.ts";
import { EXIT } from "../errors.ts";
import { printValue } from "../output/print.ts";
import { describeSchema, findSchema } from "../output/schema-doc.ts";

/** `schema`: how workflows are written, from the schema that editors check with; needs no server. */
export function addSchemaCommand(program: Command, cli: Cli): void {
  program
    .command("schema [path]")
    .helpGroup("Author:")
    .summary("how workflows are written: all keys, or those of `foreach`, `agent.retry` …")
    .description(
      "How workflows are written. A path names a state type or a key: `foreach`, `agent.retry`, `schedule`.\n" +
        "--json prints the JSON Schema (draft 2020-12), for editors: stn schema --json > workflow.schema.json",
    )
    .action(
      action(cli, async (session, _options, path) => {
        const found = findSchema(path ?? "");
        if (session.format !== "table")
          printValue(session, path === undefined ? workflowSchema : found.schema, () => path ?? "workflow");
        else session.write(describeSchema(found, session.out.look, session.out.width()));
        return EXIT.ok;
      }),
    );
}
