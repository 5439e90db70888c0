import { child } from "../core/path.ts";
import type { SyncReport } from "../engine/sync.ts";
import { type Client, createClient } from "../http/client.ts";
import type { Run } from "../http/schemas/runs.ts";
import { DemoDesk } from "./demo/desk.ts";
import { farewell, greeting } from "./demo/words.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./errors.ts";
import { eventLines, liveTree } from "./follow/display.ts";
import { followRun } from "./follow/follow-run.ts";
import { frame } from "./output/frame.ts";
import { describeError } from "./output/problem.ts";
import { type Look, lookOf } from "./terminal/look.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** What the demonstration needs; `main/` wires it. */
export type DemoDeps = {
  readonly terminal: Terminal;
  readonly now: () => number;
  /** Aborts when the person has had enough. */
  readonly interrupt: AbortSignal;
  /** Starts all of Station in this process, on a free port, with a data directory of its own. */
  readonly startServer: () => Promise<DemoServer>;
  /** How `stn` is called from where the person is: `npx stn`. */
  readonly stn: string;
};

export type DemoServer = {
  readonly url: string;
  readonly dataDir: string;
  /** As whom the server takes this process. */
  readonly actor: string;
  /** Ends the server and removes its data. */
  readonly close: () => Promise<void>;
};

const WORKFLOW = "incident-triage";
const INPUT = { namespace: "production", service: "checkout" };

/** Runs the example workflow from nothing to its end before the person's eyes; 0 only if it completed. */
export async function demo(deps: DemoDeps): Promise<ExitCode> {
  const { terminal } = deps;
  const { stdout } = terminal;
  const look = lookOf(terminal, stdout, "auto");
  let url = "";
  try {
    const server = await deps.startServer();
    url = server.url;
    try {
      return await show(deps, server, look);
    } finally {
      await server.close();
    }
  } catch (error) {
    if (deps.interrupt.aborted) return EXIT.interrupted;
    const columns = stdout.isTty ? stdout.columns() : 100;
    stdout.write(describeError(error, { look, columns, url, verbose: true }));
    return exitCodeOf(error);
  }
}

async function show(deps: DemoDeps, server: DemoServer, look: Look): Promise<ExitCode> {
  const { terminal, now, interrupt } = deps;
  const { stdout } = terminal;
  const client = createClient({ baseUrl: server.url });
  const write = (lines: readonly string[]) =>
    stdout.write(`${lines.map((line) => look.typeset(line)).join("\n")}\n`);
  const report = await sync(client, interrupt);
  write(greeting({ look, server, report, workflow: WORKFLOW, input: INPUT }));
  if (report.rows.some(({ result }) => result === "invalid")) {
    writeFindings(terminal, report, look);
    return EXIT.findings;
  }
  const run = await client.startRun({ body: { workflowId: WORKFLOW, input: INPUT }, signal: interrupt });
  const leave = new AbortController();
  const signal = AbortSignal.any([interrupt, leave.signal]);
  const isInteractive = stdout.isTty && terminal.stdin.isTty;
  const desk = new DemoDesk({
    client,
    server,
    look,
    stn: deps.stn,
    isInteractive,
    write,
    leave: () => leave.abort(),
  });
  const stopKeys = isInteractive ? terminal.stdin.onKey((key) => desk.press(key)) : () => {};
  const address = `${server.url}/runs/${run.runId}`;
  const options = { output: stdout, look, address, now, extra: () => desk.lines() };
  try {
    const display = stdout.isTty ? liveTree(options) : eventLines(options);
    const { isOver } = await followRun(client, run, display, signal, (item) => desk.take(item));
    await desk.settled();
    if (!isOver) {
      write(["", "stopped; nothing of it is kept"]);
      return EXIT.interrupted;
    }
  } finally {
    stopKeys();
  }
  return finish(deps, client, run.runId, { look, write });
}

async function finish(
  { stn }: DemoDeps,
  client: Client,
  runId: string,
  { look, write }: { look: Look; write: (lines: readonly string[]) => void },
): Promise<ExitCode> {
  const run: Run = await client.getRun({ params: { runId } });
  const events = await countEvents(client, runId);
  const mitigation = child(child(run.context, "steps") ?? {}, "mitigation");
  write(farewell({ look, run, events, mitigation: mitigation ?? null, stn, workflow: WORKFLOW }));
  return run.status === "COMPLETED" ? EXIT.ok : EXIT.error;
}

/** Counts the audit trail and makes sure that nothing is missing from it. */
async function countEvents(client: Client, runId: string): Promise<number> {
  let seq = 0;
  for (;;) {
    const { items } = await client.listEvents({ params: { runId }, query: { after: seq, limit: 1000 } });
    if (items.length === 0) return seq;
    for (const item of items) {
      if (item.seq !== seq + 1) throw new Error(`the audit trail of ${runId} has no event ${seq + 1}`);
      seq = item.seq;
    }
  }
}

async function sync(client: Client, signal: AbortSignal): Promise<SyncReport> {
  return (await client.sync({ body: { environment: "default" }, signal })) as SyncReport;
}

function writeFindings({ stdout }: Terminal, report: SyncReport, look: Look): void {
  for (const { file, reason, diagnostics } of report.rows) {
    if (reason !== null) stdout.write(`${file}: ${reason}\n`);
    for (const diagnostic of diagnostics) stdout.write(frame({ file, text: null }, diagnostic, look));
  }
}
