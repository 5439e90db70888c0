import { Argument, type Command } from "commander";
import type { RunStatus } from "../../core/run/run.ts";
import { isoTime } from "../../core/time.ts";
import { ApiError } from "../../http/client/errors.ts";
import type { BulkResult } from "../../http/schemas/bulk.ts";
import { action, type Cli } from "../action.ts";
import { confirm } from "../confirm.ts";
import { EXIT, type ExitCode, usage } from "../errors.ts";
import { inEnvironment, pastMoment, statusNamed } from "../options.ts";
import { printValue } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";

const ACTIONS = ["pause", "resume", "cancel", "rerun"] as const;
type Action = (typeof ACTIONS)[number];

type Options = {
  readonly workflow?: string;
  readonly status?: readonly RunStatus[];
  readonly since?: (now: number) => number;
  readonly matching?: string;
  readonly reason?: string;
  readonly dryRun?: true;
  readonly yes?: true;
};

/** `runs bulk`: the same done to all runs of a filter, after saying how many they are. */
export function addBulkCommand(parent: Command, cli: Cli): Command {
  return parent
    .command("bulk")
    .addArgument(new Argument("<action>", "what to do").choices(ACTIONS))
    .summary("pause, resume, cancel or rerun all runs of a filter")
    .option("--workflow <id>", "of this workflow")
    .option("--status <status>", "in this status; may be repeated", statusNamed)
    .option("--since <time>", 'started since then: "2h", "3d", or a date', pastMoment)
    .option("--matching <text>", "with this in their id, workflow, starter, labels, error or input values")
    .option("-m, --reason <text>", "why")
    .option("--dry-run", "only say how many they are")
    .option("--yes", "without being asked")
    .action(action<Options>(cli, bulk));
}

async function bulk(session: Session, options: Options, given?: string): Promise<ExitCode> {
  const { client, signal, environment, deps } = session;
  const verb = requiredArgument(given) as Action;
  const filter = {
    ...(options.workflow !== undefined && { workflowId: options.workflow }),
    ...(options.status && { status: [...options.status] }),
    ...(options.since && { startedAfter: isoTime(options.since(deps.now())) }),
    ...(options.matching !== undefined && { q: options.matching }),
  };
  const within = inEnvironment(environment);
  if (Object.keys(filter).length === 0)
    throw usage(`${verb} which runs?`, "--workflow, --status, --since or --matching say which");
  const preview = await client.bulkRuns({ body: { ...within, action: verb, filter, dryRun: true }, signal });
  const runs = `${preview.matching} run${preview.matching === 1 ? "" : "s"}`;
  if (options.dryRun || preview.matching === 0) {
    session.say(preview.matching === 0 ? `there is nothing to ${verb}` : `${verb} would change ${runs}`);
    report(session, preview);
    return EXIT.ok;
  }
  if (!options.yes) await confirm(session, `${verb} ${runs}?`);
  const why = options.reason === undefined ? {} : { reason: options.reason };
  let total: BulkResult = { ...preview, dryRun: false, items: [] };
  const brokenOff = (error: unknown): never => {
    if (!(error instanceof ApiError)) session.say("what was asked last may be done all the same");
    tell(session, verb, total);
    throw error;
  };
  while (total.remaining > 0) {
    // Only the first portion is bound to what was agreed to: behind it the number has changed by what was done.
    const bound = total.items.length === 0 ? { expect: preview.matching } : {};
    const body = { ...within, action: verb, filter, ...why, ...bound };
    const result = await client.bulkRuns({ body, signal }).catch(brokenOff);
    total = {
      ...total,
      done: total.done + result.done,
      refused: total.refused + result.refused,
      remaining: result.remaining,
      items: [...total.items, ...result.items],
    };
    // Runs that refuse, and finished runs that are run again, stay in the filter: going on would meet them anew.
    if (verb === "rerun" || result.done === 0 || result.refused > 0) break;
  }
  tell(session, verb, total);
  return total.refused > 0 ? EXIT.conflict : EXIT.ok;
}

function tell(session: Session, verb: Action, total: BulkResult): void {
  for (const { run, detail } of total.items) if (detail !== null) session.say(`${run.runId}: ${detail}`);
  const { done, refused, remaining } = total;
  session.say(`${verb}: ${done} done, ${refused} refused${remaining > 0 ? `, ${remaining} left alone` : ""}`);
  report(session, total);
}

function report(session: Session, result: BulkResult): void {
  switch (session.format) {
    case "json":
    case "yaml":
    case "jsonl":
      printValue(session, result, () => "");
      return;
    case "id":
    case "table":
      for (const { run, newRunId } of result.items) session.write(`${newRunId ?? run.runId}\n`);
  }
}
