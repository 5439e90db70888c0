import { stringify } from "yaml";
import { hiddenIn } from "../../core/view/called.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { resolveApproval } from "../ids.ts";
import { printValue } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import { clean, oneLine } from "../terminal/text.ts";
import { moment } from "../terminal/time.ts";

/** `approvals show`: everything somebody must know before they decide. */
export async function showApproval(session: Session, given: string | undefined): Promise<ExitCode> {
  const { client, signal } = session;
  const approvalId = await resolveApproval(session, requiredArgument(given));
  const approval = await client.getApproval({ params: { approvalId }, signal });
  if (session.format !== "table") printValue(session, approval, () => approvalId);
  else session.write(`${linesOf(session, approval).join("\n")}\n`);
  return EXIT.ok;
}

function linesOf(session: Session, approval: Approval): readonly string[] {
  const { look } = session.out;
  const now = session.deps.now();
  const at = (time: string) => moment(Date.parse(time), now, session.time);
  const { consequence, mayDecide, decisions, delegations, expiresAt, tally, you } = approval;
  const fact = (name: string, text: string) => `${look.paint("dim", name.padEnd(16))}${oneLine(text)}`;
  const evidence = approval.summary === null ? [] : ["", ...indented(evidenceText(approval.summary))];
  const hidden = hiddenIn(approval);
  return [
    look.paint("bold", oneLine(approval.title ?? approval.message)),
    ...(approval.title === null ? [] : [oneLine(approval.message)]),
    ...evidence,
    ...(hidden === null ? [] : ["", look.paint("yellow", hidden)]),
    "",
    fact("approval", `${approval.approvalId}, ${approval.status.toLowerCase()}`),
    fact(
      "run",
      `${approval.runId} of ${approval.workflowId} v${approval.workflowVersion}, by ${approval.startedBy}`,
    ),
    ...(consequence
      ? [
          fact("if approved", consequence.approved.text),
          ...consequence.approved.actions.flatMap(({ state, task }) =>
            task === null ? [] : [fact("", `${state}: ${task}`)],
          ),
          fact("if rejected", consequence.rejected.text),
          fact("if nobody acts", `${consequence.expired.text}${expiresAt ? `, ${at(expiresAt)}` : ""}`),
        ]
      : []),
    fact("may decide", mayDecide.text),
    ...mayDecide.excluded.map(({ who, because }) => fact("", `not ${who}, who ${because}`)),
    ...(mayDecide.veto.length > 0 ? [fact("may veto", mayDecide.veto.join(", "))] : []),
    fact("so far", tally.text),
    ...decisions.map(({ decision, by, comment, voided }) =>
      fact(
        "",
        `${by}: ${decision}${comment ? `, "${comment}"` : ""}${voided ? ` (does not count: ${voided})` : ""}`,
      ),
    ),
    ...delegations.map(({ from, to }) => fact("", `${to} speaks for ${from}`)),
    fact("you", you.mayApprove ? "may decide" : `may not approve: ${you.because ?? ""}`),
    fact("bound to", `sha256:${approval.digest}`),
  ];
}

function evidenceText(summary: Approval["summary"]): string {
  return typeof summary === "string" ? summary : stringify(summary);
}

/** Whatever was written by an agent is shown as data: no control characters reach the terminal. */
function indented(text: string): readonly string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `  ${clean(line)}`);
}
