import { type Command, InvalidArgumentError } from "commander";
import type { Finding } from "../../engine/ports/queries.ts";
import { action, type Cli } from "../action.ts";
import type { ServeOptions } from "../deps.ts";
import { EXIT } from "../errors.ts";
import { type ListShape, printList } from "../output/print.ts";
import type { Session } from "../session.ts";
import { oneLine, textWidth, wrap } from "../terminal/text.ts";

export type Listening = { readonly host?: string; readonly port?: number };

/** `serve`, `worker`, `migrate`, `doctor`: what runs in this process and touches the database. */
export function addServeCommands(program: Command, cli: Cli): void {
  const { starters } = cli.deps;
  listening(program.command("serve").helpGroup("Serve:"))
    .summary("serve the API; do the work too when no queue is configured")
    .description("Serves the API. Without STATION_NATS_URL the same process does the work.")
    .action(
      action<Listening>(cli, async (session, options) => {
        await starters.serve(servingOf(session, options));
        return EXIT.ok;
      }),
    );
  program
    .command("worker")
    .helpGroup("Serve:")
    .summary("do the work of an API elsewhere")
    .description("Runs steps for an API that shares this queue (STATION_NATS_URL) and database.")
    .action(
      action(cli, async (session) => {
        await starters.worker({ signal: session.signal });
        return EXIT.ok;
      }),
    );
  program
    .command("migrate")
    .helpGroup("Serve:")
    .summary("bring the database up to date")
    .action(action(cli, migrate));
  program
    .command("doctor")
    .helpGroup("Serve:")
    .summary("check database, queue and every invariant")
    .description(
      "Checks database, queue and every invariant that must always hold; exit code 1 when one does not.",
    )
    .action(action(cli, doctor));
}

async function migrate(session: Session) {
  const applied = await session.deps.starters.migrate();
  printList(
    session,
    { items: applied.map((name) => ({ name })), nextCursor: null },
    {
      columns: [{ title: "applied", value: ({ name }) => name }],
      id: ({ name }) => name,
      empty: "the database is up to date",
    },
  );
  return EXIT.ok;
}

async function doctor(session: Session) {
  const findings = await session.deps.starters.doctor();
  if (session.format === "table" && session.out.output.isTty)
    session.write(
      findings
        .flatMap((one) => findingLines(one, session.out))
        .map((line) => `${line}\n`)
        .join(""),
    );
  else printList(session, { items: findings, nextCursor: null }, FINDINGS);
  const failed = findings.filter(({ ok }) => !ok).length;
  session.say(failed === 0 ? "all is well" : `${failed} of ${findings.length} checks failed`);
  return failed === 0 ? EXIT.ok : EXIT.error;
}

const FINDINGS: ListShape<Finding> = {
  columns: [
    { title: "", value: ({ ok }) => (ok ? "ok" : "failed") },
    { title: "check", value: ({ check }) => check },
    { title: "detail", value: ({ detail }) => detail },
  ],
  id: ({ check }) => check,
  empty: "nothing was checked",
};

/** A check for people: nothing of what is wrong and what helps is cut off. */
function findingLines({ ok, check, detail }: Finding, { look, width }: Session["out"]): readonly string[] {
  const head = `${look.glyph(ok ? "SUCCEEDED" : "FAILED")}  ${oneLine(check)}`;
  const said = oneLine(detail);
  if (textWidth(head) + 2 + textWidth(said) <= width()) return [`${head}  ${look.paint("dim", said)}`];
  return [head, ...wrap(said, width() - 3).map((line) => `   ${look.paint("dim", line)}`)];
}

/** What every command that listens has. */
export function listening(command: Command): Command {
  return command
    .option("--port <port>", "listen here (default: PORT, else 8585); 0 takes a free one", portOf)
    .option("--host <host>", "listen on this address (default: HOST, else 127.0.0.1)");
}

export function servingOf({ signal }: Session, { host, port }: Listening): ServeOptions {
  return { signal, ...(host !== undefined && { host }), ...(port !== undefined && { port }) };
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is 0 to 65535.");
  return port;
}
