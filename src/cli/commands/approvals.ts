import type { Command } from "commander";
import type { Approval } from "../../http/schemas/approvals.ts";
import { action, type Cli } from "../action.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { resolveApproval, resolveRun } from "../ids.ts";
import { limitOption } from "../options.ts";
import { printDone, printList } from "../output/print.ts";
import type { Column } from "../output/table.ts";
import { requiredArgument, type Session } from "../session.ts";
import { oneLine } from "../terminal/text.ts";
import { moment } from "../terminal/time.ts";

type ListOptions = { readonly all?: true; readonly run?: string; readonly limit: number };
type Choice = { readonly message?: string };

/** `approvals list`, `approve`, `reject`. */
export function addApprovalCommands(program: Command, cli: Cli): void {
  program
    .command("approvals")
    .helpGroup("Operate:")
    .summary("list what waits for people")
    .command("list", { isDefault: true })
    .summary("list open approvals, newest first")
    .option("--all", "decided ones too")
    .option("--run <id>", "of this run")
    .addOption(limitOption())
    .action(action<ListOptions>(cli, list));
  program
    .command("approve <id>")
    .helpGroup("Operate:")
    .summary("approve; the id may be a beginning of it, or @last")
    .option("-m, --message <text>", "a comment, kept with the decision")
    .action(action<Choice>(cli, (session, options, id) => decide(session, "approve", options, id)));
  program
    .command("reject <id>")
    .helpGroup("Operate:")
    .summary("reject; the id may be a beginning of it, or @last")
    .requiredOption("-m, --message <text>", "why; kept with the decision")
    .action(action<Choice>(cli, (session, options, id) => decide(session, "reject", options, id)));
}

async function list(session: Session, { all, run, limit }: ListOptions): Promise<ExitCode> {
  const { client, signal } = session;
  const query = { limit, ...(!all && { status: ["PENDING" as const] }) };
  const page =
    run === undefined
      ? await client.listApprovals({ query, signal })
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
  verb: "approve" | "reject",
  { message }: Choice,
  given?: string,
): Promise<ExitCode> {
  const { client, signal } = session;
  const params = { approvalId: await resolveApproval(session, requiredArgument(given)) };
  const { digest, message: question } = await client.getApproval({ params, signal });
  session.say(oneLine(question));
  const body = { digest, ...(message !== undefined && { comment: message }) };
  const asked = { params, body, signal };
  const approval = verb === "approve" ? await client.approve(asked) : await client.reject(asked);
  const { approvalId, runId, state, status, decisions } = approval;
  const by = decisions.at(-1)?.by ?? "you";
  const done = status === "PENDING" ? "one voice of several" : status.toLowerCase();
  const sentence = `${state} of ${runId}: ${done} by ${by}`;
  printDone(session, approval, { id: () => approvalId, row: [approvalId, status], sentence });
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
