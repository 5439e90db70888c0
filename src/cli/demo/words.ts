import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { SyncReport } from "../../engine/sync.ts";
import type { Run } from "../../http/schemas/runs.ts";
import type { Look } from "../terminal/look.ts";
import { clean } from "../terminal/text.ts";

const MOST_LINES = 14;

/** What the demonstration says before the run: what was started, and what is about to happen. */
export function greeting({
  look,
  server,
  report,
  workflow,
  input,
}: {
  readonly look: Look;
  readonly server: { readonly url: string; readonly dataDir: string };
  readonly report: SyncReport;
  readonly workflow: string;
  readonly input: JsonObject;
}): readonly string[] {
  const count = (kind: string) =>
    report.rows.filter((row) => row.kind === kind && row.result !== "invalid").length;
  const servers = count("mcp-server") === 0 ? "" : `, ${plural(count("mcp-server"), "MCP server")}`;
  const done = look.glyph("SUCCEEDED");
  return [
    "",
    `${look.paint("bold", "Station")}  durable workflows in which agents do the work`,
    "",
    `${done} started   ${server.url}   ${look.paint("dim", "one process: API, worker, queue, database file")}`,
    `${done} synced    environments/${report.environment}: ${plural(count("workflow"), "workflow")}, ${plural(count("agent"), "agent")}${servers}`,
    `${done} running   ${workflow} with ${Object.entries(input)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(" ")}`,
    look.paint(
      "dim",
      "  The agents are scripted, so no key is needed; everything around them is the real thing.",
    ),
    "",
  ];
}

/** What it says after the run: what is left of it, and where to go from here. */
export function farewell({
  look,
  run,
  events,
  mitigation,
  stn,
  workflow,
}: {
  readonly look: Look;
  readonly run: Run;
  /** How many events there are, counted one by one. */
  readonly events: number;
  readonly mitigation: JsonValue;
  readonly stn: string;
  readonly workflow: string;
}): readonly string[] {
  const isDone = run.status === "COMPLETED";
  const label = (text: string) => look.paint("bold", text.padEnd(14));
  return [
    "",
    `${label("Audit trail")}${plural(events, "event")}, in order and without a gap; what you saw is folded from them`,
    ...(mitigation === null ? [] : [...labelled(label("Mitigation"), mitigation)]),
    ...(isDone ? [] : [`${label("Ended")}${look.paint("red", run.status)}, so this exits with 1`]),
    "",
    look.paint("bold", "Where to go next"),
    `  npm start                 ${look.paint("dim", "the server, to stay: http://localhost:8585")}`,
    `  ${stn} run ${workflow} -f namespace=production -f service=checkout --follow`,
    `  ${stn} --help`,
    look.paint(
      "dim",
      `  environments/default/workflows/${workflow}.workflow.yaml is the workflow; change it and start it again`,
    ),
    "",
  ];
}

function labelled(label: string, value: JsonValue): readonly string[] {
  const [first = "", ...rest] = clean(JSON.stringify(value, null, 2)).split("\n");
  const shown = rest.length > MOST_LINES ? [...rest.slice(0, MOST_LINES), "  …"] : rest;
  return [`${label}${first}`, ...shown.map((line) => `${" ".repeat(14)}${line}`)];
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
