import type { Command } from "commander";
import { action, type Cli } from "../action.ts";
import type { DevOptions } from "../deps.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import type { Session } from "../session.ts";
import { type Listening, listening, servingOf } from "./serve.ts";

type Options = Listening & {
  /** False after `--no-open`. */
  readonly open: boolean;
};

/** `dev`: everything in this process. */
export function addDevCommand(program: Command, cli: Cli): void {
  listening(program.command("dev").helpGroup("Start here:"))
    .option("--no-open", "leave the browser closed (BROWSER=none does so always)")
    .summary("everything in one process, watching the environments; opens the browser")
    .description(
      "API, worker, web UI and file watching in one process; no NATS server and no database server needed. On a " +
        "terminal it opens the browser.",
    )
    .action(action<Options>(cli, dev));
}

async function dev(session: Session, options: Options): Promise<ExitCode> {
  const listening: DevOptions["listening"] = ({ hasPages, ...served }) => {
    const url = reachable(served.url);
    session.say(`Station is at ${url}${hasPages ? "" : "/api/v1, without its web UI"} – Ctrl-C ends it`);
    sayWhereCommandsGo(session, url);
    if (!hasPages || !options.open || !isSeen(session)) return;
    session.deps.openBrowser(url, (reason) =>
      session.say(`the browser did not open (${reason}): open ${url} yourself`),
    );
  };
  await session.deps.starters.dev({ ...servingOf(session, options), listening });
  return EXIT.ok;
}

/** Whether somebody sits before this terminal, and has a browser that may be opened. */
function isSeen({ canAsk, deps: { terminal } }: Session): boolean {
  const { BROWSER: browser, CI: ci } = terminal.env;
  return canAsk && terminal.stdout.isTty && !ci && browser !== "none";
}

/** Whoever starts a server takes the next command to be about it. */
function sayWhereCommandsGo(session: Session, url: string): void {
  const goesTo = placeOf(session)?.url;
  if (goesTo === undefined || originOf(goesTo.value) === originOf(url)) return;
  const { value, from } = goesTo;
  session.say(`commands go to ${value} (${from ?? "the default"}): --url ${url} sends them here`);
}

/** Where it cannot be said, the commands themselves say why. */
function placeOf(session: Session): Session["place"] | null {
  try {
    return session.place;
  } catch {
    return null;
  }
}

function originOf(url: string): string {
  return new URL(url.replace(/\/\/(?:127\.0\.0\.1|\[::1\])(?=:)/, "//localhost")).origin;
}

/** An address that means every one of this machine's leads nowhere in some browsers. */
function reachable(url: string): string {
  return url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/, "//localhost");
}
