import type { Command } from "commander";
import type { WorkflowRow } from "../../http/schemas/workflows.ts";
import { action, type Cli } from "../action.ts";
import { EXIT } from "../errors.ts";
import { inEnvironment, limitOption, versionNumber } from "../options.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import type { Look } from "../terminal/look.ts";
import { STATUS } from "../terminal/status.ts";
import { clean, oneLine } from "../terminal/text.ts";
import { duration, moment } from "../terminal/time.ts";
import { addGraphCommand } from "./graph.ts";
import { addVersionCommands } from "./workflow-versions.ts";

/** `workflow list|show|versions|diff|rollback|enable|disable`. */
export function addWorkflowCommands(program: Command, cli: Cli): void {
  const group = program
    .command("workflow")
    .helpGroup("Author:")
    .summary("list, compare, roll back, disable workflows");
  group
    .command("list", { isDefault: true })
    .summary("list workflows")
    .addOption(limitOption())
    .action(
      action<{ readonly limit: number }>(cli, async (session, { limit }) => {
        const query = { limit, ...inEnvironment(session.environment) };
        const page = await session.client.listWorkflows({ query, signal: session.signal });
        printList(session, page, shapeOf(session));
        return EXIT.ok;
      }),
    );
  group
    .command("show <id>")
    .alias("export")
    .summary("show a workflow's text and where it stands; > file keeps the text")
    .option("--version <n>", "this version instead of the current one", versionNumber)
    .action(action<{ readonly version?: number }>(cli, show));
  addVersionCommands(group, cli);
  addGraphCommand(group, cli);
  for (const verb of ["enable", "disable"] as const)
    group
      .command(`${verb} <id>`)
      .summary(verb === "enable" ? "let it be started again" : "refuse new runs; those that have begun go on")
      .action(
        action(cli, async (session, _options, given) => {
          const asked = {
            params: { id: requiredArgument(given) },
            query: inEnvironment(session.environment),
            signal: session.signal,
          };
          const { client } = session;
          const workflow =
            verb === "enable" ? await client.enableWorkflow(asked) : await client.disableWorkflow(asked);
          const { id, status } = workflow;
          printDone(session, workflow, { id: () => id, row: [id, status], sentence: `${id} is ${status}` });
          return EXIT.ok;
        }),
      );
}

const STATE_SENTENCES: Readonly<Record<WorkflowRow["syncState"], string>> = {
  "in-sync": "",
  none: "",
  "file-newer": "says something else than the current version: stn sync takes it",
  "file-missing": "is not there any more",
  invalid: "is invalid, so the version before it stays: stn validate says why",
};

async function show(session: Session, { version }: { readonly version?: number }, given?: string) {
  const { client, signal } = session;
  const id = requiredArgument(given);
  const query = inEnvironment(session.environment);
  const workflow =
    version === undefined
      ? await client.getWorkflow({ params: { id }, query, signal })
      : await client.getWorkflowVersion({ params: { id, version }, query, signal });
  if (session.format !== "table") {
    printValue(session, workflow, () => id);
    return EXIT.ok;
  }
  const { name, status, environment, origin, updatedAt, validation } = workflow;
  const at = moment(Date.parse(updatedAt), session.deps.now(), session.time);
  session.say(
    `${id} v${workflow.version}  ${oneLine(name)}  ${status} in ${environment}, from ${origin}, ${at}`,
  );
  if (workflow.disabled) {
    const { by, because } = workflow.disabled;
    session.say(`disabled by ${oneLine(by)}${because === "file-missing" ? ": its file is gone" : ""}`);
  }
  const differs = STATE_SENTENCES[workflow.syncState];
  if (differs) session.say(`note: ${origin} ${differs}`);
  for (const { line, message } of validation.warnings)
    session.say(`warning: line ${line}: ${oneLine(message)}`);
  session.write(clean(workflow.source).replace(/\n*$/, "\n"));
  return EXIT.ok;
}

function shapeOf(session: Session) {
  const now = session.deps.now();
  return {
    columns: [
      { title: "id", value: ({ id }: WorkflowRow) => id },
      { title: "version", value: ({ version }: WorkflowRow) => `v${version}` },
      { title: "status", value: ({ status }: WorkflowRow) => status, optional: 3 },
      {
        title: "last run",
        value: ({ lastRunAt, lastStatus }: WorkflowRow) =>
          lastRunAt === null || lastStatus === null
            ? ""
            : `${STATUS[lastStatus].word} ${moment(Date.parse(lastRunAt), now, session.time)}`,
        optional: 1,
      },
      {
        title: "success",
        value: ({ successRate30d: rate }: WorkflowRow) => (rate === null ? "" : `${Math.round(rate * 100)}%`),
        align: "right" as const,
        optional: 4,
      },
      {
        title: "p50",
        value: ({ p50Ms }: WorkflowRow) => (p50Ms === null ? "" : duration(p50Ms)),
        align: "right" as const,
        optional: 5,
      },
      { title: "name", value: ({ name }: WorkflowRow) => name, optional: 2 },
      {
        title: "file",
        value: ({ syncState }: WorkflowRow) => syncState,
        shown: ({ syncState }: WorkflowRow, look: Look) => shownState(syncState, look),
        optional: 6,
      },
    ],
    id: ({ id }: WorkflowRow) => id,
    empty: "no workflows yet: write environments/default/workflows/hello.workflow.yaml, then stn sync",
  };
}

/** What is as it should be goes without saying. */
function shownState(state: WorkflowRow["syncState"], look: Look): string {
  return state === "in-sync" || state === "none" ? "" : look.paint("yellow", state.replace("-", " "));
}
