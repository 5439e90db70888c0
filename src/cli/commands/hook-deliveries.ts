import type { Command } from "commander";
import type { HookDeliveryRow, HookTrialResult } from "../../http/schemas/hooks.ts";
import { action, type Cli, collect } from "../action.ts";
import { EXIT, type ExitCode, usage } from "../errors.ts";
import { resolveDelivery, resolveHook } from "../ids.ts";
import { readJson } from "../input.ts";
import { limitOption } from "../options.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import type { Column } from "../output/table.ts";
import { requiredArgument, type Session } from "../session.ts";
import { moment } from "../terminal/time.ts";

type TestOptions = {
  readonly body: string;
  readonly header?: readonly string[];
  readonly query?: readonly string[];
};

/** What hooks received, and what they would make of something. */
export function addDeliveryCommands(hooks: Command, cli: Cli): void {
  hooks
    .command("deliveries <hook> [id]")
    .summary("list the latest events that a hook believed, or show one as it came")
    .addOption(limitOption())
    .action(action<{ readonly limit: number }>(cli, deliveries));
  hooks
    .command("redeliver <hook> <id>")
    .summary("do with an event again what the hook does by now; @last is the latest")
    .action(action(cli, redeliver));
  hooks
    .command("test <hook>")
    .summary("show what would come of an event; nothing is started")
    .requiredOption("-b, --body <json>", "the event: JSON, @file, or - for what is piped in")
    .option("--header <name=value>", "a header that comes with it (several times)", collect)
    .option("--query <name=value>", "a query parameter (several times)", collect)
    .action(action<TestOptions>(cli, test));
}

async function deliveries(
  session: Session,
  { limit }: { readonly limit: number },
  given?: string,
  id?: string,
): Promise<ExitCode> {
  const { client, signal } = session;
  const { hookId, name } = await resolveHook(session, requiredArgument(given));
  if (id !== undefined) {
    const deliveryId = await resolveDelivery(session, hookId, id);
    printValue(
      session,
      await client.getHookDelivery({ params: { hookId, deliveryId }, signal }),
      () => deliveryId,
    );
    return EXIT.ok;
  }
  const page = await client.listHookDeliveries({ params: { hookId }, query: { limit }, signal });
  printList(session, page, {
    columns: columnsOf(session),
    id: ({ deliveryId }) => deliveryId,
    empty: `hook ${name} has believed nothing yet; requests that it did not believe are in the server's log`,
  });
  return EXIT.ok;
}

async function redeliver(
  session: Session,
  _options: unknown,
  given?: string,
  id?: string,
): Promise<ExitCode> {
  const { hookId } = await resolveHook(session, requiredArgument(given));
  const deliveryId = await resolveDelivery(session, hookId, requiredArgument(id));
  const params = { hookId, deliveryId };
  const done = await session.client.redeliverHook({ params, signal: session.signal });
  printDone(session, done, {
    id: (one) => one.deliveryId,
    row: [done.deliveryId, done.status, done.runId ?? ""],
    sentence: `${deliveryId} was done again: ${resultOf(done)}`,
  });
  return done.status === "FAILED" ? EXIT.findings : EXIT.ok;
}

async function test(session: Session, options: TestOptions, given?: string): Promise<ExitCode> {
  const { hookId } = await resolveHook(session, requiredArgument(given));
  const body = {
    body: await readJson(session, options.body, "--body"),
    headers: pairsOf("--header", options.header),
    query: pairsOf("--query", options.query),
  };
  const tried = await session.client.testHook({ params: { hookId }, body, signal: session.signal });
  printValue(session, tried, ({ outcome }) => outcome);
  session.say(verdictOf(tried));
  for (const { pointer, message, hint } of tried.errors)
    session.say(`${pointer}: ${message}${hint === undefined ? "" : ` (${hint})`}`);
  return tried.outcome === "failed" ? EXIT.findings : EXIT.ok;
}

function verdictOf({ outcome, workflowId, signal, runId, ignored }: HookTrialResult): string {
  switch (outcome) {
    case "start-run":
      return `this would start ${workflowId}`;
    case "signal":
      return `this would send signal ${signal} to ${runId}`;
    case "ignored":
      return `nothing would come of this: ${ignored}`;
    case "failed":
      return "this would be refused:";
  }
}

function pairsOf(option: string, pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw usage(`${option} ${pair} has no name and value`, `${option} name=value`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function columnsOf({ deps, time }: Session): readonly Column<HookDeliveryRow>[] {
  return [
    { title: "delivery", value: ({ deliveryId }) => deliveryId },
    {
      title: "received",
      value: ({ receivedAt }) => receivedAt,
      shown: ({ receivedAt }) => moment(Date.parse(receivedAt), deps.now(), time),
    },
    { title: "event", value: ({ eventType }) => eventType ?? "", optional: 2 },
    { title: "status", value: ({ status }) => status },
    { title: "what came of it", value: resultOf },
    { title: "again by", value: ({ redeliveredBy }) => redeliveredBy ?? "", optional: 3 },
  ];
}

function resultOf({ status, runId, repeated, reason, errors }: HookDeliveryRow): string {
  if (runId !== null) return repeated ? `${runId}, as before` : runId;
  const [first] = errors;
  if (reason !== null) return first ? `${reason}: ${first.pointer}: ${first.message}` : reason;
  return status === "INTERRUPTED" ? "its process died; another finishes it" : "";
}
