import type { Command } from "commander";
import { isObject, type JsonObject } from "../../core/json.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { action, type Cli } from "../action.ts";
import { EXIT, type ExitCode, usage } from "../errors.ts";
import { resolveApproval, resolveRun } from "../ids.ts";
import { readJson } from "../input.ts";
import { inEnvironment, limitOption } from "../options.ts";
import { printDone, printList } from "../output/print.ts";
import type { Column } from "../output/table.ts";
import { requiredArgument, type Session } from "../session.ts";
import { oneLine } from "../terminal/text.ts";
import { moment } from "../terminal/time.ts";
import { showApproval } from "./show-approval.ts";

type ListOptions = {
  readonly all?: true;
  readonly mine?: true;
  readonly run?: string;
  readonly limit: number;
};
type Choice = { readonly message?: string; readonly dryRun?: true; readonly args?: string };
type Handover = { readonly to: string; readonly message?: string };
type Item = {
  readonly approvalId: string;
  readonly decision: Verb;
  readonly digest: string;
  readonly comment?: string;
};
type Ids = readonly [readonly string[]];
type Verb = "approve" | "reject";

/** `approvals list|show|delegate`, `approve`, `reject`. */
export function addApprovalCommands(program: Command, cli: Cli): void {
  const group = program.command("approvals").helpGroup("Operate:").summary("list what waits for people");
  group
    .command("list", { isDefault: true })
    .summary("list open approvals, newest first")
    .option("--all", "decided ones too")
    .option("--mine", "only those that wait for you")
    .option("--run <id>", "of this run")
    .addOption(limitOption())
    .action(action<ListOptions>(cli, list));
  group
    .command("show <id>")
    .summary("show what is asked, what follows, and who may decide")
    .action(action(cli, (session, _options, id) => showApproval(session, id)));
  group
    .command("delegate <id>")
    .summary("let somebody else speak for you")
    .requiredOption("--to <user>", "user:…; yourself to take your voice back")
    .option("-m, --message <text>", "why")
    .action(action<Handover>(cli, delegate));
  program
    .command("approve <id...>")
    .helpGroup("Operate:")
    .summary("approve; an id may be a beginning of it, or @last")
    .option("-m, --message <text>", "a comment, kept with the decision")
    .option("--args <json>", "approve a tool call with these arguments instead")
    .option("--dry-run", "only say what would come of it")
    .action(action<Choice, Ids>(cli, (session, options, ids) => decide(session, "approve", options, ids)));
  program
    .command("reject <id...>")
    .helpGroup("Operate:")
    .summary("reject; an id may be a beginning of it, or @last")
    .requiredOption("-m, --message <text>", "why; kept with the decision")
    .option("--dry-run", "only say what would come of it")
    .action(action<Choice, Ids>(cli, (session, options, ids) => decide(session, "reject", options, ids)));
}

async function list(session: Session, { all, mine, run, limit }: ListOptions): Promise<ExitCode> {
  const { client, signal } = session;
  const query = { limit, ...(!all && { status: ["PENDING" as const] }), ...(mine && { mine }) };
  const page =
    run === undefined
      ? await client.listApprovals({ query: { ...query, ...inEnvironment(session.environment) }, signal })
      : await client.listRunApprovals({ params: { runId: await resolveRun(session, run) }, query, signal });
  const columns = columnsOf(session);
  printList(session, page, {
    columns,
    id: ({ approvalId }) => approvalId,
    empty: "nothing waits for anybody",
  });
  return EXIT.ok;
}

/** The digest of what was fetched goes with the decision: something else cannot be decided by it. */
async function decide(
  session: Session,
  verb: Verb,
  { message, dryRun, args }: Choice,
  given: readonly string[],
): Promise<ExitCode> {
  const { client, signal } = session;
  const items: Item[] = [];
  for (const text of given) {
    const params = { approvalId: await resolveApproval(session, text) };
    const { digest, message: question } = await client.getApproval({ params, signal });
    session.say(oneLine(question));
    items.push({
      approvalId: params.approvalId,
      decision: verb,
      digest,
      ...(message !== undefined && { comment: message }),
    });
  }
  const [only] = items;
  if (args !== undefined && (items.length !== 1 || dryRun))
    throw usage("--args changes the arguments of one call", "stn approve <id> --args '{…}'");
  if (items.length === 1 && only && !dryRun) {
    const { approvalId, decision: _, ...said } = only;
    const body = { ...said, ...(args !== undefined && { args: await argsIn(session, args) }) };
    const asked = { params: { approvalId }, body, signal };
    return told(session, verb === "approve" ? await client.approve(asked) : await client.reject(asked));
  }
  const result = await client.decideApprovals({ body: { items, ...(dryRun && { dryRun }) }, signal });
  for (const { approvalId, isAccepted, detail } of result.items)
    session.say(`${approvalId}: ${isAccepted ? (dryRun ? "would be accepted" : "accepted") : detail}`);
  const refused = items.length - result.accepted;
  const sentence = `${result.accepted} accepted, ${refused} refused${dryRun ? " – nothing was done" : ""}`;
  const row = [String(result.accepted), String(refused)];
  printDone(session, result, {
    id: () => items.map(({ approvalId }) => approvalId).join("\n"),
    row,
    sentence,
  });
  return refused > 0 ? EXIT.conflict : EXIT.ok;
}

async function argsIn(session: Session, text: string): Promise<JsonObject> {
  const value = await readJson(session, text, "--args");
  if (isObject(value)) return value;
  throw usage("the arguments of a tool call are a JSON object", `--args '{"name": "value"}'`);
}

function told(session: Session, approval: Approval): ExitCode {
  const { approvalId, runId, state, status, decisions, tally } = approval;
  const by = decisions.at(-1)?.by ?? "you";
  const done = status === "PENDING" ? `one voice of several, ${tally.text},` : status.toLowerCase();
  const sentence = `${state} of ${runId}: ${done} by ${by}`;
  printDone(session, approval, { id: () => approvalId, row: [approvalId, status], sentence });
  return EXIT.ok;
}

async function delegate(session: Session, { to, message }: Handover, given?: string): Promise<ExitCode> {
  const approvalId = await resolveApproval(session, requiredArgument(given));
  const body = { to, ...(message !== undefined && { comment: message }) };
  const { client, signal } = session;
  const approval = await client.delegateApproval({ params: { approvalId }, body, signal });
  const isHeld = approval.delegations.some((one) => one.to === to);
  const sentence = isHeld
    ? `${to} may speak for you on ${approvalId}`
    : `your voice on ${approvalId} is yours again`;
  printDone(session, approval, { id: () => approvalId, row: [approvalId, approval.status], sentence });
  return EXIT.ok;
}

function columnsOf(session: Session): readonly Column<Approval>[] {
  const now = session.deps.now();
  const at = (time: string | null) => (time === null ? "" : moment(Date.parse(time), now, session.time));
  return [
    {
      title: "",
      value: ({ status }) => status,
      shown: ({ status }, look) => look.glyph(SHOWN[status]),
    },
    { title: "approval", value: ({ approvalId }) => approvalId },
    { title: "question", value: ({ title, message }) => title ?? message, optional: 1 },
    { title: "run", value: ({ runId }) => runId, optional: 4 },
    { title: "workflow", value: ({ workflowId }) => workflowId, optional: 3 },
    { title: "for", value: ({ approvers }) => approvers.join(", ") || "anyone", optional: 5 },
    { title: "so far", value: ({ tally }) => `${tally.given}/${tally.needed}`, optional: 6 },
    { title: "expires", value: ({ expiresAt }) => at(expiresAt), optional: 2 },
  ];
}

const SHOWN = {
  PENDING: "WAITING_APPROVAL",
  APPROVED: "SUCCEEDED",
  REJECTED: "FAILED",
  EXPIRED: "TIMED_OUT",
  CANCELLED: "CANCELLED",
} as const;
