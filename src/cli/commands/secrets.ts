import type { Command } from "commander";
import { action, type Cli } from "../action.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { printDone, printList } from "../output/print.ts";
import type { Session } from "../session.ts";

/** `secrets list|rotate`: what is kept encrypted, and by which key. */
export function addSecretCommands(program: Command, cli: Cli): void {
  const group = program
    .command("secrets")
    .helpGroup("Serve:")
    .summary("which secrets are under which key, and move them to the newest")
    .description(
      "Secrets of hooks and subscriptions are encrypted with STATION_SECRET_KEYS, of which the first encrypts and all " +
        "decrypt. To replace a key: put the new one first in every process, `stn secrets rotate`, take the old one away.",
    );
  group
    .command("list", { isDefault: true })
    .summary("whose secrets are under an older key, or under none that is here")
    .action(action(cli, list));
  group
    .command("rotate")
    .summary("encrypt with the newest key what an older one has encrypted")
    .description("In portions; when it breaks off, do it again. Receivers and senders notice nothing.")
    .action(action(cli, rotate));
}

async function list(session: Session): Promise<ExitCode> {
  const { newest, older, unreadable } = await session.client.getSecrets({ signal: session.signal });
  const items = [
    ...unreadable.map((owner) => ({ owner, key: "none that is here" })),
    ...older.map((owner) => ({ owner, key: "older" })),
  ];
  printList(
    session,
    { items, nextCursor: null },
    {
      columns: [
        { title: "secret of", value: ({ owner }) => owner },
        { title: "key", value: ({ key }) => key },
      ],
      id: ({ owner }) => owner,
      empty: `all ${newest} are under the newest key`,
    },
  );
  return EXIT.ok;
}

async function rotate(session: Session): Promise<ExitCode> {
  const { client, signal } = session;
  let resealed = 0;
  for (;;) {
    const now = await client.resealSecrets({ body: {}, signal });
    resealed += now.resealed;
    if (now.older.length > 0 && now.resealed > 0) continue;
    const sentence = `${resealed} moved, ${now.newest} are under the newest key`;
    printDone(
      session,
      { ...now, resealed },
      { id: () => String(resealed), row: [String(resealed)], sentence },
    );
    const left = [...now.older, ...now.unreadable];
    if (left.length === 0) return EXIT.ok;
    throw new CliError(
      EXIT.findings,
      now.older.length > 0
        ? `${now.older.length} were changed at the same moment: do it again`
        : `no key that is here opens what is kept of ${left.join(", ")}: put the key back, or give them new secrets`,
    );
  }
}
